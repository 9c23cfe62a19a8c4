import { describe, expect, it } from 'vitest';
import { type Digest, digest, sources } from '../../examples/patterns/digest.ts';

/** What a module of the pattern with futures exports. */
interface Futures {
  digestInOrder(paths: readonly string[]): Promise<Digest[]>;
  digestAsReady(paths: readonly string[], found: (digest: Digest) => void): Promise<void>;
}

const byPath = (a: Digest, b: Digest): number => a.path.localeCompare(b.path);

describe.each(['threads', 'processes'])('the patterns on %s', (engine) => {
  it('futures give the digests in order, or as they are ready', async () => {
    const pattern: Futures = await import(`../../examples/patterns/futures-${engine}.ts`);
    const paths = (await sources()).slice(0, 30);
    const expected = await Promise.all(paths.map((path) => digest(path)));
    const found: Digest[] = [];

    expect(await pattern.digestInOrder(paths)).toEqual(expected);
    await pattern.digestAsReady(paths, (each) => found.push(each));
    expect(found.toSorted(byPath)).toEqual(expected.toSorted(byPath));
  });

  it('futures: a file that is not there is the error of the call', async () => {
    const pattern: Futures = await import(`../../examples/patterns/futures-${engine}.ts`);
    const paths = [...(await sources()).slice(0, 5), '/no/such/file'];

    await expect(pattern.digestInOrder(paths)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('queues give the same digests', async () => {
    const pattern: { digestByQueue(paths: readonly string[]): Promise<Digest[]> } = await import(
      `../../examples/patterns/queue-${engine}.ts`
    );
    const paths = (await sources()).slice(0, 60);
    const expected = await Promise.all(paths.map((path) => digest(path)));

    const digests = await pattern.digestByQueue(paths);

    expect(digests.toSorted(byPath)).toEqual(expected.toSorted(byPath));
  });

  it('queues: a file that is not there ends the call with that error', async () => {
    const pattern: { digestByQueue(paths: readonly string[]): Promise<Digest[]> } = await import(
      `../../examples/patterns/queue-${engine}.ts`
    );
    const paths = ['/no/such/file', ...(await sources())];

    await expect(pattern.digestByQueue(paths)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
