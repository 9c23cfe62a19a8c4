/**
 * When the other side wants to be asked again: the `Retry-After` of HTTP (RFC 9110, 10.2.3), as errors carry it. What cannot be
 * understood is ignored, because it was written by somebody else's server.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';

/** What a `retryAfter` callback may answer: a time from now, a point in time, or nothing. */
export type RetryAfter = Duration | Date | undefined;

/** The three forms of an HTTP date; each starts with the name of a day. */
const HTTP_DATE = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i;

interface Hinting {
  readonly retryAfter?: unknown;
  readonly headers?: unknown;
  readonly response?: { readonly headers?: unknown } | null;
}

/**
 * Milliseconds that an error asks to wait: its `retryAfter` (seconds, a Date, or text as in the header), or the header `retry-after` in the
 * `headers` of its `response` or of itself, a `Headers` or a plain object. Undefined where there is none.
 */
export function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const { retryAfter, response, headers } = error as Hinting;
    return read(retryAfter) ?? read(header(response?.headers)) ?? read(header(headers));
  } catch {
    // A getter of somebody else's that throws says nothing.
    return undefined;
  }
}

/** Milliseconds that a callback asks to wait. Throws where the answer is wrong: it is the user's own code. */
export function answered(answer: RetryAfter, name: string): number | undefined {
  if (answer === undefined) return undefined;
  if (!(answer instanceof Date)) return toMilliseconds(answer, name);
  const wait = answer.getTime() - Date.now();
  if (!Number.isNaN(wait)) return Math.max(0, wait);
  throw new RangeError(`Expected ${name} to give a valid date: got ${describe(answer)}`);
}

function header(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  if (typeof get === 'function') return get.call(headers, 'retry-after');
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'retry-after');
  const value = name === undefined ? undefined : (headers as Record<string, unknown>)[name];
  return Array.isArray(value) ? value[0] : value;
}

function read(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && value < Infinity ? value * 1000 : undefined;
  if (value instanceof Date) return until(value.getTime());
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return undefined;
  // The oldest form, of C's asctime, has no zone; all are in GMT.
  return until(Date.parse(/ GMT$/i.test(text) ? text : `${text} GMT`));
}

function until(time: number): number | undefined {
  const wait = time - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
