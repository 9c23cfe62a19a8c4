/**
 * Counted permits.
 *
 * @module
 */

import { requireFunction, requireInteger } from '../core/arguments.ts';
import { begin } from '../core/begin.ts';
import { BOUND_NAMES, type WaitBounds } from '../core/bounds.ts';
import type { Thunk } from '../core/context.ts';
import { touch } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import type { Lease, Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';
import { Limited, RUN_NAMES, type RunBounds } from './limited.ts';
import { labelOf, NAME_ONLY } from './named.ts';
import { demandFor, type LimiterStats, ONE, UNLIMITED } from './permit.ts';
import { Permits } from './permits.ts';

/** How a semaphore is made. */
export interface SemaphoreOptions {
  /** Most permits that may be free at once, at least the permits it starts with. Default: any number. */
  readonly max?: number | undefined;
  /** What errors and the task tree call it. Default `semaphore`. */
  readonly name?: string | undefined;
}

const BOUNDED_NAMES: NamesOf<ConstructorParameters<typeof BoundedSemaphore>[1]> = NAME_ONLY;
const SEMAPHORE_NAMES: NamesOf<SemaphoreOptions> = { max: true, name: true };

/**
 * Gives out permits, first come, first served. `acquire(n)` is one request for n permits together: it waits until all n are there and takes
 * them at once, and nobody behind it is served before, so requests of different sizes neither deadlock nor starve.
 *
 * A lease gives back what it took. Permits may also be released without a lease, as signals from one task to another; so a semaphore
 * knows how many permits are held but not by whom (a `CapacityLimiter` does).
 *
 * @example
 * ```ts
 * import { Semaphore } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const semaphore = new Semaphore(10);
 * const lease = await semaphore.acquire(4);
 * assert.equal(semaphore.available, 6);
 * lease.release();
 * assert.equal(semaphore.available, 10);
 * ```
 */
export class Semaphore extends Limited {
  readonly #permits: Permits;
  #size: number;

  /**
   * @param permits how many there are, from 0
   * @throws TypeError or RangeError when `permits` or `max` is no integer in its range
   */
  constructor(permits: number, options: SemaphoreOptions = {}) {
    super();
    const label = labelOf('semaphore', options, SEMAPHORE_NAMES);
    const { max } = options;
    requireInteger(permits, 'permits', 0);
    if (max !== undefined) requireInteger(max, 'max', Math.max(1, permits));
    this.#size = permits;
    this.#permits = new Permits(label, permits, { tracked: false, most: max ?? UNLIMITED });
  }

  /**
   * Waits until `n` permits are free together and nobody who came before waits.
   *
   * @param n from 1 to `max`. Default 1
   * @throws RangeError at once when `n` is out of range: it would wait for ever
   * @throws Cancelled, TimedOut, the reason of `signal`; no permit is held then
   */
  acquire(n = 1, bounds?: WaitBounds): Promise<Lease> {
    if (n === 1) return this.#permits.take(ONE, bounds);
    try {
      this.#requireAmount(n);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#permits.take(demandFor(n), bounds);
  }

  /**
   * `n` permits, if they are free and nobody waits.
   *
   * @throws RangeError when `n` is out of range
   */
  tryAcquire(n = 1): Lease | undefined {
    this.#requireAmount(n);
    return this.#permits.tryTake(demandFor(n));
  }

  /**
   * Adds `n` permits, whoever holds them: a signal. Whoever has a lease releases the lease instead: of a bounded semaphore the permit
   * that is released once too often is found when the next one comes back.
   *
   * @throws RangeError when more than `max` would be free; nothing is released then
   */
  release(n = 1): void {
    requireInteger(n, 'n', 1);
    this.#permits.release(n);
  }

  /**
   * Changes how many permits there are. More are given out at once; fewer takes effect as leases come back.
   *
   * @throws RangeError when it is out of range; of a `BoundedSemaphore` those who wait for more than there can ever be get one too
   */
  resize(permits: number): void {
    requireInteger(permits, 'permits', 0);
    if (permits > this.#permits.most) {
      throw new RangeError(`Expected permits to be at most ${this.#permits.most}: got ${permits}`);
    }
    const change = permits - this.#size;
    this.#size = permits;
    this.#permits.add(change);
  }

  /** Moves the bound together with the size. */
  protected rebound(max: number): void {
    this.#permits.most = max;
    this.#permits.refuseOver(max, (n) => this.#tooMany(n));
  }

  #requireAmount(n: number): void {
    requireInteger(n, 'n', 1);
    if (n > this.#permits.most) throw this.#tooMany(n);
  }

  #tooMany(n: number): RangeError {
    return new RangeError(
      `Expected n to be at most ${this.#permits.most}, the bound of ${this.#permits.label}: got ${n}`,
    );
  }

  protected enter(bounds: RunBounds | undefined): Promise<Lease> {
    return this.#permits.take(ONE, bounds, RUN_NAMES);
  }

  protected get label(): string {
    return this.#permits.label;
  }

  /** Runs `fn` while holding `n` permits; see `run`. */
  override async with<R>(
    fn: Thunk<R>,
    n: number | WaitBounds = 1,
    bounds?: WaitBounds,
  ): Promise<R> {
    requireFunction(fn, 'fn');
    if (typeof n !== 'number') return this.run(fn, n);
    if (hasSignal(bounds)) {
      return underBounds(bounds, BOUND_NAMES, this.label, (others) => this.with(fn, n, others));
    }
    const lease = await this.acquire(n, bounds);
    try {
      return await begin(fn);
    } finally {
      lease.release();
    }
  }

  /** Acquiring one permit, as a case of `select`. */
  get acquired(): Op<Lease> {
    return this.#permits.operation(ONE);
  }

  /** Permits that are free. Below 0 after `resize` to fewer than are held. */
  get available(): number {
    touch(this.#permits);
    return this.#permits.free;
  }

  /** Who waits; its `holders` is empty. */
  stats(): LimiterStats {
    return this.#permits.stats();
  }

  static {
    show(Semaphore.prototype, (semaphore) => {
      const { label, free, waiting } = semaphore.#permits;
      return { what: label, available: free, of: semaphore.#size, waiting };
    });
  }
}

/**
 * A semaphore that never has more permits than it started with: releasing too often is an error where it happens, not a limit that
 * quietly no longer holds. Its bound follows `resize`.
 *
 * @example
 * ```ts
 * import { BoundedSemaphore } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const semaphore = new BoundedSemaphore(2);
 * assert.throws(() => semaphore.release(), RangeError);
 * await assert.rejects(semaphore.acquire(3), RangeError);
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  /** @param permits how many there are and may be, from 1 */
  constructor(permits: number, options: Omit<SemaphoreOptions, 'max'> = {}) {
    requireInteger(permits, 'permits', 1);
    requireOptions(options, BOUNDED_NAMES, 'a semaphore');
    super(permits, { ...options, max: permits });
  }

  override resize(permits: number): void {
    requireInteger(permits, 'permits', 1);
    this.rebound(permits);
    super.resize(permits);
  }
}
