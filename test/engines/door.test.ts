/**
 * Nothing that a worker gives ends its pool's process: what is nested too deeply to be read fails its own call, and no other.
 *
 * @module
 */
import { type Engine, generateIn, Queue } from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/door.ts';
import { POOLS, withPool } from './pools.ts';

const { deepCause, deepResult, echo, nested } = bodies;

/** What a call came to: the depth of its value, or its error. */
async function end(call: Promise<unknown>): Promise<number | Error> {
  return call.then(depthOf, (error: Error) => error);
}

function depthOf(given: unknown): number {
  let levels = 0;
  for (let value = given; typeof value === 'object' && value !== null; levels++) {
    if (value instanceof Map) value = value.get(0);
    else if (value instanceof Error) value = value.cause;
    else value = (value as { value?: unknown }).value ?? (value as unknown[])[0];
  }
  return levels;
}

/** A call of it among others, which are as they should be. */
async function among(engine: Engine, start: () => Promise<unknown>): Promise<number | Error> {
  const before = engine.submit(echo, ['before'], {});
  const beside = engine.submit(echo, [{ n: 1 }], {});
  const call = end(start());
  const after = [engine.submit(echo, [2], {}), engine.submit(echo, [{ n: 3 }], {})];
  const outcome = await call;
  expect(await Promise.all([before, beside, ...after])).toEqual(['before', { n: 1 }, 2, { n: 3 }]);
  expect(await engine.submit(echo, ['next'], {})).toBe('next');
  return outcome;
}

const SHAPES: readonly bodies.Shape[] = ['objects', 'lists', 'maps', 'causes'];
const LEVELS = [1000, 2000, 6000, 20_000, 100_000];

/** Errors have stacks: to make 100,000 takes seconds. */
function levelsOf(shape: bodies.Shape): readonly number[] {
  return shape === 'causes' ? [1000, 6000] : LEVELS;
}

const DOORS = POOLS.filter(({ name }) => name === 'threads');

describe.each(DOORS)('$name, where a body', (pool) => {
  it.each(SHAPES)('gives %s', (shape) =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of levelsOf(shape)) {
        const outcome = await among(engine, () =>
          engine.submit(deepResult, [shape, levels] as const, {}),
        );

        if (typeof outcome === 'number') expect(outcome).toBe(levels);
        else expect(outcome).toMatchObject({ name: 'Unclonable', code: 'ERR_UNCLONABLE' });
        if (outcome instanceof Error) expect(outcome.message).toMatch(/result of "deepResult"/);
      }
      // Some can be read, and some cannot even be written.
      expect(await end(engine.submit(deepResult, ['lists', 500] as const, {}))).toBe(500);
    }),
  );

  it.each(SHAPES)('throws an error that has %s in it', (shape) =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of levelsOf(shape)) {
        for (const [body, type, message] of [
          [bodies.deepField, TypeError, 'has a deep field'],
          [deepCause, TypeError, 'has a deep cause'],
          [bodies.deepAggregate, AggregateError, 'has a deep error'],
        ] as const) {
          const outcome = await among(engine, () =>
            engine.submit(body as typeof deepCause, [shape, levels] as const, {}),
          );

          expect(outcome).toBeInstanceOf(type);
          expect((outcome as Error).message).toBe(message);
        }
      }
    }),
  );

  it.each(SHAPES)('throws %s', (shape) =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of levelsOf(shape)) {
        const thrown = await among(engine, () =>
          engine.submit(bodies.throwDeep, [shape, levels] as const, {}).then(
            () => 'a value',
            (error: unknown) => ({ value: error }),
          ),
        );
        expect(typeof thrown).toBe('number');
      }
    }),
  );

  it('gets arguments of so many levels', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of LEVELS) {
        const value = nested('objects', levels);
        const outcome = await among(engine, () => engine.submit(echo, [value], {}));

        if (typeof outcome === 'number') expect(outcome).toBe(levels);
        else expect(outcome.message).toMatch(/"echo"/);
      }
    }));

  it.each(SHAPES)('calls back with %s', (shape) =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of levelsOf(shape)) {
        let given: unknown;
        const callback = (value: unknown): void => {
          given = value;
        };
        const outcome = await among(engine, () =>
          engine.submit(bodies.callDeep, [shape, levels, callback] as never, {}),
        );

        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({ name: 'Unclonable' });
          expect(outcome.message).toMatch(/"callDeep"/);
        } else expect(depthOf(given)).toBe(levels);
      }
    }),
  );

  it('is told of what did not arrive, and the call has failed', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const given: unknown[] = [];
      const outcome = await among(engine, () =>
        engine.submit(
          bodies.callDeepAndGoOn,
          ['objects', 4000, (value: unknown) => void given.push(value)] as never,
          {},
        ),
      );

      expect(outcome).toMatchObject({ name: 'Unclonable', cause: expect.any(RangeError) });
      expect(given).toEqual(['Unclonable']);
    }));

  it('puts into a queue', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of LEVELS) {
        const queue = new Queue<unknown>();
        const outcome = await among(engine, () =>
          engine.submit(bodies.putDeep, ['objects', levels, queue] as never, {}),
        );

        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({ name: 'Unclonable' });
          expect(outcome.message).toMatch(/"putDeep"/);
          expect(queue.size).toBe(0);
        } else expect(depthOf(queue.tryGet()?.value)).toBe(levels);
      }
    }));

  it.each([0, 8])('yields, with a prefetch of %i', (prefetch) =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const levels of LEVELS) {
        const values: unknown[] = [];
        const outcome = await end(
          (async () => {
            const generator = generateIn(engine, { prefetch }, bodies.yieldDeep, 'objects', levels);
            for await (const value of generator) values.push(value);
          })(),
        );

        expect(values[0]).toBe('first');
        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({ name: 'Unclonable' });
          expect(outcome.message).toMatch(/"yieldDeep"/);
          expect(values).toHaveLength(1);
        } else expect([depthOf(values[1]), values[2]]).toEqual([levels, 'last']);
        expect(await engine.submit(echo, ['next'], {})).toBe('next');
      }
    }),
  );

  it('dies of an error that is too deep: its call fails, and no other', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const outcome = await among(engine, () => engine.submit(bodies.deepUncaught, [4000], {}));

      expect(outcome).toMatchObject({ name: 'WorkerDied', task: 'deepUncaught' });
    }));

  it('is in a pool of a worker, and cannot read its arguments', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(bodies.nestedPool, [9000], {})).toEqual([
        [1],
        [2],
        'Unclonable',
        [3],
        4,
        'Unclonable',
        'next',
      ]);
    }));
});
