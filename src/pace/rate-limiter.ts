/**
 * An exact limit on calls in a time.
 *
 * @module
 */
import { requireFunction, requireInteger } from '../core/arguments.ts';
import { BOUND_NAMES, type WaitBounds } from '../core/bounds.ts';
import type { Thunk } from '../core/context.ts';
import { type Duration, requireSpan } from '../core/duration.ts';
import { touch } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { type Wrappable, type Wrapped, wrapped } from '../core/likeness.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';
import type { Admission } from './admission.ts';
import { KeysInUse } from './keys-in-use.ts';
import { lineOf, type Most, PACED_NAMES, Paced, type PacedOptions, weighing } from './paced.ts';
import { PLAIN } from './queued-call.ts';
import { StartLog } from './start-log.ts';

/** How many calls may start, and in what time. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are those of any function.
export interface RateOptions<A extends readonly unknown[] = any[]> extends PacedOptions {
  /** Calls that may start in any window of `period`: an integer from 1. */
  readonly maxCalls: number;
  /** Length of the window: finite, above 0. */
  readonly period: Duration;
  /** Time from each start to the next: finite, from 0. Default 0. */
  readonly minInterval?: Duration | undefined;
  /** Gives the key for the arguments of a wrapped function; each key has the whole rate to itself. Default: no keys. */
  readonly key?: ((...args: A) => unknown) | undefined;
}

const RATE_NAMES: NamesOf<RateOptions> = {
  maxCalls: true,
  period: true,
  minInterval: true,
  key: true,
  ...PACED_NAMES,
};

/** How one call is made. */
export interface PacedRun extends WaitBounds {
  /** The key on whose account it goes; keys are compared as in a `Map`. Default: the one of all calls without a key. */
  readonly key?: unknown;
  /** Starts that it counts for, tokens say: an integer from 1 to `maxCalls`. Default 1. */
  readonly weight?: number | undefined;
}

const CALL_NAMES: NamesOf<PacedRun> = { ...BOUND_NAMES, key: true, weight: true };

/** Where a rate limiter stands. */
export interface RateStats {
  /** Calls that wait for their turn. */
  readonly waiting: number;
  /** Keys on whose account something waits or was started within the last period. */
  readonly keys: number;
}

/**
 * Lets at most `maxCalls` calls start in any half-open window of `period`, and none closer to the one before than `minInterval`: not by
 * a fraction of a millisecond, wherever the window begins and however busy the process is.
 *
 * It calls the functions itself, first come, first served. A call whose turn has come is made before `run` returns, otherwise from a timer, in the
 * context (`AsyncLocalStorage`, ambient scope, task locals) of whoever called `run`. Only starts count: calls may overlap, and one that fails
 * has used its slot. One that is cancelled while it waits uses none and loses none. A start counts from the return of the function (of the
 * synchronous part, where it is asynchronous): when a function really began can only be known to lie before.
 *
 * @example
 * ```ts
 * import { RateLimiter } from 'skein';
 * import { virtual } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * await virtual(async (clock) => {
 *   const limiter = new RateLimiter({ maxCalls: 2, period: '5s', minInterval: '1s' });
 *   const starts = await Promise.all([1, 2, 3].map(() => limiter.run(() => clock.now())));
 *   assert.deepEqual(starts, [0, 1000, 5000]);
 * });
 * ```
 */
export class RateLimiter extends Paced {
  readonly #key: RateOptions['key'];
  readonly #most: Most;
  readonly #common: Admission;
  readonly #keyed: KeysInUse<unknown, Admission>;

  /**
   * @throws RangeError when `maxCalls`, `period` or `minInterval` is out of its bounds
   * @throws TypeError when an option is of the wrong type
   */
  constructor(options: RateOptions) {
    requireOptions(options, RATE_NAMES, 'a rate limiter');
    const { maxCalls, minInterval = 0, key } = options;
    requireInteger(maxCalls, 'maxCalls', 1);
    const period = requireSpan(options.period, 'period', 'above 0');
    const gap = requireSpan(minInterval, 'minInterval', 'from 0');
    if (key !== undefined) requireFunction(key, 'key');
    super('rate limiter', options, () => [this.#common, ...this.#keyed]);
    const line = (): Admission => lineOf(this.pacing, new StartLog(maxCalls, period, gap));
    this.#key = key;
    this.#most = { what: 'maxCalls', is: maxCalls };
    this.#common = line();
    this.#keyed = new KeysInUse(line, (each) => each.use);
  }

  /**
   * Calls `fn` when its turn has come, and gives its result.
   *
   * @param fn gets its context
   * @param bounds `timeout` bounds the wait for the turn, not `fn`; `signal` reaches `fn` too, and the call settles when `fn` has. And the
   *   `key` on whose account the call goes, and the `weight`
   * @throws RangeError when its `weight` is more than is ever allowed
   * @throws Cancelled when the ambient scope is cancelled before its turn has come
   * @throws the reason of a signal, as it is, when that has aborted before its turn had come, or has stopped `fn`
   * @throws TimedOut when its turn has not come within `timeout`
   */
  run<R>(fn: Thunk<R>, bounds?: PacedRun): Promise<R> {
    try {
      this.check(fn, bounds, CALL_NAMES);
      if (hasSignal(bounds)) {
        return underBounds(bounds, undefined, this.pacing.label, (others) => this.run(fn, others));
      }
      const key = bounds?.key;
      const weight = bounds?.weight;
      const line = key === undefined ? this.#common : this.#keyed.get(key);
      const ask = weight === undefined ? PLAIN : weighing(weight, 'weight', this.#most);
      return line.start(fn, ask, bounds);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Gives a function that waits for its turn at each call, on the account of its `key` where that option was given. It has the name, the
   * length and the `this` of `fn`.
   */
  override wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R> {
    const key = this.#key;
    if (key === undefined) return super.wrap(fn);
    return wrapped(fn, async (call, args) => this.run(call, { key: key(...args) }));
  }

  /** How many wait, and how many keys are in use. */
  stats(): RateStats {
    touch(this.pacing);
    this.pacing.now();
    return { waiting: this.pacing.waiting, keys: this.#keyed.size };
  }
}
