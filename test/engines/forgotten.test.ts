/**
 * What is not used any more is forgotten on both sides: functions that were written for one call, and what was told of them.
 *
 * @module
 */
import { setImmediate as turn } from 'node:timers/promises';
import * as v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Engine, generateIn, map, move, runSync } from 'skein';
import { describe, expect, it } from 'vitest';
import { Route } from '../../src/engines/pool/route.ts';
import { POOLS } from './pools.ts';

type Query = (type: unknown, options: { readonly format: 'count' }) => number;

/** Bun, Deno and others do not tell what is on their heap. */
const canCount = 'queryObjects' in v8 && !('Bun' in globalThis || 'Deno' in globalThis);

v8.setFlagsFromString('--expose-gc');
const collect = runInNewContext('globalThis.gc') as (() => void) | undefined;

const FRESH = 300;
/** So many objects come and go by themselves. */
const NOISE = 100;

/** How many objects are on the heap of a worker, functions among them. */
async function countObjects(): Promise<number> {
  const { queryObjects } = (await import('node:v8')) as unknown as { queryObjects: Query };
  return queryObjects(Object, { format: 'count' });
}

const countRoutes = (): number =>
  (v8 as unknown as { queryObjects: Query }).queryObjects(Route, { format: 'count' });

/**
 * How many objects a worker has more than before, once this process has collected what it does not use, and told the worker. The host tells of
 * it when it likes: it is asked until there is nothing left, or nothing comes any more.
 */
async function grownSince(before: number, engine: Engine): Promise<number> {
  let grown = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10 && grown > NOISE; i++) {
    collect?.();
    await turn();
    // What is to be forgotten travels with this call.
    await engine.submit(countObjects, [], {});
    grown = (await engine.submit(countObjects, [], {})) - before;
  }
  return grown;
}

type Use = (engine: Engine, n: number) => Promise<unknown>;

/** Cancels what a worker has been given, and what waits. */
async function cancelled(engine: Engine, n: number): Promise<unknown> {
  const controller = new AbortController();
  const call = engine.submit((m: number) => m + 1, [n], { signal: controller.signal });
  if (n % 2 === 0) controller.abort();
  else setImmediate(() => controller.abort());
  return call.catch(() => undefined);
}

const USES: readonly { readonly name: string; readonly use: Use; readonly fresh?: number }[] = [
  { name: 'submit', use: (engine, n) => engine.submit((m: number) => m + 1, [n], {}) },
  {
    name: 'submit with several arguments',
    use: (engine, n) => engine.submit((a: number, b: object) => [a, b], [n, { n }], {}),
  },
  {
    name: 'submit of what throws',
    use: (engine, n) =>
      engine
        .submit(
          (m: number) => {
            throw new RangeError(`no ${m}`);
          },
          [n],
          {},
        )
        .catch(() => undefined),
  },
  { name: 'submit and cancel', use: cancelled },
  {
    name: 'a callback',
    use: (engine, n) =>
      engine.submit(
        async (ask: (m: number) => Promise<number>) => ask(1),
        [async (m: number) => m + n],
        {},
      ),
  },
  {
    name: 'an iterator that is lent',
    use: (engine) =>
      engine.submit(
        async (items: AsyncIterable<number>) => {
          let sum = 0;
          for await (const item of items) sum += item;
          return sum;
        },
        [[1, 2, 3].values()],
        {},
      ),
  },
  {
    name: 'what is moved',
    use: (engine, n) =>
      engine.submit((bytes: Uint8Array) => bytes.length, [move(new Uint8Array(n % 8))], {}),
  },
  { name: 'map', use: (engine, n) => map([n, n], (m: number) => m + 1, { engine }) },
  {
    name: 'an attempt more',
    use: (engine, n) =>
      map(
        [n],
        (m: number, { attempt }) => {
          if (attempt === 1) throw new Error('again');
          return m;
        },
        { engine, retry: { retries: 1, backoff: 0 } },
      ),
  },
];

describe.runIf(canCount).each(POOLS)('$name', ({ make }) => {
  it.each(USES)('forgets functions that were written for one call: $name', async ({ use }) => {
    await using engine = make({ size: 1 });
    const useOften = (count: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, (_, n) => use(engine, n)));
    await useOften(50);
    const before = await engine.submit(countObjects, [], {});
    const routes = countRoutes();

    for (let n = 0; n < FRESH; n += 50) await useOften(50);

    expect(await grownSince(before, engine)).toBeLessThanOrEqual(NOISE);
    expect(countRoutes() - routes).toBeLessThanOrEqual(NOISE);
  });

  it('forgets functions of generators', async () => {
    await using engine = make({ size: 1 });
    const run = async (n: number): Promise<void> => {
      const values = generateIn(
        engine,
        {},
        async function* (m: number) {
          yield m;
        },
        n,
      );
      for await (const m of values) expect(m).toBe(n);
    };
    for (let n = 0; n < 50; n++) await run(n);
    const before = await engine.submit(countObjects, [], {});

    for (let n = 0; n < FRESH; n++) await run(n);

    expect(await grownSince(before, engine)).toBeLessThanOrEqual(NOISE);
  });

  it('keeps what may still be called, whatever is forgotten meanwhile', async () => {
    await using engine = make({ size: 2 });
    const make2 = (k: number): ((n: number) => number) =>
      new Function('n', `return n * 100 + ${k}`) as (n: number) => number;
    const held = Array.from({ length: 40 }, (_, k) => make2(k));
    const wrong: unknown[] = [];

    for (let round = 0; round < 16; round++) {
      const calls = Array.from({ length: 100 }, async (_, i) => {
        const k = (i * 7 + round) % held.length;
        // Some are new, and are forgotten with the next collection; some replace one that was held.
        const fn = i % 3 === 0 ? make2(k) : (held[k] as (n: number) => number);
        if (i % 10 === 0) held[k] = make2(k);
        const controller = new AbortController();
        if (i % 4 === 0) setImmediate(() => controller.abort());
        try {
          const got = await engine.submit(fn, [i], { signal: controller.signal });
          if (got !== i * 100 + k) wrong.push([i, k, got]);
        } catch (error) {
          if (error !== controller.signal.reason) wrong.push(error);
        }
      });
      if (round % 2 === 0) collect?.();
      await Promise.all(calls);
      collect?.();
      await turn();
    }

    expect(wrong).toEqual([]);
  });
});

describe.runIf(canCount)('runSync', () => {
  it('has its worker forget, also while nobody gets a turn', () => {
    const count = (): number => {
      const require = process.getBuiltinModule('node:module').createRequire('/');
      const { queryObjects } = require('node:v8') as { queryObjects: Query };
      return queryObjects(Object, { format: 'count' });
    };
    const held = (n: number): number => n + 1;
    runSync(held, 1);
    const before = runSync(count);

    for (let n = 0; n < 16 * FRESH; n++) runSync((m: number) => m + 1, n);

    expect(runSync(held, 1)).toBe(2);
    // Of each of the last ones: itself and how it was made.
    expect(runSync(count) - before).toBeLessThan(3 * 1024);
  });
});
