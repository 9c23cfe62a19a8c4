import { attemptsOf, Cancelled, limiter, Semaphore, sleep, TimedOut, WouldBlock } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure } from '../sync/support.ts';

describe('an attempt that holds its place after its time-out', () => {
  it('is not repeated: the next one would wait for it', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, timeout: '1s', retry: { retries: 2, backoff: 0 } });
      let calls = 0;
      const error = await failure(
        limit(() => {
          calls++;
          return new Promise(() => {});
        }),
      );

      expect(error).toBeInstanceOf(TimedOut);
      expect(attemptsOf(error)).toEqual([error]);
      expect([calls, clock.now(), limit.active, limit.waiting]).toEqual([1, 1000, 1, 0]);
    }));

  it('is repeated while there is another place', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 2, timeout: '1s', retry: { retries: 2, backoff: 0 } });
      const deaf = Promise.withResolvers<never>();
      let calls = 0;
      const error = await failure(
        limit(() => {
          calls++;
          return deaf.promise;
        }),
      );

      expect(error).toBeInstanceOf(TimedOut);
      expect([calls, clock.now(), limit.active]).toEqual([2, 2000, 2]);
      deaf.reject(new Error('too late'));
      await limit.idle();
      expect(limit.active).toBe(0);
    }));

  it('is not repeated where the places are those of another limiter', () =>
    virtual(async () => {
      const shared = { concurrency: new Semaphore(1), timeout: '1s', retry: 1 } as const;

      expect(await failure(limiter(shared)(() => new Promise(() => {})))).toBeInstanceOf(TimedOut);
    }));

  it('is repeated when it has settled before its backoff is over', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, timeout: '1s', retry: { retries: 1, backoff: 500 } });
      const ended = sleep(1200);
      const call = limit.run(async ({ attempt }) => {
        if (attempt === 1) await ended;
        return clock.now();
      });

      expect(await call).toBe(1500);
    }));
});

describe('totalTimeout', () => {
  const retry = { retries: 2, backoff: 10, totalTimeout: '1s' } as const;

  it('bounds the wait in line of a further attempt', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, retry });
      const real = new Error('real');
      const call = failure(limit(() => Promise.reject(real)));
      await sleep(5);
      const busy = failure(limit(sleep, '1h'));
      const error = await call;

      expect(error).toBeInstanceOf(TimedOut);
      expect(error.cause).toBe(real);
      expect(attemptsOf(error)).toEqual([real]);
      expect([clock.now(), limit.active, limit.waiting]).toEqual([1000, 1, 0]);
      await busy;
    }));

  it('bounds it in a paused limiter, and leaves no place and no timer behind', () =>
    virtual(async (clock) => {
      const limit = limiter({ retry });
      const call = failure(
        limit(() => {
          limit.pause();
          throw new Error('real');
        }),
      );

      expect(await call).toBeInstanceOf(TimedOut);
      expect([clock.now(), limit.waiting]).toEqual([1000, 0]);
      limit.resume();
      await limit.idle();
    }));

  it('does not bound the wait of the first attempt', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, retry });
      limit.pause();
      const call = limit(() => clock.now());
      await sleep('1h');
      limit.resume();

      expect(await call).toBe(3_600_000);
    }));
});

describe('a signal', () => {
  const retry = { retries: 3, backoff: '1m' } as const;

  it('ends the wait between two attempts at once', () =>
    virtual(async (clock) => {
      const abort = new CountedAbort();
      const { signal } = abort;
      const limit = limiter({ retry });
      const real = new Error('real');
      const call = failure(limit.run(() => Promise.reject(real), { signal }));
      await sleep('1s');
      expect(abort.listeners).toBe(1);
      const why = new Error('gone');
      abort.abort(why);

      expect(await call).toBe(why);
      expect(attemptsOf(why)).toEqual([real]);
      expect([clock.now(), limit.waiting, abort.listeners]).toEqual([1000, 0, 0]);
    }));

  it('that has aborted during the attempt lets no wait begin', () =>
    virtual(async (clock) => {
      const controller = new AbortController();
      const [real, why] = [new Error('real'), new Error('gone')];
      const call = limiter({ retry }).run(
        () => {
          controller.abort(why);
          throw real;
        },
        { signal: controller.signal },
      );

      expect(await failure(call)).toBe(why);
      expect(attemptsOf(why)).toEqual([real]);
      expect(clock.now()).toBe(0);
    }));

  it('reaches a further attempt that waits in line with a deadline', () =>
    virtual(async (clock) => {
      const abort = new CountedAbort();
      const limit = limiter({
        concurrency: 1,
        retry: { retries: 1, backoff: 10, totalTimeout: '1h' },
      });
      const call = failure(
        limit.run(() => Promise.reject(new Error('real')), { signal: abort.signal }),
      );
      const busy = limit(sleep, 500);
      await sleep(100);
      abort.abort('gone');

      expect(await call).toBe('gone');
      expect([clock.now(), abort.listeners]).toEqual([100, 0]);
      await busy;
    }));
});

describe('a further attempt that is turned away keeps what the one before failed with', () => {
  const real = new Error('real');
  const fail = () => Promise.reject(real);
  const retry = { retries: 2, backoff: 10 } as const;

  it('by a full line', () =>
    virtual(async () => {
      const limit = limiter({ concurrency: 1, maxWaiting: 1, retry });
      const call = failure(limit(fail));
      const busy = limit(sleep, 100);
      await sleep(1);
      const waiting = limit(sleep, 1);
      const error = await call;

      expect(error).toBeInstanceOf(WouldBlock);
      expect(attemptsOf(error)).toEqual([real]);
      await Promise.all([busy, waiting]);
    }));

  it.each([
    { by: 'clear, between two attempts', after: 5, paused: false },
    { by: 'clear, in line', after: 50, paused: true },
  ])('by $by', ({ after, paused }) =>
    virtual(async () => {
      const limit = limiter({ retry });
      const other = new Error('other');
      const calls = [limit(fail), limit(() => Promise.reject(other))].map(failure);
      await idle();
      if (paused) limit.pause();
      await sleep(after);
      expect(limit.clear('enough')).toBe(2);
      const errors = await Promise.all(calls);

      expect(errors.map(String)).toEqual(
        Array(2).fill('AbortError: Cancelled limiter by main: enough'),
      );
      expect(errors.map(attemptsOf)).toEqual([[real], [other]]);
    }),
  );

  it('by the end of the limiter', () =>
    virtual(async () => {
      const limit = limiter({ retry });
      const call = failure(limit(fail));
      await idle();
      await limit[Symbol.asyncDispose]();
      const error = await call;

      expect(error).toBeInstanceOf(Cancelled);
      expect(attemptsOf(error)).toEqual([real]);
    }));
});
