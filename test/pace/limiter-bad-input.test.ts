import { allOf, keyed, limiter, TokenBucket } from 'skein';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

const limits = 'Expected concurrency to be an integer >= 1, or -1 or Infinity for no limit';

describe('bad input', () => {
  it.each([
    [0, RangeError, `${limits}: got 0`],
    [1.5, RangeError, `${limits}: got 1.5`],
    [Number.NaN, RangeError, `${limits}: got NaN`],
    [-2, RangeError, `${limits}: got -2`],
    ['5', TypeError, "Expected options of limiter to be a number or an object: got '5'"],
    [null, TypeError, 'Expected options of limiter to be a number or an object: got null'],
    [
      { concurrency: '5' },
      TypeError,
      "Expected concurrency to be a number or to have a run method: got '5'",
    ],
    [
      { rate: 5 },
      TypeError,
      "Expected rate to be a rate such as '50/s', or to have a run method: got 5",
    ],
    [
      { rate: 'fast' },
      RangeError,
      "Expected rate to be a rate such as '50/s', '1000/min' or '10/250ms': got 'fast'",
    ],
    [{ spacing: -1 }, RangeError, 'Expected spacing to be a duration >= 0: got -1'],
    [
      { spacing: Number.POSITIVE_INFINITY },
      RangeError,
      'Expected spacing to be a finite duration >= 0: got Infinity',
    ],
    [{ timeout: Number.NaN }, RangeError, 'Expected timeout to be a duration >= 0: got NaN'],
    [{ retry: -1 }, RangeError, 'Expected retry to be an integer >= 0 or Infinity: got -1'],
    [{ maxWaiting: -1 }, RangeError, 'Expected maxWaiting to be an integer >= 0: got -1'],
    [{ maxWaiting: 0.5 }, RangeError, 'Expected maxWaiting to be an integer >= 0: got 0.5'],
    [
      { overflow: 'wait' },
      RangeError,
      "Expected overflow to be 'reject' or 'drop-oldest' or 'drop-newest': got 'wait'",
    ],
  ])('of limiter(%j) throws', (options, type, message) => {
    const make = () => limiter(options as never);
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  it.each([
    [{ priority: 'high' }, TypeError, "Expected priority to be a number: got 'high'"],
    [{ priority: Number.NaN }, RangeError, 'Expected priority to be a number: got NaN'],
    [{ weight: 0 }, RangeError, 'Expected weight to be an integer >= 1: got 0'],
    [{ signal: {} }, TypeError, 'Expected signal to be an AbortSignal: got an instance of Object'],
    [{ timeout: 'soon' }, RangeError, 'Expected timeout to be a duration'],
    [7, TypeError, 'Expected options of a call of a limiter to be an object: got 7'],
  ])('of run(fn, %j) rejects', async (options, type, message) => {
    const error = await failure(limiter(1).run(() => 1, options as never));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(message);
  });

  it('that is no function rejects', async () => {
    for (const limit of [limiter(1), limiter({ timeout: 1 })]) {
      expect(String(await failure(limit('x' as never)))).toBe(
        "TypeError: Expected fn to be a function: got 'x'",
      );
      expect(await failure(limit.run(undefined as never))).toBeInstanceOf(TypeError);
    }
  });

  it('for properties throws', () => {
    const limit = limiter(1);
    expect(() => {
      limit.concurrency = 0;
    }).toThrow(`${limits}: got 0`);
    const shared = limiter({ concurrency: limit });
    expect(() => {
      shared.concurrency = 5;
    }).toThrow('Cannot set concurrency: it is that of the limiter that was given');
  });

  it.each([
    ['nothing', () => limiter({})],
    ['only starts', () => limiter({ rate: '10/s', spacing: 1 })],
    ['only those of a rate', () => limiter({ rate: new TokenBucket({ rate: 10 }) })],
  ])('of weights where %s is counted rejects', async (_, make) => {
    expect(String(await failure(make().run(() => 1, { weight: 2 })))).toBe(
      'RangeError: Expected weight to be 1 where there is no concurrency: got 2',
    );
  });

  it('of weights where another limiter counts rejects', async () => {
    const shared = limiter({ concurrency: limiter(5) });
    expect(String(await failure(shared.run(() => 1, { weight: 2 })))).toBe(
      'RangeError: Expected weight to be 1 where concurrency is a limiter: got 2',
    );
  });

  it('of keyed and allOf throws', () => {
    expect(() => keyed(5 as never)).toThrow('Expected make to be a function: got 5');
    expect(() => keyed(() => limiter(1), { idle: -1 })).toThrow(
      'Expected idle to be a duration >= 0: got -1',
    );
    expect(() => keyed(() => 5 as never).get('a')).toThrow(TypeError);
    expect(() => allOf(limiter(1), {} as never)).toThrow(
      'Expected limits[1] to be a number or to have a run method: got an instance of Object',
    );
  });
});
