/**
 * A smooth rate.
 *
 * @module
 */
import { describe, requireInteger } from '../core/arguments.ts';
import type { Thunk } from '../core/context.ts';
import { touch } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';
import { RUN_NAMES, type RunBounds } from '../sync/limited.ts';
import type { Admission } from './admission.ts';
import { lineOf, type Most, PACED_NAMES, Paced, type PacedOptions, weighing } from './paced.ts';
import { PLAIN } from './queued-call.ts';
import { parseRate, type Rate, type RateText } from './rate.ts';
import { TokenLevel } from './token-level.ts';

/** How fast tokens flow in, and how many the bucket holds. */
export interface BucketOptions extends PacedOptions {
  /** Tokens a second: a number above 0, or text such as `'50/s'` or `'1000/min'`. */
  readonly rate: number | RateText;
  /** Tokens that the bucket holds at most, and at the start: an integer from 1. Default 1: calls start at even distances. */
  readonly burst?: number | undefined;
}

const BUCKET_NAMES: NamesOf<BucketOptions> = { rate: true, burst: true, ...PACED_NAMES };

/** How one call is made. */
export interface BucketRun extends RunBounds {
  /** Tokens that the call takes: an integer from 1 to the burst. Default 1. */
  readonly tokens?: number | undefined;
}

const CALL_NAMES: NamesOf<BucketRun> = { ...RUN_NAMES, tokens: true };

/** Where a token bucket stands. */
export interface BucketStats {
  /** Calls that wait for their turn. */
  readonly waiting: number;
  /** Tokens in the bucket, with fractions. */
  readonly tokens: number;
}

/**
 * Lets calls start at an even rate, with bursts of at most `burst`. In any time t at most `burst + rate * t` tokens are taken: if the other side
 * counts calls in a window, it may see more than it allows, and a `RateLimiter` is the right one.
 *
 * Tokens flow in evenly and exactly: nothing is refilled in steps and no rounding adds up. First come, first served: a call that needs many tokens is not
 * overtaken by those that need few. How functions are called is as in `RateLimiter`.
 *
 * @example
 * ```ts
 * import { TokenBucket } from 'skein';
 * import { virtual } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * await virtual(async (clock) => {
 *   const bucket = new TokenBucket({ rate: '10/s', burst: 2 });
 *   const starts = await Promise.all([1, 2, 3, 4].map(() => bucket.run(() => clock.now())));
 *   assert.deepEqual(starts, [0, 0, 100, 200]);
 * });
 * ```
 */
export class TokenBucket extends Paced {
  readonly #most: Most;
  readonly #level: TokenLevel;
  readonly #line: Admission;

  /**
   * @throws RangeError when `rate` or `burst` is out of its bounds
   * @throws TypeError when an option is of the wrong type
   */
  constructor(options: BucketOptions) {
    requireOptions(options, BUCKET_NAMES, 'a token bucket');
    const { rate, burst = 1 } = options;
    const { maxCalls, period } = typeof rate === 'number' ? perSecond(rate) : parseRate(rate);
    requireInteger(burst, 'burst', 1);
    super('token bucket', options, () => [this.#line]);
    this.#most = { what: 'the burst', is: burst };
    this.#level = new TokenLevel(maxCalls, period, burst);
    this.#line = lineOf(this.pacing, this.#level);
  }

  /**
   * Calls `fn` when there are tokens for it, and gives its result.
   *
   * @param fn gets its context
   * @param bounds `timeout` bounds the wait for the turn, not `fn`; `signal` reaches `fn` too, and the call settles when `fn` has. And how many
   *   `tokens` it takes
   * @throws RangeError when it wants more tokens than the bucket ever holds
   * @throws Cancelled when the ambient scope is cancelled before its turn has come
   * @throws the reason of a signal, as it is, when that has aborted before its turn had come, or has stopped `fn`
   * @throws TimedOut when its turn has not come within `timeout`
   */
  run<R>(fn: Thunk<R>, bounds?: BucketRun): Promise<R> {
    try {
      this.check(fn, bounds, CALL_NAMES);
      const tokens = bounds?.tokens;
      const ask = tokens === undefined ? PLAIN : weighing(tokens, 'tokens', this.#most);
      if (hasSignal(bounds)) {
        return underBounds(bounds, undefined, this.pacing.label, (others) => this.run(fn, others));
      }
      return this.#line.start(fn, ask, bounds);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** How many wait, and how full the bucket is. */
  stats(): BucketStats {
    touch(this.pacing);
    return { waiting: this.pacing.waiting, tokens: this.#level.levelAt(this.pacing.now()) };
  }
}

function perSecond(rate: number): Rate {
  if (rate > 0 && rate < Number.POSITIVE_INFINITY) return { maxCalls: rate, period: 1000 };
  throw new RangeError(`Expected rate to be finite and above 0: got ${describe(rate)}`);
}
