/**
 * A body that breaks what its worker needs ends that worker at most: the calls beside it have their own outcomes.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { POOLS, withPool } from './pools.ts';

const BREAKS: Readonly<Record<string, () => void>> = {
  'Array.prototype[Symbol.iterator]': () => {
    Array.prototype[Symbol.iterator] = (() => ({ next: () => ({ done: true }) })) as never;
  },
  'Function.prototype.apply': () => {
    Function.prototype.apply = () => {
      throw new Error('replaced');
    };
  },
  'Function.prototype.call': () => {
    Function.prototype.call = () => {
      throw new Error('replaced');
    };
  },
  'Map.prototype.get': () => {
    Map.prototype.get = () => undefined;
  },
  'Map.prototype.set': () => {
    Map.prototype.set = function (this: Map<unknown, unknown>) {
      return this;
    };
  },
};

describe.each(POOLS)('a worker of $name whose body breaks', (pool) => {
  it.each(Object.entries(BREAKS))('%s: the others have their values', (_, body) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const known = (n: number): number => n + 1;
      expect(await engine.submit(known, [0], {})).toBe(1);

      const broken = engine.submit(body, [], {});
      const beside = [
        engine.submit(known, [1], {}),
        engine.submit((n: number) => n * 2, [2], {}),
        engine.submit(async (o: { readonly n: number }) => o, [{ n: 3 }], {}),
        engine.submit(() => 5, [], {}),
      ];

      await broken.catch(() => undefined);
      expect(await Promise.all(beside)).toEqual([2, 4, { n: 3 }, 5]);
      expect(await engine.submit(() => 6, [], {})).toBe(6);
    }),
  );
});
