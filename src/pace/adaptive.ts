/**
 * A limit that finds itself: a limiter whose size follows how its work goes.
 *
 * @module
 */

import { requireFunction, requireInteger, requireOneOf } from '../core/arguments.ts';
import type { WaitBounds } from '../core/bounds.ts';
import type { MaybePromise, Thunk } from '../core/context.ts';
import { isCancelled } from '../core/errors.ts';
import { now, touch } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import type { Lease, Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import type { Token } from '../core/token.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';
import { beginHolding } from '../sync/circle.ts';
import { Limited, RUN_NAMES, type RunBounds } from '../sync/limited.ts';
import { type Demand, ONE, ONE_IN_BLOCK, Permit } from '../sync/permit.ts';
import { Permits } from '../sync/permits.ts';
import { Aimd } from './aimd.ts';
import { Gradient } from './gradient.ts';
import { isOverload } from './overload.ts';
import type { LeaseOutcome, Sizing } from './sizing.ts';

/** How an adaptive limit is bounded, and what it follows. */
export interface AdaptiveOptions {
  /** The least, from 1. Default 1. */
  readonly min?: number | undefined;
  /** The most, from `min`. */
  readonly max: number;
  /** What it starts with, from `min` to `max`. Default 10, or the nearer of the two. */
  readonly initial?: number | undefined;
  /** `gradient` (default) follows latency; `aimd` only overloads: for work whose latency says nothing about load. */
  readonly algorithm?: 'gradient' | 'aimd' | undefined;
  /** Whether an error that `run` sees is an overload. Default: status 429 or 503, or a time-out. A cancellation never is. */
  readonly isDrop?: ((error: unknown) => boolean) | undefined;
  /** What errors and the task tree call it. Default `adaptive limit`. */
  readonly name?: string | undefined;
}

const ADAPTIVE_NAMES: NamesOf<AdaptiveOptions> = {
  min: true,
  max: true,
  initial: true,
  algorithm: true,
  isDrop: true,
  name: true,
};

/** How an adaptive limit is doing. */
export interface AdaptiveStats {
  /** How many may be in flight now. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** How long one takes, in milliseconds: the mean over the last round; undefined before any has ended well. */
  readonly latency: number | undefined;
  /** The same as it would be without a queue, where the algorithm is `gradient`. */
  readonly baseline: number | undefined;
}

/**
 * Limits how many are in flight to what the other side can do at once, which it finds out: the limit grows until latency shows a queue
 * there (`gradient`) or until it says that it is overloaded (`aimd`), and follows when that changes. Clients of one server end at about
 * equal shares.
 *
 * Use it wherever `concurrency` or `limit` is, or by hand: then `lease.release(outcome)` says how it went. `run` says it by itself: a
 * value is `'ok'`, an overload `'drop'`, any other error `'ignore'`, because how quickly something fails says nothing about load.
 *
 * First come, first served; a limit that shrinks takes effect as leases come back.
 *
 * @throws RangeError, TypeError when an option is unknown or out of its bounds
 *
 * @example
 * ```ts
 * import { adaptive, map, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const limit = adaptive({ max: 1000 });
 * const pages = await map(Array(50).keys(), (n) => sleep(1).then(() => n), { concurrency: limit });
 * assert.equal(pages.length, 50);
 * assert.equal(limit.stats().inFlight, 0);
 *
 * const lease = await limit.acquire();
 * lease.release('drop'); // 'please slow down'
 * ```
 */
export function adaptive(options: AdaptiveOptions): AdaptiveLimiter {
  return new AdaptiveLimiter(options);
}

/** What `adaptive` gives. */
export class AdaptiveLimiter extends Limited {
  readonly #permits: Permits;
  readonly #sizing: Sizing & { readonly baseline?: number | undefined };
  readonly #isDrop: (error: unknown) => boolean;
  /** How many permits there are: the limit that was last set. */
  #size: number;

  /** @internal */
  constructor(options: AdaptiveOptions) {
    super();
    requireOptions(options, ADAPTIVE_NAMES, 'adaptive');
    const { min = 1, max, algorithm = 'gradient', isDrop = isOverload, name } = options;
    requireInteger(min, 'min', 1);
    requireInteger(max, 'max', min);
    const { initial = Math.max(min, Math.min(max, 10)) } = options;
    requireInteger(initial, 'initial', min);
    if (initial > max) {
      throw new RangeError(`Expected initial to be at most max, ${max}: got ${initial}`);
    }
    requireOneOf(algorithm, 'algorithm', ['gradient', 'aimd']);
    requireFunction(isDrop, 'isDrop');
    const bounds = { min, max, initial };
    this.#sizing = algorithm === 'gradient' ? new Gradient(bounds) : new Aimd(bounds);
    this.#isDrop = isDrop;
    this.#size = initial;
    const label = name === undefined ? 'adaptive limit' : `adaptive limit ${name}`;
    this.#permits = new Permits(label, initial, {
      tracked: true,
      circle: 'all',
      makeLease: (from, holder, demand) => {
        const ticket = this.#sizing.granted(this.#inFlight + 1);
        return new Measured(this, ticket, from, holder, demand);
      },
    });
  }

  get #inFlight(): number {
    return this.#size - this.#permits.free;
  }

  /**
   * Waits for a lease.
   *
   * @throws Deadlock when those who hold all leases wait for it, as a function that runs under the only one does
   * @throws Cancelled, TimedOut, the reason of `signal`; no lease is held then
   */
  acquire(bounds?: WaitBounds): Promise<Lease> {
    return this.#permits.take(ONE, bounds);
  }

  /** A lease, if one is free and nobody waits. */
  tryAcquire(): Lease | undefined {
    return this.#permits.tryTake(ONE);
  }

  /** Acquiring, as a case of `select`. */
  get acquired(): Op<Lease> {
    return this.#permits.operation(ONE);
  }

  protected enter(bounds: RunBounds | undefined): Promise<Lease> {
    return this.#permits.take(ONE_IN_BLOCK, bounds, RUN_NAMES);
  }

  protected override call<R>(lease: Lease, fn: Thunk<R>): MaybePromise<R> {
    return beginHolding(lease as Measured, fn);
  }

  protected get label(): string {
    return this.#permits.label;
  }

  /** Waits for its turn, runs `fn`, and learns from how that went; the result is that of `fn`. See `Limited`. */
  override async run<R>(fn: Thunk<R>, bounds?: RunBounds): Promise<R> {
    requireFunction(fn, 'fn');
    if (hasSignal(bounds))
      return underBounds(bounds, RUN_NAMES, this.label, (others) => this.run(fn, others));
    const lease = await this.enter(bounds);
    let outcome: LeaseOutcome = 'ignore';
    try {
      const value = await this.call(lease, fn);
      outcome = 'ok';
      return value;
    } catch (error) {
      if (!isCancelled(error) && this.#isDrop(error)) outcome = 'drop';
      throw error;
    } finally {
      lease.release(outcome);
    }
  }

  /** How it is doing. */
  stats(): AdaptiveStats {
    touch(this.#permits);
    const { latency, baseline } = this.#sizing;
    const inFlight = this.#inFlight;
    return { limit: this.#size, inFlight, waiting: this.#permits.waiting, latency, baseline };
  }

  /** @internal A lease is about to come back. */
  learn({ ticket, started }: Measured, outcome: LeaseOutcome): void {
    const inFlight = this.#inFlight;
    this.#sizing.ended({ ticket, started, ended: now(), outcome, inFlight });
    const change = this.#sizing.limit - this.#size;
    if (change === 0) return;
    this.#size += change;
    this.#permits.add(change);
  }

  static {
    show(AdaptiveLimiter.prototype, (limiter) => {
      const { label, waiting } = limiter.#permits;
      return { what: label, inFlight: limiter.#inFlight, of: limiter.#size, waiting };
    });
  }
}

/** A lease that knows when it was given out. */
class Measured extends Permit {
  readonly started: number = now();
  readonly ticket: number;
  readonly #owner: AdaptiveLimiter;

  constructor(
    owner: AdaptiveLimiter,
    ticket: number,
    from: Permits,
    holder: Token,
    demand: Demand,
  ) {
    super(from, holder, demand);
    this.#owner = owner;
    this.ticket = ticket;
  }

  override release(outcome: LeaseOutcome = 'ok'): void {
    if (this.from === undefined) return;
    requireOneOf(outcome, 'outcome', ['ok', 'drop', 'ignore']);
    // First the new limit, or whoever waits would still be let in under the old one.
    this.#owner.learn(this, outcome);
    super.release();
  }
}
