/**
 * The options that all flows share, and the one place where they are checked and their defaults filled in.
 *
 * @module
 */

import {
  describe,
  requireBoolean,
  requireFunction,
  requireLimit,
  requireOneOf,
  requireSignal,
} from '../core/arguments.ts';
import type { Context, MaybePromise } from '../core/context.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { type Engine, loopCapacity, requireEngine } from '../core/engine.ts';
import { DEFAULT_GRACE } from '../core/grace.ts';
import type { NamesOf } from '../core/known-options.ts';
import { type Runner, requireRunner } from '../core/runner.ts';
import { parseRate, type RateText } from '../pace/rate.ts';
import { RateLimiter } from '../pace/rate-limiter.ts';
import { type RetryOptions, type RetryPolicy, retryPolicy } from '../pace/retry-policy.ts';
import { CallSite } from '../runtime/call-site.ts';

/** Turns an item into a result. The item comes first, so `map(urls, fetch)` works. */
export type Mapper<T, R> = (item: T, context: Context) => MaybePromise<R>;

/** How far a flow is. */
export interface FlowStats {
  /** Items taken from the source. */
  readonly pulled: number;
  /** Items in the function now. */
  readonly running: number;
  /** Items that gave a value. */
  readonly done: number;
  /** Items that failed for good. */
  readonly failed: number;
  /** Results that the consumer has not taken yet. */
  readonly waiting: number;
}

/** What all flows can be told. */
export interface FlowOptions {
  /** Items at work at once: an integer from 1, -1 or Infinity for no limit, or a limiter. Default: `engine.capacity` (and as many more at hand as its `prefetch` says), else min(32, cores + 4). */
  readonly concurrency?: number | Runner | undefined;
  /**
   * Results that may be at work or wait for a slow consumer, beyond those it has asked for; a place is reserved before a task
   * starts, so fewer places than `concurrency` mean fewer tasks. From 0; -1 or Infinity: no bound. Default: the concurrency.
   */
  readonly buffer?: number | undefined;
  /** Where the function runs. Default: this event loop, in place. */
  readonly engine?: Engine | undefined;
  /**
   * Every attempt waits for its turn here: a rate limiter, or anything with a `run` method. Text such as `'50/s'` is an exact rate limiter of
   * this flow alone: at most so many starts in any window of that length.
   */
  readonly pace?: Runner | RateText | undefined;
  /** Further attempts after a failure. While one waits its place at work is free for others. Default 0. */
  readonly retry?: number | RetryOptions | undefined;
  /** Per attempt, from its start. What settles later has failed with `TimedOut`; it keeps its place until it has settled. */
  readonly timeout?: Duration | undefined;
  /** Time that cancelled work, and the source, get to end in before they are reported as stuck and left behind. Default 5 s. */
  readonly grace?: Duration | undefined;
  /**
   * Settles at the moment of a failure or a cancellation, and leaves behind, without a report, what does not stop at once. An attempt whose
   * `timeout` is over frees its place and may be repeated while it runs on. Whoever tests finds it by `assertNoLeaks`. Default false.
   */
  readonly abandon?: boolean | undefined;
  /** `stop` (default): the first error cancels the rest. `continue`: everything runs, then one AggregateError. */
  readonly onError?: 'stop' | 'continue' | undefined;
  /** Cancels the flow, which then rejects with the signal's `reason` itself, when its work has ended. */
  readonly signal?: AbortSignal | undefined;
  /** What the task tree calls it. */
  readonly name?: string | undefined;
  /** Called at most ten times a second, and once at the end. */
  readonly onProgress?: ((stats: FlowStats) => void) | undefined;
}

/** Names of the options that are the same in all flows over functions; the number of those at work has a name of its own in some. */
export const FLOW_NAMES: NamesOf<Omit<FlowOptions, 'concurrency' | 'buffer'>> = {
  engine: true,
  pace: true,
  retry: true,
  timeout: true,
  grace: true,
  abandon: true,
  onError: true,
  signal: true,
  name: true,
  onProgress: true,
};

