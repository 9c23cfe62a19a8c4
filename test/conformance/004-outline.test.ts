/**
 * Case 47 and the parts of case 48 that need one event loop only, after a course outline on concurrency.
 *
 * @module
 */
import {
  Deferred,
  every,
  gather,
  map,
  mapStream,
  moveOnAfter,
  Queue,
  schedule,
  scope,
  sleep,
  sleepForever,
  TimedOut,
  timeout,
  wait,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, drain, Log, range, u } from './jobs.ts';

describe('47 factorial', () => {
  it('47 factorial: three functions take turns, one step a unit', () =>
    virtual(async (clock) => {
      const log: [number, string][] = [];
      const factorial = (name: string, n: number) => async () => {
        let product = 1;
        for (let i = 2; i <= n; i++) {
          log.push([clock.now(), `${name}${i}`]);
          await sleep(u);
          product *= i;
        }
        log.push([clock.now(), `${name}=${product}`]);
        return product;
      };

      const products = await gather([factorial('A', 2), factorial('B', 3), factorial('C', 4)]);

      expect(products).toEqual([2, 6, 24]);
      expect(log).toEqual([
        [0, 'A2'],
        [0, 'B2'],
        [0, 'C2'],
        [u, 'A=2'],
        [u, 'B3'],
        [u, 'C3'],
        [2 * u, 'B=6'],
        [2 * u, 'C4'],
        [3 * u, 'C=24'],
      ]);
      expect(clock.now()).toBe(3 * u);
    }));

  it('47 factorial: a ticker of one unit gives five ticks before a deadline of five', () =>
    virtual(async (clock) => {
      const ticks: [number, number][] = [];

      const otherwise = await moveOnAfter(
        5 * u,
        async () => {
          for await (const tick of every(u)) ticks.push([tick, clock.now()]);
          return 'ended';
        },
        'deadline',
      );

      expect(otherwise).toBe('deadline');
      expect(ticks).toEqual([0, 1, 2, 3, 4].map((tick) => [tick, tick * u]));
      expect(clock.now()).toBe(5 * u);
    }));
});

