/**
 * A call that meets a worker which is ready and has nothing to do starts at once: also while the thread that made it does not leave its turn.
 *
 * @module
 */
import { type Engine, map } from 'skein';
import { describe, expect, it } from 'vitest';
import { monotonicNow } from '../../src/runtime/runtime.ts';
import type { Journal } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/deaths.ts';
import { POOLS, type Pool, thrown, withPool } from './pools.ts';

/** Notes that it starts, as an item of a flow. */
function note(place: string): number {
  process.getBuiltinModule('node:fs').appendFileSync(`${place}/journal`, 'start item\n');
  return 1;
}

/** Keeps this turn until so many bodies have started, or it is in vain. Gives how many have. */
function seenInThisTurn(journal: Journal, count: number): number {
  const since = monotonicNow();
  const started = (): number => journal.names('start').length;
  while (started() < count && monotonicNow() - since < 10_000);
  return started();
}

/** Runs a test with so many workers that are ready, and have nothing to do. */
function withWarm(
  pool: Pool,
  size: number,
  body: (engine: Engine, journal: Journal) => Promise<void>,
): Promise<void> {
  return withPool(pool, { size }, async (engine, journal) => {
    const held = Array.from({ length: size }, (_, i) =>
      engine.submit(bodies.hold, [journal.place, `warm ${i}`], {}),
    );
    await journal.seen('start', size);
    journal.release();
    await Promise.all(held);
    await body(engine, journal);
  });
}

describe.each(POOLS)('a call that is handed to $name which wait for work', (pool) => {
  it.each([
    { what: 'of a function that is new', times: 1, call: {} },
    { what: 'of one that is known to be quick', times: 40, call: {} },
    { what: 'with a worker for itself', times: 1, call: { exclusive: true } },
    { what: 'with a time-out', times: 1, call: { timeout: 60_000 } },
  ])('starts in the same turn: $what', ({ times, call }) =>
    withWarm(pool, 1, async (engine, journal) => {
      for (let i = 1; i < times; i++) {
        await engine.submit(bodies.mark, [journal.place, `before ${i}`], call);
      }
      const before = journal.names('start').length;

      const marked = engine.submit(bodies.mark, [journal.place, 'now'], call);

      expect(seenInThisTurn(journal, before + 1)).toBe(before + 1);
      expect(await marked).toBe('now');
    }),
  );

  it('starts in the same turn as another, at another worker', () =>
    withWarm(pool, 2, async (engine, journal) => {
      const calls = ['a', 'b'].map((name) => engine.submit(bodies.mark, [journal.place, name], {}));

      expect(seenInThisTurn(journal, 4)).toBe(4);
      expect(await Promise.all(calls)).toEqual(['a', 'b']);
    }));

  it('starts in the same turn, made by a map', () =>
    withWarm(pool, 2, async (engine, journal) => {
      const { place } = journal;
      const mapped = map([place, place], note, { engine });

      expect(seenInThisTurn(journal, 4)).toBe(4);
      expect(await mapped).toHaveLength(2);
    }));

  it('waits for those that are in line before it', () =>
    withWarm(pool, 1, async (engine, journal) => {
      const calls = Array.from({ length: 20 }, (_, i) =>
        engine.submit(bodies.mark, [journal.place, `task ${i}`], {}),
      );
      await Promise.all(calls);

      expect(journal.names('start').slice(1)).toEqual(calls.map((_, i) => `task ${i}`));
    }));

  it('fails alone if it cannot be sent', () =>
    withWarm(pool, 1, async (engine) => {
      const odd = thrown(engine.submit(bodies.add, [new WeakMap() as never, 1], {}));
      const good = engine.submit(bodies.add, [1, 2], {});

      expect(await odd).toMatchObject({ code: 'ERR_UNCLONABLE' });
      expect(await good).toBe(3);
    }));
});
