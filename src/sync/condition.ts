/**
 * Waiting, under a lock, for a state that others bring about.
 *
 * @module
 */
import { describe, isThenable, requireFunction, requireInteger } from '../core/arguments.ts';
import {
  BOUND_NAMES,
  bounded,
  refuseLate,
  requireBounds,
  type WaitBounds,
} from '../core/bounds.ts';
import { CallContext, type Context } from '../core/context.ts';
import { toMilliseconds } from '../core/duration.ts';
import { now, touch } from '../core/kernel.ts';
import type { Lease } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { currentToken } from '../core/token.ts';
import { Join, Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { Entry } from './entry.ts';
import { Lock } from './lock.ts';
import { stand } from './operation.ts';
import type { Demand, Permit } from './permit.ts';

/**
 * A lock and a line of those who wait for something to change under it. `wait` gives the lock up, waits for a `notify`, and has the lock again
 * when it ends, in whichever way: also a cancelled wait ends with the lock held, as the code around it expects.
 *
 * A notification reaches whoever waits at that moment, first come, first served. It is never lost: one who was cancelled before does
 * not receive it, and one who received it returns normally even if a cancellation follows (asyncio's `Condition` swallows either).
 *
 * @example
 * ```ts
 * import { Condition, scope } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const condition = new Condition();
 * let ready = false;
 * await scope(async (s) => {
 *   s.spawn(async () => {
 *     const lease = await condition.acquire();
 *     await condition.waitFor(() => ready);
 *     lease.release();
 *   });
 *   await condition.lock.with(() => {
 *     ready = true;
 *     condition.notifyAll();
 *   });
 * });
 * assert.equal(condition.lock.locked, false);
 * ```
 */
export class Condition {
  /** The lock; several conditions may share one. */
  readonly lock: Lock;
  readonly #line = new WaitQueue<void>();

  /** @param lock one of its own by default */
  constructor(lock: Lock = new Lock({ name: 'of a condition' })) {
    if (!(lock instanceof Lock)) {
      throw new TypeError(`Expected lock to be a Lock: got ${describe(lock)}`);
    }
    this.lock = lock;
  }

  /** Waits for the lock; the same as `condition.lock.acquire`. */
  acquire(bounds?: WaitBounds): Promise<Lease> {
    return this.lock.acquire(bounds);
  }

  /**
   * Gives the lock up, waits for a notification, and takes the lock again; its place in the line for the lock is that of the notification.
   *
   * @param bounds of the wait for the notification; taking the lock again is not bounded
   * @throws Cancelled, TimedOut, the reason of `signal`, with the lock held and no notification used up
   * @throws TypeError when the lock is not held, or is held by another task
   */
  async wait(bounds?: WaitBounds): Promise<void> {
    const held = this.#held('wait');
    const { permits } = this.lock;
    const wait = this.#notified();
    refuseLate(wait, bounds);
    if (wait.settled) return wait.promise;
    touch(this);
    const { holder } = held;
    let again: Join<Permit, Demand> | undefined;
    const entry = new Entry<void>(holder, () => {
      again = this.#retake(held);
      wait.ok();
    });
    wait.undo = () => entry.queue?.remove(entry);
    stand(this.#line, entry, undefined, undefined);
    held.release();
    try {
      await bounded(wait, bounds);
    } finally {
      again ??= this.#retake(held);
      permits.replace(await again.promise, held);
    }
  }

  #notified(): Wait<void> {
    return new Wait<void>(`notification of ${this.lock.permits.label}`);
  }

  /** Stands in line for the lock; no cancellation ends that. */
  #retake(held: Permit): Join<Permit, Demand> {
    const join = new Join<Permit, Demand>(this.lock.permits.label, held.holder, held.demand);
    this.lock.permits.enter(join);
    return join;
  }

  /**
   * Waits until `predicate` holds, looking at it after each notification.
   *
   * @param predicate called with the lock held; gets a context
   * @param bounds of the whole, not of each wait
   * @throws what `wait` and the predicate throw
   */
  async waitFor(predicate: (context: Context) => boolean, bounds?: WaitBounds): Promise<void> {
    requireFunction(predicate, 'predicate');
    this.#held('wait');
    if (bounds !== undefined) {
      requireBounds(bounds, BOUND_NAMES, `a wait for notification of ${this.lock.permits.label}`);
    }
    if (currentToken().effective !== undefined || bounds?.signal?.aborted === true) {
      const wait = this.#notified();
      refuseLate(wait, bounds);
      return wait.promise;
    }
    const { signal } = bounds ?? {};
    const until = deadlineOf(bounds);
    while (!holds(predicate)) await this.wait({ signal, timeout: Math.max(0, until - now()) });
  }

  /**
   * Wakes the first `n` who wait. They go on one after the other, as they get the lock.
   *
   * @throws TypeError when the lock is not held, or is held by another task
   */
  notify(n = 1): void {
    requireInteger(n, 'n', 1);
    this.#held('notify');
    touch(this);
    const most = Math.min(n, this.#line.length);
    for (let woken = 0; woken < most; woken++) this.#line.shift()?.give();
  }

  /** Wakes all who wait. */
  notifyAll(): void {
    this.#held('notify');
    touch(this);
    this.#line.giveAll();
  }

  /** How many wait for a notification. */
  get waiting(): number {
    touch(this);
    return this.#line.length;
  }

  /** The lease under which the caller holds the lock. */
  #held(action: string): Permit {
    const { permits } = this.lock;
    const permit = permits.holder;
    if (permit === undefined) {
      throw new TypeError(`Cannot ${action}: ${permits.label} is not held`);
    }
    const holder = permit.holder.unit;
    const caller = currentToken().unit;
    const bothTasks = holder.task?.token === holder && caller.task?.token === caller;
    if (bothTasks && holder !== caller) {
      throw new TypeError(
        `Cannot ${action} in ${caller.name}: ${permits.label} is held by ${holder.name}`,
      );
    }
    return permit;
  }

  static {
    show(Condition.prototype, ({ lock, waiting }) => ({
      what: `condition under ${lock.permits.label}`,
      waiting,
    }));
  }
}

/** When a wait that begins now must be over. */
function deadlineOf(bounds: WaitBounds | undefined): number {
  return now() + toMilliseconds(bounds?.timeout ?? Number.POSITIVE_INFINITY, 'timeout');
}

function holds(predicate: (context: Context) => boolean): boolean {
  const answer: unknown = predicate(new CallContext(currentToken(), 0, 1));
  // A promise is true, whatever it will say.
  if (isThenable(answer))
    throw new TypeError('Expected predicate to give a boolean: got a promise');
  return Boolean(answer);
}