/** Options that were checked, with all defaults. */
export interface FlowPlan {
  readonly name: string;
  readonly limit: number;
  readonly runner: Runner | undefined;
  readonly buffer: number;
  readonly engine: Engine | undefined;
  readonly pace: Runner | undefined;
  readonly retry: RetryPolicy | undefined;
  readonly timeout: number | undefined;
  readonly grace: number;
  readonly abandon: boolean;
  /** The same, where the user has said so: an engine has a default of its own. */
  readonly engineGrace: number | undefined;
  /** Whether the flow may hand its engine more calls than run at once, so that they travel together. */
  readonly isElastic: boolean;
  /** Whether the buffer was left to the flow. */
  readonly hasOwnBuffer: boolean;
  /** Where the flow was asked for, if its bodies run elsewhere or have a time limit. */
  readonly site: CallSite | undefined;
  readonly goesOn: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((stats: FlowStats) => void) | undefined;
}

/** Milliseconds that an engine has to end a worker. */
export const ENGINE_MARGIN = 1000;

/** How many results a flow holds whose concurrency is a limiter of unknown size. */
const BUFFER_OF_RUNNER = 1024;

/**
 * Checks the options and fills in the defaults. `limitName` is what the caller calls its limit. Whoever makes the object of what it was
 * given names the `signal`: a context that was passed on has it on its prototype.
 */
export function planFlow(options: FlowOptions, name: string, limitName = 'concurrency'): FlowPlan {
  const { concurrency, engine, signal, onProgress, pace } = options;
  if (engine !== undefined) requireEngine(engine, 'engine');
  if (signal !== undefined) requireSignal(signal, 'signal');
  if (onProgress !== undefined) requireFunction(onProgress, 'onProgress');
  if (options.abandon !== undefined) requireBoolean(options.abandon, 'abandon');
  if (options.onError !== undefined) requireOneOf(options.onError, 'onError', ['stop', 'continue']);
  const isLimiter = typeof concurrency === 'function' || typeof concurrency === 'object';
  const runner = isLimiter && concurrency !== null ? concurrency : undefined;
  if (runner !== undefined) requireRunner(runner, limitName);
  const most = concurrency === undefined ? (engine?.capacity ?? loopCapacity()) : concurrency;
  const limit = runner === undefined ? requireLimit(most, limitName, 1) : Number.POSITIVE_INFINITY;
  const { buffer = runner === undefined ? limit : BUFFER_OF_RUNNER } = options;
  const grace =
    options.grace === undefined ? DEFAULT_GRACE : toMilliseconds(options.grace, 'grace');
  return {
    name: options.name ?? name,
    limit,
    runner,
    buffer: requireLimit(buffer, 'buffer', 0),
    engine,
    pace: pace === undefined ? undefined : paceOf(pace),
    retry: retryPolicy(options.retry),
    timeout: options.timeout === undefined ? undefined : toMilliseconds(options.timeout, 'timeout'),
    // An engine ends a body that ignores its signal when the time of grace is over: the flow waits for that.
    grace: engine === undefined ? grace : grace + ENGINE_MARGIN,
    engineGrace: options.grace === undefined ? undefined : grace,
    isElastic: engine?.prefetch !== undefined && concurrency === undefined && pace === undefined,
    hasOwnBuffer: options.buffer === undefined,
    site:
      engine === undefined && options.timeout === undefined ? undefined : new CallSite(planFlow),
    abandon: options.abandon ?? false,
    goesOn: options.onError === 'continue',
    signal,
    onProgress,
  };
}

function paceOf(pace: Runner | RateText): Runner {
  if (typeof pace === 'string') return new RateLimiter(parseRate(pace, 'pace'));
  if (typeof (pace as Runner | null)?.run === 'function') return pace;
  throw new TypeError(
    `Expected pace to be a rate such as '50/s', or to have a run method: got ${describe(pace)}`,
  );
}
