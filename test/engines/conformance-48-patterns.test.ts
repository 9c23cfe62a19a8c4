/**
 * Case 48, the parts with threads and processes: squares of 0 to 9 by queues and by futures.
 *
 * @module
 */
import { channel, type Engine, map, Queue, scope, TimedOut } from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/conformance.ts';
import { POOLS, thrown, withPool } from './pools.ts';

const inputs = Array.from({ length: 10 }, (_, i) => i);
const squares = inputs.map((i) => i * i);

/** Two workers that take from one queue and put into another. */
async function byQueues(engine: Engine): Promise<number[]> {
  const input = new Queue<number>({ max: 2 });
  const output = new Queue<number>({ max: 2 });
  const results: number[] = [];
  await scope(async (s) => {
    const workers = [1, 2].map(() =>
      s.spawn(() => engine.submit(bodies.squareQueue, [input, output], {})),
    );
    s.spawn(async () => {
      for (const i of inputs) await input.put(i);
      input.close();
    });
    s.spawn(async () => {
      for (const worker of workers) await worker;
      output.close();
    });
    for await (const result of output) results.push(result);
  });
  return results;
}

/** The same with a channel, whose ends are closed by their users. */
async function byChannels(engine: Engine): Promise<number[]> {
  const input = channel<number>(1);
  const output = channel<number>(1);
  const results: number[] = [];
  await scope(async (s) => {
    s.spawn(async () => {
      await engine.submit(bodies.squareChannel, [input.rx, output.tx], {});
      output.tx.close();
    });
    s.spawn(async () => {
      for (const i of inputs) await input.tx.send(i);
      input.tx.close();
    });
    for await (const result of output.rx) results.push(result);
  });
  return results;
}

describe.each(POOLS)('48 four-patterns with $name', (pool) => {
  it('48 four-patterns: by queues, in any order', () =>
    withPool(pool, { size: 2 }, async (engine) => {
      expect((await byQueues(engine)).toSorted((a, b) => a - b)).toEqual(squares);
    }));

  it('48 four-patterns: by channels', () =>
    withPool(pool, { size: 2 }, async (engine) => {
      expect((await byChannels(engine)).toSorted((a, b) => a - b)).toEqual(squares);
    }));

  it('48 four-patterns: by futures, in the order of the inputs', () =>
    withPool(pool, { size: 2 }, async (engine) => {
      const futures = inputs.map((i) => engine.submit(bodies.square, [i], {}));

      expect(await Promise.all(futures)).toEqual(squares);
      expect(await map(inputs, bodies.square, { engine })).toEqual(squares);
    }));

  it('48 four-patterns: the exit of a scope disposes the pool on error, and the error propagates', async () => {
    const error = await thrown(
      scope(async (s) => {
        const engine = s.use(pool.make({ size: 2 }));
        expect(await engine.submit(bodies.square, [3], {})).toBe(9);
        throw new RangeError('of the scope');
      }),
    );

    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe('of the scope');
  });

  it('48 four-patterns: a job over its time is a TimedOut, and has seen its cancellation', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const error = await thrown(engine.submit(bodies.longJob, [journal.place], { timeout: 50 }));

      expect(error).toBeInstanceOf(TimedOut);
      expect(journal.names('saw')).toEqual(['true']);
    }));
});
