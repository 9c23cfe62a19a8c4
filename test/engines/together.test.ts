/**
 * Whether calls travel together is not seen by their bodies.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { POOLS, withPool } from './pools.ts';

describe.each(POOLS)('calls of $name that travel together', (pool) => {
  it('have each an object of their own, also where they were given the same', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const count = (state: { n: number }): number => ++state.n;
      // So that it is known to be quick.
      for (let i = 0; i < 20; i++) await engine.submit(count, [{ n: 0 }], {});
      const state = { n: 0 };

      const counts = await Promise.all(
        Array.from({ length: 50 }, () => engine.submit(count, [state], {})),
      );

      expect(counts).toEqual(Array.from({ length: 50 }, () => 1));
      expect(state.n).toBe(0);
    }));

  it('have it beside what is shared, and among several arguments', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const count = (by: number, state: number[]): number => {
        state.push(by);
        return state.length;
      };
      for (let i = 0; i < 20; i++) await engine.submit(count, [1, []], {});
      const state: number[] = [];

      const counts = await Promise.all(
        Array.from({ length: 50 }, (_, i) => engine.submit(count, [i, i % 2 ? state : []], {})),
      );

      expect(new Set(counts)).toEqual(new Set([1]));
    }));
});
