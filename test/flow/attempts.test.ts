import {
  currentScope,
  type FlowStats,
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

const boom = new Error('boom');

describe('limiters as options', () => {
  /** A limiter of one, without a line of ours. */
  function oneAtATime(log: string[]): Runner {
    let chain: Promise<unknown> = Promise.resolve();
    return {
      run(fn) {
        const next = chain.then(() => {
          log.push('let in');
          return fn();
        });
        chain = next.then(
          () => undefined,
          () => undefined,
        );
        return next;
      },
    };
  }

  it('concurrency: pulls no more than one item ahead of what the limiter lets in', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      let pulled = 0;
      function* source(): Generator<number> {
        for (; pulled < 3; ) yield pulled++;
      }

      await map(
        source(),
        async (n) => {
          log.push(`${n} at ${clock.now()}, pulled ${pulled}`);
          await sleep(10);
        },
        { concurrency: oneAtATime([]) },
      );

      expect(log).toEqual(['0 at 0, pulled 1', '1 at 10, pulled 2', '2 at 20, pulled 3']);
    }));

  it('pace: every attempt takes a turn', () =>
    virtual(async () => {
      const log: string[] = [];
      let failures = 1;

      await map(
        [1, 2],
        async () => {
          if (failures-- > 0) throw boom;
        },
        { pace: oneAtATime(log), retry: { retries: 1, backoff: 0 } },
      );

      expect(log).toEqual(['let in', 'let in', 'let in']);
    }));

  it('a limiter that refuses is the error of the item', () =>
    virtual(async () => {
      const full: Runner = { run: () => Promise.reject(boom) };

      await expect(map([1, 2], (n) => n, { concurrency: full })).rejects.toBe(boom);
    }));
});

describe('retry and timeout', () => {
  it('tries again after growing waits, and tells the attempt', () =>
    virtual(async (clock) => {
      const starts: [number, number][] = [];

      const ended = map(
        ['a'],
        async (_item, { attempt }) => {
          starts.push([attempt, clock.now()]);
          throw boom;
        },
        { retry: { retries: 3, base: 10, jitter: 'none' } },
      );

      await expect(ended).rejects.toBe(boom);
      expect(starts).toEqual([
        [1, 0],
        [2, 10],
        [3, 30],
        [4, 70],
      ]);
    }));

  it.each([
    { backoff: 'linear', base: 10, waits: [0, 10, 30] },
    { backoff: 50, waits: [0, 50, 100] },
    { backoff: (attempt: number) => attempt * 7, waits: [0, 7, 21] },
    { backoff: 'exponential', base: 100, max: 120, waits: [0, 100, 220] },
  ] as const)('waits as the policy says: $backoff', ({ waits, ...policy }) =>
    virtual(async (clock) => {
      const starts: number[] = [];

      await map(
        ['a'],
        async () => {
          starts.push(clock.now());
          throw boom;
        },
        { retry: { retries: 2, jitter: 'none', ...policy } },
      ).catch(() => undefined);

      expect(starts).toEqual(waits);
    }),
  );

  it('a waiting retry gives its place at work to others', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      await map(
        ['fails once', 'b', 'c'],
        async (item, { attempt }) => {
          log.push(`${item} at ${clock.now()}`);
          await sleep(10);
          if (item === 'fails once' && attempt === 1) throw boom;
        },
        { concurrency: 1, retry: { retries: 1, backoff: 15 } },
      );

      expect(log).toEqual(['fails once at 0', 'b at 10', 'c at 20', 'fails once at 30']);
    }));

  it('asks retryIf, and never repeats a cancellation', () =>
    virtual(async () => {
      let calls = 0;
      const count = async (): Promise<never> => {
        calls++;
        throw boom;
      };

      await map([1], count, { retry: { retries: 5, retryIf: () => false } }).catch(() => undefined);
      expect(calls).toBe(1);

      const task = schedule(() => map([1], sleepForever, { retry: 5 }));
      await sleep(1);
      task.cancel();
      expect((await task.settled()).status).toBe('cancelled');
    }));

  it('stops waiting for the next attempt when the flow stops', () =>
    virtual(async (clock) => {
      const ended = map(
        [1, 2],
        async (n) => {
          if (n === 1) throw boom;
          await sleep(10);
          throw new TypeError('for good');
        },
        { retry: { retries: 1, backoff: '1h', retryIf: (e) => e === boom } },
      );

      await expect(ended).rejects.toThrow('for good');
      expect(clock.now()).toBe(10);
    }));

  it('the time-out counts from the start of an attempt, and each has its own', () =>
    virtual(async (clock) => {
      const ended = map([1], sleepForever, {
        timeout: 100,
        retry: { retries: 2, backoff: 10 },
      });

      await expect(ended).rejects.toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(320);
    }));

  it('a time-out aborts the signal of its attempt only', () =>
    virtual(async () => {
      const aborted: boolean[] = [];

      await map(
        [1, 2],
        async (n, { signal }) => {
          await sleep(n === 1 ? '1h' : 150).catch(() => undefined);
          aborted.push(signal.aborted);
        },
        { timeout: 200, onError: 'continue' },
      ).catch(() => undefined);

      expect(aborted).toEqual([false, true]);
    }));

  it('what ignores its time-out keeps its place until it settles, and has timed out', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const outcomes: string[] = [];
      const outside = currentScope();
      const flow = mapStream(
        ['slow', 'next'],
        async (item) => {
          log.push(`${item} at ${clock.now()}`);
          const { promise, resolve } = Promise.withResolvers<void>();
          outside.spawn(() => sleep(item === 'slow' ? 300 : 10).then(resolve));
          await promise;
        },
        { concurrency: 1, timeout: 100 },
      );
      for await (const outcome of flow.settled()) outcomes.push(outcome.status);

      expect(log).toEqual(['slow at 0', 'next at 300']);
      expect(outcomes).toEqual(['failed', 'done']);
    }));
});

describe('onProgress', () => {
  it('is called at most ten times a second, and at the end', () =>
    virtual(async () => {
      const seen: FlowStats[] = [];

      await map(Array(50).keys(), () => sleep(10), {
        concurrency: 1,
        onProgress: (stats) => seen.push(stats),
      });

      expect(seen.length).toBeGreaterThanOrEqual(5);
      expect(seen.length).toBeLessThanOrEqual(7);
      expect(seen.at(-1)).toEqual({ pulled: 50, running: 0, done: 50, failed: 0, waiting: 0 });
    }));

  it('stops the flow when it throws', () =>
    virtual(async () => {
      const ended = map([1, 2], () => sleep(1), {
        onProgress: () => {
          throw boom;
        },
      });

      await expect(ended).rejects.toBe(boom);
    }));
});
