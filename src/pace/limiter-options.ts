/**
 * What a limiter can be told, checked once.
 *
 * @module
 */
import {
  describe,
  requireInteger,
  requireLimit,
  requireOneOf,
  requireSignal,
} from '../core/arguments.ts';
import { type Duration, requireSpan, toMilliseconds } from '../core/duration.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import type { Limiter } from '../core/limiter.ts';
import { type Runner, requireRunner } from '../core/runner.ts';
import type { AdmissionRules } from './admission.ts';
import type { CallRules } from './attempt.ts';
import type { DoorRules } from './door.ts';
import type { LineOverflow } from './priority-line.ts';
import { type Ask, PLAIN } from './queued-call.ts';
import { parseRate, type Rate, type RateText } from './rate.ts';
import { RateByKey } from './rate-by-key.ts';
import { type RetryOptions, type RetryPolicy, retryPolicy } from './retry-policy.ts';
import { StartLog } from './start-log.ts';

/** How a limiter works. All of it can be combined. */
export interface LimiterOptions {
  /**
   * Calls at work at once: an integer from 1, -1 or Infinity for no limit (default), or a limiter that others use too: a `Semaphore`, a
   * `CapacityLimiter`, another limiter.
   */
  readonly concurrency?: number | Runner | undefined;
  /**
   * Starts in a time: a `RateLimiter`, a `TokenBucket`, or text such as `'50/s'`, which is an exact `RateLimiter` of its own. Only a
   * start uses one up, never a call that is withdrawn. Default: none.
   */
  readonly rate?: Runner | RateText | undefined;
  /** The least time between two starts. Default 0. */
  readonly spacing?: Duration | undefined;
  /** Per attempt, from its start. The caller is told at that moment; the place stays taken until the function has really settled. Default: none. */
  readonly timeout?: Duration | undefined;
  /**
   * Further attempts after a failure. While one waits, its place is free for others. A call whose own timed-out attempt still has the last
   * place, because its function ignores its signal, ends with the error of that attempt. Default 0.
   */
  readonly retry?: number | RetryOptions | undefined;
  /**
   * How many calls may wait; from 0. With a `rate`, a `spacing` or a shared limiter every call stands in line first, if only for a
   * microtask. Default: no limit.
   */
  readonly maxWaiting?: number | undefined;
  /**
   * What happens to a call that finds the line full. `reject` (default): it rejects with `WouldBlock`. `drop-oldest` and `drop-newest`: of
   * those with the lowest priority, the new call among them, the oldest or the newest makes room, and rejects with `WouldBlock`.
   */
  readonly overflow?: LineOverflow | undefined;
  /** What errors and the task tree call it. Default `limiter`. */
  readonly name?: string | undefined;
}

const LIMITER_NAMES: NamesOf<LimiterOptions> = {
  concurrency: true,
  rate: true,
  spacing: true,
  timeout: true,
  retry: true,
  maxWaiting: true,
  overflow: true,
  name: true,
};

/** How one call is run. */
export interface CallOptions {
  /** Higher goes first; any number. Default 0. */
  readonly priority?: number | undefined;
  /**
   * Takes the call out of the line when it aborts, at once and without a start of the rate; of a function that is at work it aborts the signal in the
   * context. The call rejects with its reason, as it is, when the function has ended, unless that has given a value all the same.
   */
  readonly signal?: AbortSignal | undefined;
  /** Instead of that of the limiter. */
  readonly timeout?: Duration | undefined;
  /** Places that it takes; an integer from 1 to the concurrency, and 1 where there is none or where it is another limiter. Default 1. */
  readonly weight?: number | undefined;
  /** Passed on to `rate`, and to `concurrency` if that is a limiter, for those that keep keys apart. */
  readonly key?: unknown;
}

const CALL_NAMES: NamesOf<CallOptions> = {
  priority: true,
  signal: true,
  timeout: true,
  weight: true,
  key: true,
};

/** A checked limiter. */
export interface LimiterPlan extends AdmissionRules {
  readonly concurrency: number;
  readonly rules: CallRules;
  /** It counts starts in a time. */
  readonly paces: boolean;
  /** Its concurrency is that of another limiter. */
  readonly bounded: boolean;
}

