import { map, type RetryOptions, retry, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { retryAfterOf } from '../../src/pace/retry-after.ts';

/** Fails once with this error; gives when the second attempt was made. */
async function secondAttempt(error: unknown, options: Partial<RetryOptions> = {}): Promise<number> {
  return virtual(async (clock) => {
    await retry(
      async ({ attempt }) => {
        if (attempt === 1) throw error;
      },
      { retries: 1, backoff: 100, ...options },
    );
    return clock.now();
  });
}

const inSeconds = (n: number): Date => new Date(Date.now() + n * 1000);

describe('what an error asks for', () => {
  it.each([
    ['seconds in its retryAfter', { retryAfter: 5 }],
    ['seconds as text', { retryAfter: '5' }],
    [
      'the headers of its response',
      { response: new Response('', { headers: { 'Retry-After': '5' } }) },
    ],
    ['a Headers of its own', { headers: new Headers({ 'retry-after': ' 5 ' }) }],
    ['plain headers in any case', { response: { headers: { 'Retry-After': '5' } } }],
    ['a header as a list', { headers: { 'retry-after': ['5', '7'] } }],
    ['an Error like any other', Object.assign(new Error('busy'), { retryAfter: 5 })],
  ])('%s', async (_what, error) => {
    expect(await secondAttempt(error)).toBe(5000);
  });

  it.each([
    ['a Date', () => inSeconds(60)],
    ['an HTTP date', () => inSeconds(60).toUTCString()],
    [
      'the form of RFC 850',
      () => {
        const [, day, month, year, time] = inSeconds(60).toUTCString().split(' ');
        return `Sunday, ${day}-${month}-${year?.slice(2)} ${time} GMT`;
      },
    ],
    [
      'the form of asctime, which has no zone',
      () => {
        const [, day, month, year, time] = inSeconds(60).toUTCString().split(' ');
        return `Sun ${month} ${day} ${time} ${year}`;
      },
    ],
  ])('%s', (_what, date) => {
    const wait = retryAfterOf({ retryAfter: date() });

    expect(wait).toBeGreaterThan(58_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  it.each([
    ['nothing', {}],
    ['null', null],
    ['text', 'busy'],
    ['negative seconds', { retryAfter: -5 }],
    ['NaN', { retryAfter: Number.NaN }],
    ['Infinity', { retryAfter: Number.POSITIVE_INFINITY }],
    ['nonsense', { retryAfter: 'soon' }],
    ['nonsense like a number', { retryAfter: '5 apples' }],
    ['nonsense like a date', { retryAfter: 'Mon, 99 Foo 2026 00:00:00 GMT' }],
    ['an invalid Date', { retryAfter: new Date(Number.NaN) }],
    ['a response without headers', { response: null }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'retryAfter', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('is ignored where it is %s', (_what, error) => {
    expect(retryAfterOf(error)).toBeUndefined();
  });

  it('is over where the date has passed', () => {
    expect(retryAfterOf({ retryAfter: 'Sun, 06 Nov 1994 08:49:37 GMT' })).toBe(0);
  });
});

describe('the wait', () => {
  const busy = { retryAfter: 5 };

  it('is the longer of the two', async () => {
    expect(await secondAttempt(busy, { backoff: '1s' })).toBe(5000);
    expect(await secondAttempt(busy, { backoff: '9s' })).toBe(9000);
  });

  it('is not shortened by max', async () => {
    expect(await secondAttempt(busy, { max: 1000 })).toBe(5000);
  });

  it('is bounded by totalTimeout: nobody waits for an attempt that may not start', () =>
    virtual(async (clock) => {
      const failed = map([1], () => Promise.reject(busy), {
        retry: { retries: 3, totalTimeout: '3s' },
      });

      await expect(failed).rejects.toThrow(TimedOut);
      await expect(failed).rejects.toHaveProperty('cause', busy);
      expect(clock.now()).toBe(0);
    }));

  it('is asked of a callback instead, which can also say that there is none', async () => {
    expect(await secondAttempt(busy, { retryAfter: () => '7s' })).toBe(7000);
    expect(await secondAttempt(busy, { retryAfter: () => undefined })).toBe(100);
    const wait = await secondAttempt(busy, { retryAfter: () => inSeconds(60) });
    expect(wait).toBeGreaterThan(58_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  it('never comes where the callback says Infinity: the error is final', async () => {
    await expect(secondAttempt(busy, { retryAfter: () => Number.POSITIVE_INFINITY })).rejects.toBe(
      busy,
    );
  });

  it.each([
    [-1, RangeError],
    [Number.NaN, RangeError],
    ['soon', RangeError],
    [new Date(Number.NaN), RangeError],
  ])('the callback may not answer %s', async (answer, type) => {
    const failed = secondAttempt(busy, { retryAfter: () => answer as number });

    await expect(failed).rejects.toThrow(type);
    await expect(failed).rejects.toThrow(/retryAfter/);
  });
});
