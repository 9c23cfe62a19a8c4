import { map, parseRate, RateLimiter, rateLimited, TokenBucket } from 'skein';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

// biome-ignore lint/suspicious/noExplicitAny: wrong input is what these tests are about.
type Anything = any;

const text = '3' as Anything;
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const free = () => new RateLimiter({ maxCalls: 1, period: 1 });
const limited = (options: Anything) => () =>
  new RateLimiter({ maxCalls: 1, period: '1s', ...options });
const bucket = (options: Anything) => () => new TokenBucket({ rate: 1, ...options });

describe('wrong input of rate limits is named at once', () => {
  it.each<[() => unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ...[0, -1, 1.5, nan, infinity].flatMap(
      (value): [() => unknown, typeof RangeError, RegExp][] => [
        [limited({ maxCalls: value }), RangeError, new RegExp(`maxCalls.*>= 1.*got ${value}`)],
        [bucket({ burst: value }), RangeError, new RegExp(`burst.*>= 1.*got ${value}`)],
      ],
    ),
    [() => new RateLimiter(undefined as Anything), TypeError, /options.*object.*got undefined/],
    [limited({ maxCalls: text }), TypeError, /maxCalls.*integer.*got '3'/],
    [limited({ period: 0 }), RangeError, /period.*> 0.*got 0/],
    [limited({ period: -1 }), RangeError, /period.*>= 0.*got -1/],
    [limited({ period: nan }), RangeError, /period.*got NaN/],
    [limited({ period: infinity }), RangeError, /period.*finite.*> 0.*got Infinity/],
    [limited({ period: 'soon' }), RangeError, /period.*got 'soon'/],
    [limited({ period: undefined }), TypeError, /period.*got undefined/],
    [limited({ minInterval: -1 }), RangeError, /minInterval.*>= 0.*got -1/],
    [limited({ minInterval: nan }), RangeError, /minInterval.*got NaN/],
    [limited({ minInterval: infinity }), RangeError, /minInterval.*finite.*got Infinity/],
    [limited({ key: 'host' }), TypeError, /key.*function.*got 'host'/],
    [limited({ signal: {} }), TypeError, /signal.*AbortSignal/],
    [() => rateLimited({ maxCalls: 0, period: 1 }), RangeError, /maxCalls.*got 0/],
    [() => rateLimited({ maxCalls: 1, period: 1 })(text), TypeError, /fn.*function.*got '3'/],
    [() => free().pauseFor(-1), RangeError, /duration.*>= 0.*got -1/],
    [() => free().pauseFor(infinity), RangeError, /duration.*finite.*got Infinity/],
    [() => free().pauseFor(text), RangeError, /duration.*got '3'/],
    [bucket({ rate: 0 }), RangeError, /rate.*above 0.*got 0/],
    [bucket({ rate: -2 }), RangeError, /rate.*above 0.*got -2/],
    [bucket({ rate: nan }), RangeError, /rate.*got NaN/],
    [bucket({ rate: infinity }), RangeError, /rate.*finite.*got Infinity/],
    [bucket({ rate: text }), RangeError, /rate.*'50\/s'.*got '3'/],
    [bucket({ rate: undefined }), TypeError, /rate.*got undefined/],
    [bucket({ rate: '0/s' }), RangeError, /rate.*>= 1.*got '0\/s'/],
  ])('%s', (call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });

  it.each<[() => Promise<unknown>, typeof TypeError | typeof RangeError, RegExp]>([
    [() => free().run(text), TypeError, /fn.*function.*got '3'/],
    [() => free().run(() => 1, text), TypeError, /options of a call of rate limiter.*got '3'/],
    [() => free().run(() => 1, { timeout: -1 }), RangeError, /timeout.*got -1/],
    [() => free().run(() => 1, { signal: text }), TypeError, /signal.*AbortSignal.*got '3'/],
    [() => bucket({})().run(() => 1, { tokens: 2 }), RangeError, /tokens.*burst, 1.*got 2/],
    [() => bucket({})().run(() => 1, { tokens: null as Anything }), TypeError, /tokens.*got null/],
    [() => free().run(() => 1, { weight: 0 }), RangeError, /weight.*>= 1.*got 0/],
    [() => free().run(() => 1, { weight: text }), TypeError, /weight.*got '3'/],
    [() => bucket({})().run(() => 1, { tokens: 0 }), RangeError, /tokens.*>= 1.*got 0/],
    [() => bucket({})().run(() => 1, { tokens: 0.5 }), RangeError, /tokens.*>= 1.*got 0.5/],
    [() => bucket({})().run(() => 1, { tokens: text }), TypeError, /tokens.*got '3'/],
    [() => map([], String, { pace: '5/day' as Anything }), RangeError, /pace.*got '5\/day'/],
    [() => map([], String, { pace: '0/s' }), RangeError, /pace.*>= 1.*got '0\/s'/],
    [() => map([], String, { pace: 5 as Anything }), TypeError, /pace.*'50\/s'.*run method.*got 5/],
  ])('%s', async (call, kind, message) => {
    const error = await failure(call());

    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
  });
});

describe('a rate as text', () => {
  it.each([
    ['50/s', 50, 1000],
    ['1e3/s', 1000, 1000],
    ['1000/min', 1000, 60_000],
    ['1000/m', 1000, 60_000],
    ['100/h', 100, 3_600_000],
    ['10/250ms', 10, 250],
    ['1/0.5s', 1, 500],
    [' 3 / 2 h ', 3, 7_200_000],
  ])('%s is a count and a period', (given, maxCalls, period) => {
    expect(parseRate(given as Anything)).toEqual({ maxCalls, period });
  });

  it.each([
    ['50', RangeError],
    ['50/', RangeError],
    ['/s', RangeError],
    ['fast', RangeError],
    ['50/day', RangeError],
    ['NaN/s', RangeError],
    ['Infinity/s', RangeError],
    ['1e400/s', RangeError],
    ['50/s/s', RangeError],
    ['', RangeError],
    [50, TypeError],
    [null, TypeError],
    ['0/s', RangeError],
    ['-1/s', RangeError],
    ['0.5/s', RangeError],
    ['9007199254740993/s', RangeError],
    ['1/0s', RangeError],
    ['1/-5s', RangeError],
    [`1/${'9'.repeat(400)}s`, RangeError],
  ])('%s is refused', (given, kind) => {
    const call = (): unknown => parseRate(given as Anything, 'limit');

    expect(call).toThrow(kind);
    expect(call).toThrow(/limit.*got/);
  });
});