/** Checks the options of a limiter. */
export function planLimiter(given: number | LimiterOptions): LimiterPlan {
  const options = typeof given === 'number' ? { concurrency: given } : given;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `Expected options of limiter to be a number or an object: got ${describe(given)}`,
    );
  }
  requireOptions(options, LIMITER_NAMES, 'limiter');
  const { concurrency = Number.POSITIVE_INFINITY, rate, overflow = 'reject', name } = options;
  const { spacing: between = 0 } = options;
  const limit = typeof concurrency === 'number' ? undefined : concurrency;
  if (limit !== undefined) requireRunner(limit, 'concurrency');
  const paced = rate === undefined ? undefined : rateOf(rate);
  const spacing = requireSpan(between, 'spacing', 'from 0');
  requireOneOf(overflow, 'overflow', ['reject', 'drop-oldest', 'drop-newest']);
  if (options.maxWaiting !== undefined && options.maxWaiting !== Number.POSITIVE_INFINITY) {
    requireInteger(options.maxWaiting, 'maxWaiting', 0);
  }
  const foreign = paced !== undefined && 'run' in paced ? paced : undefined;
  const own = paced !== undefined && 'period' in paced ? paced : undefined;
  const door: DoorRules | undefined =
    limit === undefined && foreign === undefined ? undefined : { limit, rate: foreign };
  const spaced = spacing > 0 ? new StartLog(1, spacing, 0) : undefined;
  const pace = own === undefined ? spaced : new RateByKey(own, spacing);
  return {
    label: name === undefined ? 'limiter' : `limiter ${name}`,
    concurrency:
      limit === undefined ? requireLimit(concurrency, 'concurrency', 1) : Number.POSITIVE_INFINITY,
    maxWaiting: options.maxWaiting ?? Number.POSITIVE_INFINITY,
    overflow,
    gate: pace === undefined && door === undefined ? undefined : { pace, door, pacing: undefined },
    paces: paced !== undefined || spacing > 0,
    bounded: limit !== undefined,
    rules: { timeout: timeLimit(options.timeout), retry: repetition(options.retry) },
  };
}

/** A rate of its own is asked directly, that of others through their `run`. */
function rateOf(rate: Runner | RateText): Runner | Rate {
  if (typeof rate === 'string') return parseRate(rate);
  if (typeof (rate as Partial<Limiter> | null)?.tryAcquire === 'function') {
    throw new TypeError(
      `Expected rate to say how often, and concurrency how many at once: got ${describe(rate)}`,
    );
  }
  if (typeof (rate as Runner | null)?.run === 'function') return rate;
  throw new TypeError(
    `Expected rate to be a rate such as '50/s', or to have a run method: got ${describe(rate)}`,
  );
}

function timeLimit(timeout: Duration | undefined): number {
  return timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout');
}

function repetition(retry: LimiterOptions['retry']): RetryPolicy | undefined {
  return retry === 0 ? undefined : retryPolicy(retry);
}

/** Checks the options of a call that have to do with its turn. */
export function askOf(options: CallOptions | undefined): Ask {
  if (options === undefined) return PLAIN;
  requireOptions(options, CALL_NAMES, 'a call of a limiter');
  const { priority = 0, weight = 1, key, signal } = options;
  if (typeof priority !== 'number') {
    throw new TypeError(`Expected priority to be a number: got ${describe(priority)}`);
  }
  if (Number.isNaN(priority)) throw new RangeError('Expected priority to be a number: got NaN');
  requireInteger(weight, 'weight', 1);
  if (signal !== undefined) requireSignal(signal, 'signal');
  if (priority === 0 && weight === 1 && key === undefined) return PLAIN;
  return { priority, weight, key };
}

/** What a call has beside its turn: its own time-out, or that of the limiter. */
export function rulesOf(options: CallOptions | undefined, rules: CallRules): CallRules {
  return options?.timeout === undefined ? rules : { ...rules, timeout: timeLimit(options.timeout) };
}
