import { limiter, map, scope, sleep, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', note);
});
afterEach(() => {
  process.off('warning', note);
});

/** Never settles, and ignores every signal. */
const deaf = () => new Promise<never>(() => {});

describe('a function that ignores its signal', () => {
  it.each([
    { until: 'the time-out', options: { timeout: '1s' } },
    { until: 'the deadline', options: { retry: { retries: 2, totalTimeout: '1s' } } },
    { until: 'both', options: { timeout: '1s', retry: { retries: 2, totalTimeout: '1s' } } },
  ] as const)('holds its caller no longer than $until, without a warning', ({ options }) =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 2, ...options });

      expect(await failure(limit(deaf))).toBeInstanceOf(TimedOut);
      expect([clock.now(), limit.active]).toEqual([1000, 1]);
      await sleep('1m');
      expect([limit.active, warnings]).toEqual([1, []]);
    }),
  );

  it('holds its caller no longer when it is inside scopes of its own', () =>
    virtual(async (clock) => {
      const limit = limiter({ timeout: '1s' });

      expect(await failure(limit(() => scope(deaf)))).toBeInstanceOf(TimedOut);
      expect(await failure(limit(() => map([1], deaf)))).toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(2000);
    }));

  it('does not hold the scope around it', () =>
    virtual(async (clock) => {
      const limit = limiter({ timeout: '1s' });
      const value = await scope(() => limit(deaf).catch(() => 'went on'));

      expect([value, clock.now()]).toEqual(['went on', 1000]);
    }));

  it('may fail later, and nobody hears of it', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, timeout: '1s' });
      let fail: ((error: Error) => void) | undefined;
      const call = limit(() => new Promise((_, reject) => (fail = reject)));
      expect(await failure(call)).toBeInstanceOf(TimedOut);
      const next = limit(() => clock.now());
      await sleep('2s');
      fail?.(new Error('too late'));

      expect(await next).toBe(3000);
    }));
});
