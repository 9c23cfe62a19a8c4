/**
 * A lock for each key.
 *
 * @module
 */

import { describe, requireFunction } from '../core/arguments.ts';
import { BOUND_NAMES, type WaitBounds } from '../core/bounds.ts';
import type { Thunk } from '../core/context.ts';
import { touch } from '../core/kernel.ts';
import type { Lease } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';
import { beginHolding } from './circle.ts';
import { labelOf, type NameOption } from './named.ts';
import { type Demand, type LimiterStats, ONE, ONE_IN_BLOCK, type Permit } from './permit.ts';
import { Permits } from './permits.ts';

/**
 * One lock a key, made when it is wanted and dropped when nobody holds or wants it: memory follows the keys in use, not those ever seen.
 * Keys are compared as in a `Map`. Otherwise as `Lock`.
 *
 * @example
 * ```ts
 * import { KeyedLock } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const accounts = new KeyedLock<string>();
 * await accounts.with('alice', () => accounts.with('bob', () => assert.equal(accounts.size, 2)));
 * assert.equal(accounts.size, 0);
 * ```
 */
export class KeyedLock<K> {
  readonly #name: string;
  readonly #locks = new Map<K, Permits>();

  /** @param options.name what errors and the task tree call it. Default `lock` */
  constructor(options: NameOption = {}) {
    this.#name = labelOf('lock', options);
  }

  #lock(key: K): Permits {
    touch(this);
    const known = this.#locks.get(key);
    if (known !== undefined) return known;
    return new Permits(this.#label(key), 1, {
      tracked: true,
      circle: 'any',
      onIdle: () => this.#locks.delete(key),
    });
  }

  #label(key: K): string {
    return `${this.#name} of ${describe(key)}`;
  }

  /**
   * Waits for the lock of a key.
   *
   * @throws Deadlock when the task holds it already, or its holder waits for this task
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  acquire(key: K, bounds?: WaitBounds): Promise<Lease> {
    return this.#take(key, ONE, bounds);
  }

  #take(key: K, demand: Demand, bounds: WaitBounds | undefined): Promise<Permit> {
    const lock = this.#lock(key);
    const permit = lock.take(demand, bounds);
    if (lock.holder !== undefined) this.#locks.set(key, lock);
    return permit;
  }

  /** The lock of a key, if it is free. */
  tryAcquire(key: K): Lease | undefined {
    const lock = this.#lock(key);
    const lease = lock.tryTake(ONE);
    if (lease !== undefined) this.#locks.set(key, lock);
    return lease;
  }

  /**
   * Runs `fn` while holding the lock of a key. Bounds are as in `Lock`.
   *
   * @param fn gets its context
   * @throws what `acquire` and `fn` throw
   */
  async with<R>(key: K, fn: Thunk<R>, bounds?: WaitBounds): Promise<R> {
    requireFunction(fn, 'fn');
    if (hasSignal(bounds)) {
      return underBounds(bounds, BOUND_NAMES, this.#label(key), (others) =>
        this.with(key, fn, others),
      );
    }
    const permit = await this.#take(key, ONE_IN_BLOCK, bounds);
    try {
      return await beginHolding(permit, fn);
    } finally {
      permit.release();
    }
  }

  /** How many keys are held or wanted. */
  get size(): number {
    touch(this);
    return this.#locks.size;
  }

  /** Who holds the lock of a key and who waits for it. */
  stats(key: K): LimiterStats {
    return this.#lock(key).stats();
  }

  static {
    show(KeyedLock.prototype, (lock) => ({ what: `keyed ${lock.#name}`, keys: lock.#locks.size }));
  }
}
