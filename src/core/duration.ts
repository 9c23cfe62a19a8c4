/**
 * Spans of time as users write them: milliseconds, text such as `'5s'`, or a `Temporal.Duration`. Everything is checked here,
 * once, so that no timer ever sees NaN.
 *
 * @module
 */
import { describe } from './arguments.ts';

/** Milliseconds (`250`), text (`'250ms'`, `'5s'`, `'2m'`, `'1h'`) or a `Temporal.Duration`. From 0 up; Infinity means never. */
export type Duration =
  | number
  | `${number}${'ms' | 's' | 'm' | 'h'}`
  | { total(options: { unit: 'milliseconds' }): number };

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Converts a duration to milliseconds.
 *
 * @param duration what the user wrote
 * @param option the name that an error gives it
 * @returns milliseconds, 0 or more, Infinity included
 * @throws TypeError when it is neither a number, nor text, nor a `Temporal.Duration`
 * @throws RangeError when it is negative or NaN, or text that is not of the form `'5s'`
 */
export function toMilliseconds(duration: Duration, option: string): number {
  const ms = parse(duration, option);
  if (!(ms >= 0)) throw new RangeError(`Expected ${option} to be a duration >= 0: got ${ms}`);
  return ms;
}

/**
 * Converts a duration that must be finite.
 *
 * @param least whether 0 is allowed
 * @throws what `toMilliseconds` throws, and RangeError when it is infinite, or 0 and must not be
 */
export function requireSpan(
  duration: Duration,
  option: string,
  least: 'from 0' | 'above 0',
): number {
  const ms = toMilliseconds(duration, option);
  if (ms < Number.POSITIVE_INFINITY && (ms > 0 || least === 'from 0')) return ms;
  const bound = least === 'from 0' ? '>= 0' : '> 0';
  throw new RangeError(`Expected ${option} to be a finite duration ${bound}: got ${ms}`);
}

function parse(duration: Duration, option: string): number {
  if (typeof duration === 'number') return duration;
  if (typeof duration === 'string') {
    const match = /^\s*(-?\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/.exec(duration);
    if (match !== null) return Number(match[1]) * (UNITS[match[2] as string] as number);
  } else if (typeof duration?.total === 'function') {
    return duration.total({ unit: 'milliseconds' });
  }
  const Wrong = typeof duration === 'string' ? RangeError : TypeError;
  throw new Wrong(
    `Expected ${option} to be a duration (milliseconds, '250ms', '5s', '2m', '1h' or a Temporal.Duration): got ${describe(duration)}`,
  );
}
