/**
 * When to try again, and how long to wait before: the policy behind the `retry` option. The default waits grow exponentially and
 * are drawn from the whole span ("full jitter"), which spreads the repetitions of many clients best
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @module
 */
import { isThenable, requireFunction, requireInteger, requireOneOf } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { isCancelled } from '../core/errors.ts';

/** How failed attempts are repeated. A number is the same as `{ retries }`. */
export interface RetryOptions {
  /** Attempts after the first; from 0. */
  readonly retries: number;
  /**
   * How the waits grow: `exponential` (default), `linear`, a fixed duration, or a function of the failed attempt (1 for the first)
   * and its error.
   */
  readonly backoff?:
    | undefined
    | 'exponential'
    | 'linear'
    | Duration
    | ((attempt: number, error: unknown) => Duration);
  /** The first wait of a growing backoff. Default 100 ms. */
  readonly base?: Duration | undefined;
  /** The longest wait. Default 30 s. */
  readonly max?: Duration | undefined;
  /** `full` (default for growing backoffs) draws the wait between 0 and its length; `none` takes it as it is. */
  readonly jitter?: 'full' | 'none' | undefined;
  /** Whether an error is worth another attempt. Default: all are. A cancellation never is. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
}

/** A checked policy. */
export interface RetryPolicy {
  /** Milliseconds to wait after a failed attempt, or undefined to give up. */
  delayAfter(attempt: number, error: unknown): number | undefined;
}

/** Checks the `retry` option. Undefined where nothing is repeated. */
export function retryPolicy(options: number | RetryOptions | undefined): RetryPolicy | undefined {
  if (options === undefined) return undefined;
  const given: RetryOptions = typeof options === 'number' ? { retries: options } : options;
  const { retries, backoff = 'exponential', retryIf } = given;
  requireInteger(retries, typeof options === 'number' ? 'retry' : 'retry.retries', 0);
  if (retryIf !== undefined) requireFunction(retryIf, 'retry.retryIf');
  const base = toMilliseconds(given.base ?? 100, 'retry.base');
  const max = toMilliseconds(given.max ?? 30_000, 'retry.max');
  const grows = backoff === 'exponential' || backoff === 'linear';
  const jitter = given.jitter ?? (grows ? 'full' : 'none');
  requireOneOf(jitter, 'retry.jitter', ['full', 'none']);
  if (!grows && typeof backoff !== 'function') toMilliseconds(backoff, 'retry.backoff');

  const length = (attempt: number, error: unknown): number => {
    if (backoff === 'exponential') return base * 2 ** (attempt - 1);
    if (backoff === 'linear') return base * attempt;
    const wait = typeof backoff === 'function' ? backoff(attempt, error) : backoff;
    return toMilliseconds(wait, 'retry.backoff');
  };
  return {
    delayAfter(attempt, error) {
      if (attempt > retries || isCancelled(error)) return undefined;
      const worthIt: unknown = retryIf?.(error) ?? true;
      if (isThenable(worthIt))
        throw new TypeError('Expected retry.retryIf to answer at once: got a promise');
      if (worthIt === false) return undefined;
      const wait = Math.min(length(attempt, error), max);
      return jitter === 'full' ? Math.random() * wait : wait;
    },
  };
}
