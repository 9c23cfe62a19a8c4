import { attemptsOf, limiter, sleep, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

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