describe('48 four-patterns', () => {
  const squares = range(10).map((i) => i * i);
  /** The later ones are ready first. */
  const square = async (i: number): Promise<number> => {
    await sleep((10 - i) * u);
    return i * i;
  };

  it('48 four-patterns: queues, three workers: the set of results', () =>
    virtual(async () => {
      const [inputs, outputs] = [new Queue<number>({ max: 2 }), new Queue<number>()];

      await scope(async (s) => {
        for (let worker = 0; worker < 3; worker++) {
          s.spawn(async () => {
            for await (const i of inputs) {
              await outputs.put(await square(i));
              inputs.taskDone();
            }
          });
        }
        for (const i of range(10)) await inputs.put(i);
        await inputs.join();
        inputs.close();
      });
      outputs.close();

      const { values } = await drain(outputs);
      expect(values.toSorted((a, b) => a - b)).toEqual(squares);
      expect([inputs.size, inputs.unfinished, inputs.stats().waitingGet]).toEqual([0, 0, 0]);
    }));

  it('48 four-patterns: futures: the set of results as they come, and a list in input order', () =>
    virtual(async () => {
      const { values } = await drain(
        mapStream(range(10), square, { concurrency: 3, order: 'completion' }),
      );

      expect(values.toSorted((a, b) => a - b)).toEqual(squares);
      expect(values).not.toEqual(squares);
      expect(await map(range(10), square, { concurrency: 3 })).toEqual(squares);
    }));

  it('48 four-patterns: futures of tasks that run already: the set, and the list', () =>
    virtual(async () => {
      const tasks = range(10).map((i) => schedule(() => square(i)));

      const { done, pending } = await wait(tasks);

      expect([done.size, pending.size]).toEqual([10, 0]);
      expect(await gather(tasks)).toEqual(squares);
    }));

  it('48 four-patterns: a deferred settled twice: false, and nothing has changed', () =>
    virtual(async () => {
      const answer = new Deferred<string>();

      expect(answer.resolve('first')).toBe(true);
      expect([answer.resolve('second'), answer.reject(new Error('third'))]).toEqual([false, false]);
      expect(await answer).toBe('first');
    }));

  it('48 four-patterns: a reader that ends at its sentinel gives [a, b]', () =>
    virtual(async () => {
      const queue = new Queue<string | null>();
      const reader = schedule(async () => {
        const seen: string[] = [];
        for await (const item of queue) {
          if (item === null) break;
          seen.push(item);
        }
        return seen;
      });
      for (const item of ['a', 'b', null, 'c']) await queue.put(item);

      expect(await reader).toEqual(['a', 'b']);
      expect(queue.size).toBe(1);
    }));

  it('48 four-patterns: a reader that ends when its queue is closed gives [a, b]', () =>
    virtual(async () => {
      const queue = new Queue<string>();
      const reader = schedule(() => drain(queue));
      for (const item of ['a', 'b']) await queue.put(item);
      queue.close();

      expect(await reader).toEqual({ values: ['a', 'b'], error: undefined });
    }));

  it('48 four-patterns: the exit of a scope runs on an error of its body, which propagates', () =>
    virtual(async () => {
      const log: string[] = [];
      const original = new Error('body');

      const error = await caught(() =>
        scope(async (s) => {
          s.defer(() => {
            log.push('deferred');
          });
          s.use({
            [Symbol.dispose]() {
              log.push('disposed');
            },
          });
          log.push('body');
          throw original;
        }),
      );

      expect(error).toBe(original);
      expect(log[0]).toBe('body');
      expect(log.slice(1).toSorted()).toEqual(['deferred', 'disposed']);
    }));

  it('48 four-patterns: the exit of a scope runs on an error of its task, which propagates', () =>
    virtual(async (clock) => {
      const log = new Log();
      const original = new Error('job 0');

      const error = await caught(() =>
        scope(async (s) => {
          s.defer(async () => {
            await sleep(u);
            log.entries.push('exit');
          });
          s.spawn(log.job(0, 1, original));
          await sleepForever();
        }),
      );

      expect(error).toBe(original);
      expect(log.entries).toEqual(['s0', 'e0', 'exit']);
      expect(clock.now()).toBe(2 * u);
    }));

  it('48 four-patterns: the exit of a scope runs after its tasks have been cancelled', () =>
    virtual(async () => {
      const log = new Log();
      const original = new Error('body');

      const error = await caught(() =>
        scope(async (s) => {
          s.defer(() => {
            log.entries.push('exit');
          });
          s.spawn(log.job(0, 5));
          await sleep(u);
          throw original;
        }),
      );

      expect(error).toBe(original);
      expect(log.entries).toEqual(['s0', 'x0', 'exit']);
    }));

  it('48 four-patterns: a time-out is a TimeoutError, and the job saw its cancellation', () =>
    virtual(async (clock) => {
      const log = new Log();

      const error = await caught(() =>
        timeout(0.5 * u, (s) => log.job(0, 5)({ signal: s.signal, index: 0, attempt: 1 })),
      );

      expect(error).toBeInstanceOf(TimedOut);
      expect(error).toMatchObject({ name: 'TimeoutError' });
      expect(log.entries).toEqual(['s0', 'x0']);
      expect(clock.now()).toBe(0.5 * u);
    }));

  it('48 four-patterns: a time-out also stops a job that is a task', () =>
    virtual(async (clock) => {
      const log = new Log();

      const error = await caught(() =>
        timeout(0.5 * u, async (s) => {
          await s.spawn(log.job(0, 5));
        }),
      );

      expect(error).toBeInstanceOf(TimedOut);
      expect(log.entries).toEqual(['s0', 'x0']);
      expect(clock.now()).toBe(0.5 * u);
    }));
});
