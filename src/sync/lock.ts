/**
 * Mutual exclusion.
 *
 * @module
 */
import type { WaitBounds } from '../core/bounds.ts';
import type { MaybePromise, Thunk } from '../core/context.ts';
import { touch } from '../core/kernel.ts';
import type { Lease, Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import type { Task } from '../core/task.ts';
import { beginHolding, nameOf } from './circle.ts';
import { Limited, RUN_NAMES, type RunBounds } from './limited.ts';
import { labelOf, type NameOption } from './named.ts';
import { type LimiterStats, ONE, ONE_IN_BLOCK, type Permit } from './permit.ts';
import { Permits } from './permits.ts';

/**
 * Lets one in at a time, first come, first served. Whoever releases hands the lock to the first in line, who has it from then on;
 * nobody can slip in between, and a waiter that is cancelled leaves its place in O(1) and holds nothing.
 *
 * A task that acquires it again while it holds it, or waits for a lock held by a task that waits for its end, gets a `Deadlock`
 * instead of waiting for ever. A task counts as one line of control: it holds the lock until the lease is released, by whomever. Code that
 * runs in parallel inside one task (`Promise.all`) should use `with`, which tells its branches apart, or tasks of its own.
 *
 * An uncontended acquire and release costs a promise and a lease; a hand-off costs one wait more.
 *
 * @example
 * ```ts
 * import { gather, Lock, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const lock = new Lock();
 * let balance = 10;
 * const withdraw = (amount: number) => () => lock.with(async () => {
 *   const before = balance;
 *   await sleep(1);
 *   balance = before - amount;
 * });
 * await gather([withdraw(3), withdraw(4)]);
 * assert.equal(balance, 3);
 * ```
 */
export class Lock extends Limited {
  readonly #permits: Permits;

  /** @param options.name what errors and the task tree call it. Default `lock` */
  constructor(options: NameOption = {}) {
    super();
    this.#permits = new Permits(labelOf('lock', options), 1, {
      tracked: true,
      circle: 'any',
    });
  }

  /**
   * Waits for the lock. The lease releases it, at the latest with `using` at the end of the block.
   *
   * @throws Cancelled when the ambient scope is cancelled first; the reason of `signal` when that aborts first
   * @throws TimedOut when it was not free within `timeout`
   * @throws Deadlock when the task holds it already, or its holder waits for this task
   */
  acquire(bounds?: WaitBounds): Promise<Lease> {
    return this.#permits.take(ONE, bounds);
  }

  /** The lock, if it is free and nobody waits for it. */
  tryAcquire(): Lease | undefined {
    return this.#permits.tryTake(ONE);
  }

  protected enter(bounds: RunBounds | undefined): Promise<Lease> {
    return this.#permits.take(ONE_IN_BLOCK, bounds, RUN_NAMES);
  }

  protected override call<R>(lease: Lease, fn: Thunk<R>): MaybePromise<R> {
    return beginHolding(lease as Permit, fn);
  }

  protected get label(): string {
    return this.#permits.label;
  }

  /** Acquiring, as a case of `select`. */
  get acquired(): Op<Lease> {
    return this.#permits.operation(ONE);
  }

  /** Whether somebody holds it. */
  get locked(): boolean {
    touch(this.#permits);
    return this.#permits.free < 1;
  }

  /** The task that holds it; undefined when nobody does, or code outside any task. */
  get owner(): Task<unknown> | undefined {
    touch(this.#permits);
    return this.#permits.holder?.holder.unit.task;
  }

  /** Who holds it and who waits. */
  stats(): LimiterStats {
    return this.#permits.stats();
  }

  /** @internal For conditions, which give the lock up and take it back. */
  get permits(): Permits {
    return this.#permits;
  }

  static {
    show(Lock.prototype, (lock) => {
      const { label, holder, waiting } = lock.#permits;
      const by = holder && nameOf(holder.holder);
      return { what: label, state: by === undefined ? 'free' : 'held', by, waiting };
    });
  }
}
