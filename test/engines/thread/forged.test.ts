/**
 * What a body says, or does, that no worker does: it ends its own worker, and nothing else.
 *
 * @module
 */
import { type Engine, isCancelled } from 'skein';
import { describe, expect, it } from 'vitest';
import { ASK, TELL } from '../../../src/engines/shared/protocol.ts';
import { TO_POOL } from '../../../src/engines/thread/protocol.ts';
import * as bodies from '../fixtures/door.ts';
import { POOLS, thrown, withPool } from '../pools.ts';

const THREADS = POOLS.filter(({ name }) => name === 'threads');
const { echo, say } = bodies;
const callback = (value: unknown): unknown => value;

/** What a call ends with; whatever that is, those beside it and the next are fine. */
async function beside(engine: Engine, call: Promise<unknown>): Promise<Error> {
  const others = [engine.submit(echo, [1], {}), engine.submit(echo, [{ n: 2 }], {})];
  const error = await thrown(call);
  expect(await Promise.all(others)).toEqual([1, { n: 2 }]);
  expect(await engine.submit(echo, ['next'], {})).toBe('next');
  return error;
}

describe.each(THREADS)('a body in $name', (pool) => {
  it.each([
    ['nothing', null],
    ['a text', 'result'],
    ['an empty list', []],
    ['a kind that is none', [77, 0]],
    ['an outcome of no call', [TO_POOL.outcome, 'x', 1, 0]],
    ['an outcome that is none', [TO_POOL.outcome, 0, 2, 0]],
    ['an error that is none', [TO_POOL.outcome, 0, 0, { errors: [] }]],
    ['a line without messages', [TO_POOL.line, 0, null]],
    ['a message on its line that is none', [TO_POOL.line, 0, [7]]],
    ['four thousand million messages', [TO_POOL.line, 0, new Array(2 ** 32 - 1)]],
    ['a question that is none', [TO_POOL.line, 0, [[ASK, 'x', 0, 'call', []]]]],
    ['a question that it has asked', [TO_POOL.line, 0, [[ASK, 1, 0, 'call', []]]]],
    ['the name of a method that is none', [TO_POOL.line, 0, [[TELL, 0, [['x']], []]]]],
    ['a warning without a text', [TO_POOL.warned, 'key', 1]],
    ['that it cannot run what it runs', [TO_POOL.unread, 0]],
  ])('says %s', (_, message) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await beside(engine, engine.submit(say, [[message], callback] as never, {}));

      expect(error).toMatchObject({ name: 'WorkerDied', task: 'say', killedBy: 'terminate' });
      expect(error.message).toMatch(/it said what no worker says/);
      expect(error.cause).toMatchObject({ message: expect.stringMatching(/no worker says/) });
    }),
  );

  it.each([
    ['a method that is none', [ASK, 2, 0, 'constructor', []]],
    ['an object that is none', [ASK, 2, 5, 'call', []]],
    ['arguments that are none', [ASK, 2, 0, 'call', new Array(2 ** 32 - 1)]],
    ['a release of nothing', [TELL, 0, 'release', [7]]],
  ])('asks for %s: it may, and gets nothing', (_, message) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const said = engine.submit(say, [[[TO_POOL.line, 0, [message]]], callback] as never, {});

      expect(await said).toBe('said');
      expect(await engine.submit(echo, ['next'], {})).toBe('next');
    }),
  );

  it.each([
    ['a handle that is there', [TELL, 0, 'handle', [0]]],
    ['what throws', [TELL, 0, 'putBack', [1]]],
  ])('tells an object %s: its call fails', (_, message) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const said = engine.submit(say, [[[TO_POOL.line, 0, [message]]], callback] as never, {});

      expect(await beside(engine, said)).not.toMatchObject({ name: 'WorkerDied' });
    }),
  );

  it('says what cannot be read: its call fails', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await beside(engine, engine.submit(bodies.sayDeep, [callback], {}));

      expect(error).toMatchObject({ name: 'Unclonable' });
    }));

  it('closes the port to its pool', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await beside(engine, engine.submit(bodies.hangUp, [callback], {}));

      expect(error).toMatchObject({ name: 'WorkerDied', task: 'hangUp' });
      expect(error.message).toMatch(/closed the port/);
    }));

  it('sends what the host of its pool cannot take in', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await beside(engine, engine.submit(bodies.sayToHost, [], {}));

      expect(error).toMatchObject({ name: 'WorkerDied', task: 'sayToHost' });
      expect(error.message).toMatch(/the host cannot read what it sent/);
    }));

  it('says almost what workers say, many times', () =>
    withPool(pool, { size: 2 }, async (engine) => {
      for (let seed = 1; seed <= 8; seed++) {
        const calls = [1, 2].map((half) =>
          engine.submit(bodies.forge, [100 * seed + half, 40, callback] as never, { grace: 50 }),
        );
        const good = engine.submit(echo, [seed], {}).catch((error: Error) => error);
        for (const outcome of await Promise.allSettled(calls)) {
          expect(outcome.status === 'rejected' && isCancelled(outcome.reason)).toBe(false);
        }
        // It may have been in a worker that the others had made say something before it died.
        expect([seed, 'WorkerDied']).toContain(((await good) as Error).name ?? (await good));
      }
    }));
});
