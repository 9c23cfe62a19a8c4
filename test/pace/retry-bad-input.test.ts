import { map, type RetryOptions, retry } from 'skein';
import { describe, expect, it } from 'vitest';

import { caught } from './failing.ts';

// Wrong on purpose: what a caller without types can do.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;

describe('an option out of its bounds is refused at once, by name, with its bound and the value', () => {
  const fn = async (): Promise<number> => 1;
  const given: readonly [object | number, new () => Error, RegExp][] = [
    [-1, RangeError, /(retries|retry).*>= 0.*got -1/],
    [1.5, RangeError, /got 1.5/],
    [Number.NaN, RangeError, /got NaN/],
    [Number.NEGATIVE_INFINITY, RangeError, /got -Infinity/],
    ['3' as Anything, TypeError, /got '3'/],
    [null as Anything, TypeError, /got null/],
    [{}, TypeError, /retries.*>= 0.*got undefined/],
    [{ retries: 0.5 }, RangeError, /retries.*got 0.5/],
    [{ retries: 1, base: -5 }, RangeError, /base.*>= 0.*got -5/],
    [{ retries: 1, base: Number.NaN }, RangeError, /base.*got NaN/],
    [{ retries: 1, base: Number.POSITIVE_INFINITY }, RangeError, /base.*finite.*got Infinity/],
    [{ retries: 1, base: '5 parsecs' }, RangeError, /base.*got '5 parsecs'/],
    [{ retries: 1, max: -1 }, RangeError, /max.*>= 0.*got -1/],
    [{ retries: 1, backoff: -1 }, RangeError, /backoff.*>= 0.*got -1/],
    [{ retries: 1, backoff: 'quadratic' }, RangeError, /backoff.*got 'quadratic'/],
    [{ retries: 1, jitter: 'some' }, RangeError, /jitter.*'full' or.*got 'some'/],
    [{ retries: 1, jitter: 'decorrelated', backoff: 5 }, RangeError, /jitter.*got 'decorrelated'/],
    [{ retries: 1, retryIf: true }, TypeError, /retryIf.*function.*got true/],
    [{ retries: 1, retryAfter: 5 }, TypeError, /retryAfter.*function.*got 5/],
    [{ retries: 1, totalTimeout: 0 }, RangeError, /totalTimeout.*> 0.*got 0/],
    [{ retries: 1, totalTimeout: -1 }, RangeError, /totalTimeout.*got -1/],
    [{ retries: 1, totalTimeout: Number.NaN }, RangeError, /totalTimeout.*got NaN/],
    [{ retries: 1, budget: '10%' }, TypeError, /budget.*RetryBudget.*got '10%'/],
  ];

  it.each(given)('%o', async (options, type, message) => {
    const refused = expect.objectContaining({ message: expect.stringMatching(message) });
    for (const error of [
      await caught(retry(fn, options as RetryOptions)),
      await caught(map([1], fn, { retry: options as RetryOptions })),
    ]) {
      expect(error).toBeInstanceOf(type);
      expect(error).toEqual(refused);
    }
  });

  it('budget: -1, NaN and Infinity', async () => {
    for (const budget of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await caught(map([1], fn, { retry: { retries: 1, budget } }));

      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toMatch(new RegExp(`budget.*>= 0: got ${budget}`));
    }
  });

  it('a number as budget of one call', async () => {
    const error = await caught(retry(fn, { retries: 1, budget: 0.1 }));

    expect(String(error)).toMatch(/TypeError: .*budget.*RetryBudget.*got 0.1/);
  });

  it('fn', async () => {
    expect(String(await caught(retry(5 as Anything, 1)))).toMatch(/TypeError: .*fn.*got 5/);
  });
});
