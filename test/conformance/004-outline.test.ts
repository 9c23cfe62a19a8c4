/**
 * Case 47 and the parts of case 48 that need one event loop only, after a course outline on concurrency.
 *
 * @module
 */
import { every, gather, moveOnAfter, scope, sleep, sleepForever, TimedOut, timeout } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, Log, u } from './jobs.ts';

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
