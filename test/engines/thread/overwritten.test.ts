/**
 * A body that has got hold of the memory which its thread shares with the pool, and writes there: its own call may end in any way, but each
 * call ends, and so does the disposal of the pool.
 *
 * @module
 */
import { type Engine, sleep, threads } from 'skein';
import { describe, expect, it } from 'vitest';
import { HEAD } from '../../../src/engines/thread/layout.ts';
import { statsOf, thrown } from '../pools.ts';

const entry = new URL('../fixtures/open-memory.ts', import.meta.url);

declare const WORDS: Int32Array;

const quiet = async (armed: number): Promise<string> => {
  WORDS[armed] = 0;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return 'done';
};

const fill = async (byte: number | undefined, isEndless: boolean): Promise<string> => {
  const bytes = new Uint8Array(WORDS.buffer);
  let noise = 7;
  for (let i = 0; i < bytes.length; i++) {
    noise = (noise * 48271) % 0x7fffffff;
    bytes[i] = byte ?? noise >> 8;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  while (isEndless) await new Promise((resolve) => setTimeout(resolve, 50));
  return 'done';
};

const claim = async (word: number): Promise<never> => {
  for (let at = 16; at < WORDS.length; at += 16) WORDS[at] = word;
  for (;;) await new Promise((resolve) => setTimeout(resolve, 50));
};

/** A pool whose worker has slept once, so that its bodies find the memory. */
async function opened(grace: number): Promise<Engine> {
  const engine = threads({ size: 1, grace, entry });
  while (!(await engine.submit(() => 'WORDS' in globalThis, [], {}))) await sleep(10);
  return engine;
}

describe('a body that has the memory of its thread', () => {
  it('says that nobody is to be woken: it is heard of all the same', async () => {
    const engine = await opened(Number.POSITIVE_INFINITY);

    expect(await engine.submit(quiet, [HEAD.armed], {})).toBe('done');

    await engine[Symbol.asyncDispose]();
  });

  it('says so when nothing is to come, and the next call is heard of', async () => {
    const engine = await opened(Number.POSITIVE_INFINITY);
    await engine.submit((armed) => void setTimeout(() => (WORDS[armed] = 0), 20), [HEAD.armed], {});
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(await engine.submit(() => 'next', [], {})).toBe('next');

    await engine[Symbol.asyncDispose]();
  });

  it('is late then', async () => {
    const engine = await opened(100);
    const call = engine.submit(quiet, [HEAD.armed], { timeout: 100 });

    await Promise.allSettled([call]);
    await engine[Symbol.asyncDispose]();

    expect(statsOf(engine)).toMatchObject({ workers: 0, running: 0 });
  });

  it.each([
    ['zeros', 0],
    ['ones', 255],
    ['noise', undefined],
  ])('fills it with %s', async (_, byte) => {
    const engine = await opened(100);
    const calls = [
      engine.submit(fill, [byte, false] as const, {}),
      engine.submit((n: number) => n, [1], {}),
      engine.submit((o: { readonly n: number }) => o, [{ n: 2 }], {}),
    ];

    await Promise.allSettled(calls);
    expect(await engine.submit((n: number) => n, [3], {})).toBe(3);
    await engine[Symbol.asyncDispose]();

    expect(statsOf(engine)).toMatchObject({ workers: 0, running: 0 });
  });

  it.each([0, 255])('fills it with %i, again and again, and does not end', async (byte) => {
    const engine = await opened(100);

    const error = await thrown(engine.submit(fill, [byte, true] as const, { timeout: 200 }));

    expect(error).toMatchObject({ name: expect.stringMatching(/TimeoutError|WorkerDied/) });
    await engine[Symbol.asyncDispose]();
  });

  it.each([0, 6])('gives a value of the form %i, which is that of none', async (form) => {
    const engine = await opened(100);
    const body = async (given: number): Promise<never> => {
      for (let at = 16; at < WORDS.length; at += 16) {
        WORDS[at + 4] = given;
        WORDS[at] = 3;
      }
      for (;;) await new Promise((resolve) => setTimeout(resolve, 50));
    };

    const error = await thrown(engine.submit(body, [form], {}));

    expect(error).toMatchObject({ name: 'WorkerDied' });
    await engine[Symbol.asyncDispose]();
  });

  it.each([1, 2, 3, 4, 5, 77])(
    'says of all calls that they are %i, and does not end',
    async (word) => {
      const engine = await opened(100);

      const error = await thrown(engine.submit(claim, [word], { timeout: 200 }));

      expect(error).toMatchObject({ name: expect.stringMatching(/TimeoutError|WorkerDied/) });
      expect(await engine.submit((n: number) => n, [3], {})).toBe(3);
      await engine[Symbol.asyncDispose]();
    },
  );
});
