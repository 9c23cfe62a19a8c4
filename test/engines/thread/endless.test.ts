/**
 * What has ended in a thread is known, whatever the next body does.
 *
 * @module
 */
import { threads } from 'skein';
import { describe, expect, it, vi } from 'vitest';
import * as bodies from '../fixtures/deaths.ts';
import { learn, thrown, withPool } from '../pools.ts';

/** How long each wait for news may take, from before it is captured. */
const waits = vi.hoisted(() => {
  const { waitAsync } = Atomics;
  const longest: unknown[] = [];
  Atomics.waitAsync = ((...given: Parameters<typeof waitAsync>) => {
    longest.push(given[3]);
    return waitAsync(...given);
  }) as typeof waitAsync;
  return longest;
});

const POOL = { name: 'threads', make: threads } as const;

describe('results that ended before a body that does not leave its turn', () => {
  it('arrive while it goes on', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      await learn(engine, (n) => engine.submit(bodies.spinIfBoxed, [journal.place, -1, n], {}));
      const calls = Array.from({ length: 20 }, (_, i) =>
        engine.submit(bodies.spinIfBoxed, [journal.place, 10, i], {}),
      );

      const first = await Promise.all(calls.slice(0, 10));

      expect(first).toEqual(Array.from({ length: 10 }, (_, i) => ({ i })));
      journal.release();
      await Promise.all(calls);
    }));

  it('have the pool wait for its end, and not look again and again', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      await learn(engine, (n) => engine.submit(bodies.spinIfBoxed, [journal.place, -1, n], {}));
      const calls = Array.from({ length: 11 }, (_, i) =>
        engine.submit(bodies.spinIfBoxed, [journal.place, 10, i], {}),
      );

      await Promise.all(calls.slice(0, 10));

      await vi.waitUntil(() => waits.at(-1) === Number.POSITIVE_INFINITY);
      journal.release();
      expect(await calls[10]).toEqual({ i: 10 });
    }));

  it('are not lost when it is killed', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      await learn(engine, (n) => engine.submit(bodies.spinIfBoxed, [journal.place, -1, n], {}));
      const stop = new AbortController();
      const calls = Array.from({ length: 20 }, (_, i) => {
        const signal = i === 10 ? { signal: stop.signal, grace: 0 } : {};
        return engine.submit(bodies.spinIfBoxed, [journal.place, 10, i], signal);
      });
      const stopped = thrown(calls[10] as Promise<unknown>);
      await calls[9];

      stop.abort();

      expect(await stopped).toMatchObject({ name: 'AbortError' });
      const others = await Promise.all(calls.toSpliced(10, 1));
      expect(others.map(({ i }) => i)).toEqual([...Array(20).keys()].filter((i) => i !== 10));
    }));
});
