/**
 * A function whose `name` is no text: it is sent as one without a name, and errors say so.
 *
 * @module
 */
import { collect, concurrently, generateIn, map, NotShippable, retry, scope } from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS, thrown, withPool } from './pools.ts';

type Fn = (...args: never[]) => unknown;

/** Functions with such a name. */
const NAMES: readonly (readonly [string, PropertyDescriptor])[] = [
  ['a symbol', { value: Symbol('name') }],
  ['a function', { value: () => 'name' }],
  ['an object', { value: { toString: null } }],
  ['nothing', { value: undefined }],
  [
    'a getter that throws',
    {
      get: () => {
        throw new Error('no name');
      },
    },
  ],
];

function named<F extends Fn>(fn: F, name: PropertyDescriptor): F {
  return Object.defineProperty(fn, 'name', name);
}

describe.each(POOLS)('$name run a function whose name is', (pool) => {
  it.each(NAMES)('%s', (_, name) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const double = named((n: number) => 2 * n, name);
      const fail = named(() => {
        throw new TypeError('as it should');
      }, name);
      const lose = named(() => () => 1, name);
      const count = named(function* () {
        yield 1;
      }, name);

      expect(await engine.submit(double, [1], {})).toBe(2);
      expect(await map([1, 2], double as never, { engine })).toEqual([2, 4]);
      expect(await thrown(engine.submit(fail, [], {}))).toMatchObject({ message: 'as it should' });
      expect((await thrown(engine.submit(lose, [], {}))).message).toMatch(/an anonymous function/);
      const values: unknown[] = [];
      for await (const value of generateIn(engine, {}, count)) values.push(value);
      expect(values).toEqual([1]);
      expect(await engine.submit((n: number) => n, [3], {})).toBe(3);
    }),
  );

  it.each(NAMES)('%s, and that cannot be sent', (_, name) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(named((() => 1).bind(null), name), [], {}));

      expect(error).toBeInstanceOf(NotShippable);
      expect(error.message).toMatch(/an anonymous function/);
    }),
  );
});

it.each(NAMES)('functions of this loop may have a name that is %s', async (_, name) => {
  const one = named(() => 1, name);

  expect(await collect([one])).toEqual([1]);
  expect(await map([1], one)).toEqual([1]);
  expect(await retry(one, 1)).toBe(1);
  expect(await scope(async (s) => s.spawn(one))).toBe(1);
  await concurrently(1, {}, one)();
  await scope(async (s) => void s.defer(named(() => undefined, name)));
});
