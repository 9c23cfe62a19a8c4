import {
  attemptsOf,
  Cancelled,
  type Context,
  currentScope,
  map,
  mapStream,
  type Runner,
  schedule,
  sleep,
  sleepForever,
  TimedOut,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { backoffOf } from '../../src/pace/backoff.ts';

import { caught, failing } from './failing.ts';

// Wrong on purpose: what a caller without types can do.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;

describe('the retry option of a flow', () => {
  it('every attempt takes a turn at the pace, inside the deadline of all', () =>
    virtual(async (clock) => {
      let next = 0;
      const everySecond: Runner = {
        async run(fn) {
          const at = Math.max(next, clock.now());
          next = at + 1000;
          await sleep(at - clock.now());
          return fn();
        },
      };
      const starts: number[] = [];
      const fn = (_item: number, context: Context) => failing(starts, clock)(context);

      const error = await caught(
        map([1], fn, { pace: everySecond, retry: { retries: 9, backoff: 1, totalTimeout: 2500 } }),
      );

      expect(starts).toEqual([0, 1000, 2000]);
      expect(error).toBeInstanceOf(TimedOut);
      expect(attemptsOf(error)).toHaveLength(3);
      expect(clock.now()).toBe(2500);
    }));

  it('its function runs in a scope that the deadline cancels', () =>
    virtual(async () => {
      const paced: Runner = { run: async (fn) => fn() };
      let reason: unknown;
      const fn = () => {
        const own = currentScope();
        return sleepForever().finally(() => {
          reason = own.reason;
        });
      };

      await caught(map([1], fn, { pace: paced, retry: { retries: 0, totalTimeout: 10 } }));

      expect(reason).toBeInstanceOf(TimedOut);
    }));

  it('a time-out of one attempt is retried, that of all is not', () =>
    virtual(async (clock) => {
      const error = await caught(
        map([1], sleepForever, {
          timeout: 100,
          retry: { retries: 9, backoff: 10, totalTimeout: 250 },
        }),
      );

      expect((error as TimedOut).after).toBe(250);
      expect(attemptsOf(error).map((each) => (each as TimedOut).after)).toEqual([100, 100]);
      expect(clock.now()).toBe(250);
    }));

  it('counts from the first attempt of each item, not from the start of the flow', () =>
    virtual(async () => {
      const results = await map([1, 2, 3], (n) => sleep(80).then(() => n), {
        concurrency: 1,
        retry: { retries: 0, totalTimeout: 100 },
      });

      expect(results).toEqual([1, 2, 3]);
    }));

  it('each error of a flow that goes on has its own attempts', () =>
    virtual(async () => {
      const flow = mapStream(
        [1, 2],
        async (n, { attempt }) => {
          throw new Error(`${n}, no. ${attempt}`);
        },
        { retry: 1 },
      );
      const attempts: string[][] = [];
      for await (const outcome of flow.settled()) {
        if (outcome.status === 'failed') attempts.push(attemptsOf(outcome.error).map(String));
      }

      expect(attempts).toEqual([
        ['Error: 1, no. 1', 'Error: 1, no. 2'],
        ['Error: 2, no. 1', 'Error: 2, no. 2'],
      ]);
    }));

  it('a stop of the flow is a cancellation, not a failure to repeat', () =>
    virtual(async () => {
      let calls = 0;
      const stuck = () => {
        calls++;
        return sleepForever();
      };
      const task = schedule(() =>
        map([1, 2], stuck, { retry: { retries: 5, totalTimeout: '1h' } }),
      );
      await sleep(1);
      task.cancel();
      await task.settled();

      expect(task.status).toBe('cancelled');
      expect(task.exception()).toBeInstanceOf(Cancelled);
      expect(calls).toBe(2);
    }));
});

describe('jitter', () => {
  const waits = (options: object, random: () => number): number[] => {
    const backoff = backoffOf(options, '', random);
    const given: number[] = [];
    for (let n = 1; n <= 6; n++) given.push(backoff(n, undefined, given.at(-1) ?? 0));
    return given;
  };

  it('full draws between 0 and the length of the wait', () => {
    expect(waits({ base: 100, max: 1000 }, () => 0)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(waits({ base: 100, max: 1000 }, () => 0.5)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it('decorrelated draws between base and three times the last', () => {
    const decorrelated = { base: 100, max: 1000, jitter: 'decorrelated' };

    expect(waits(decorrelated, () => 0)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(waits(decorrelated, () => 0.5)).toEqual([200, 350, 575, 912.5, 1000, 1000]);
  });

  it('is a number after any number of attempts', () => {
    for (const jitter of ['full', 'none', 'decorrelated']) {
      for (const base of [0, 1]) {
        const wait = backoffOf({ base, jitter } as Anything, '')(5000, undefined, 0);

        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(30_000);
      }
    }
  });
});
