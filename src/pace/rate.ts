/**
 * Rates as people write them: `'50/s'`.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';

type RateUnit = 'ms' | 's' | 'm' | 'min' | 'h';

/** So many in a time: `'50/s'`, `'1000/min'`, `'100/h'`, `'10/250ms'`. */
export type RateText = `${number}/${RateUnit}` | `${number}/${number}${RateUnit}`;

/** So many calls in so much time. */
export interface Rate {
  /** An integer from 1. */
  readonly maxCalls: number;
  /** Milliseconds, above 0. */
  readonly period: number;
}

const UNITS: Readonly<Record<RateUnit, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/**
 * Reads a rate: a count, a slash, and a time, which is a unit (`ms`, `s`, `m` or `min`, `h`) or a number of them.
 *
 * @param text what the user wrote
 * @param option the name that an error gives it
 * @throws TypeError when it is no text
 * @throws RangeError when it is not of this form, the count is not an integer from 1, or the time not above 0
 *
 * @example
 * ```ts
 * import { parseRate } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * assert.deepEqual(parseRate('10/250ms'), { maxCalls: 10, period: 250 });
 * assert.deepEqual(parseRate('1000/min'), { maxCalls: 1000, period: 60_000 });
 * ```
 */
export function parseRate(text: RateText, option = 'rate'): Rate {
  const match =
    typeof text === 'string'
      ? /^\s*([-+.\w]+)\s*\/\s*(-?\d+(?:\.\d+)?)?\s*(ms|s|min|m|h)\s*$/.exec(text)
      : null;
  if (match === null) {
    const Wrong = typeof text === 'string' ? RangeError : TypeError;
    throw new Wrong(
      `Expected ${option} to be a rate such as '50/s', '1000/min' or '10/250ms': got ${describe(text)}`,
    );
  }
  const maxCalls = Number(match[1]);
  const period = Number(match[2] ?? 1) * UNITS[match[3] as RateUnit];
  if (!(Number.isSafeInteger(maxCalls) && maxCalls >= 1)) {
    throw new RangeError(
      `Expected ${option} to count an integer >= 1 (half a call a second is '1/2s'): got '${text}'`,
    );
  }
  if (!(period > 0 && period < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Expected ${option} to have a finite time above 0: got '${text}'`);
  }
  return { maxCalls, period };
}
