/**
 * What `concurrently` does with bad input on one engine: an error or a defined result, never a hang.
 *
 * @module
 */
import {
  concurrently,
  type Engine,
  mapStream,
  sleep,
  type UnhandledErrors,
  type Waiter,
} from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from '../conformance/fixtures/copies.ts';
import { u } from '../conformance/fixtures/copies.ts';
import type { Recorder } from '../conformance/fixtures/recorder.ts';
import { caught } from '../conformance/jobs.ts';
import type { ConcurrentlyRow } from './concurrently-like.ts';

const messages = (errors: readonly unknown[]): string[] =>
  errors.map((error) => (error as Error).message);

/** Runs the cases on one engine. */
export function concurrentlyMisuse(row: ConcurrentlyRow, log: () => Recorder): void {
  const { engine, inTime } = row;
  const timed = (name: string, body: () => Promise<void>): void => {
    it(name, () => inTime(body));
  };

  it.skipIf(row.make === undefined)(
    'an engine that is closed is an error of each copy, and nothing hangs',
    async () => {
      const closed = row.make?.() as Engine;
      await closed[Symbol.asyncDispose]();
      const waiter = concurrently(2, { engine: closed }, bodies.oneUnit);

      const error = (await caught(() => waiter())) as UnhandledErrors;

      expect(error.errors).toMatchObject([
        { code: 'ERR_ENGINE_CLOSED' },
        { code: 'ERR_ENGINE_CLOSED' },
      ]);
      expect(log().texts).toEqual([]);
    },
  );

  timed('a flow that was iterated elsewhere is refused at the call', async () => {
    const source = mapStream(['a', 'b'], (item) => item);
    await source.toArray();

    expect(() => concurrently(2, { engine, source }, bodies.eachItem)).toThrow(/single use/);
    expect(log().texts).toEqual([]);
  });

  timed('a source that fails is an error of every copy that asks', async () => {
    // biome-ignore lint/correctness/useYield: it fails before.
    function* broken(): Generator<string> {
      throw new Error('no source');
    }
    const waiter = concurrently(2, { engine, source: broken() }, bodies.eachItem);

    const error = (await caught(() => waiter())) as UnhandledErrors;

    expect(messages(error.errors)).toEqual(['no source', 'no source']);
  });

  // Elsewhere a body has no way to get hold of its waiter.
  describe.skipIf(!row.isExact)('from inside a copy', () => {
    timed('waiting is refused: it would wait for itself', async () => {
      const waiter: Waiter = concurrently(1, { engine }, async () => {
        await sleep(u);
        await waiter();
      });

      const error = (await caught(() => waiter())) as UnhandledErrors;

      expect(error.errors[0]).toBeInstanceOf(TypeError);
      expect(messages(error.errors)[0]).toMatch(/wait for itself/);
    });

    timed('stop ends all copies, also the one that asked', async () => {
      const ended: string[] = [];
      const waiter: Waiter = concurrently(2, { engine }, async ({ index }) => {
        try {
          await sleep(index === 0 ? u : 100 * u);
          await waiter.stop();
        } finally {
          ended.push(`copy ${index}`);
        }
      });

      await waiter();

      expect(ended.toSorted()).toEqual(['copy 0', 'copy 1']);
      expect(waiter.exceptions).toEqual([]);
    });
  });

  it.skipIf(row.isExact)('a body that holds its waiter is refused, and nothing hangs', async () => {
    const waiter: Waiter = concurrently(2, { engine }, async () => {
      await waiter();
    });

    const error = (await caught(() => waiter())) as UnhandledErrors;

    expect(error.errors).toHaveLength(2);
    expect(error.errors).toMatchObject([
      { code: 'ERR_NOT_SHIPPABLE' },
      { code: 'ERR_NOT_SHIPPABLE' },
    ]);
  });
}
