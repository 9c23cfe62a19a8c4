/**
 * Queues with a count of unfinished work, as in asyncio.
 *
 * @module
 */

import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { touch } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';
import type { Op } from '../core/limiter.ts';
import { Ring } from '../core/ring.ts';
import { show } from '../core/shown.ts';
import { currentToken } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { nameOf } from './circle.ts';
import { Conduit, type Overflow, requireRoom, type Store } from './conduit.ts';
import { ConduitIterator } from './conduit-iterator.ts';
import { labelOf } from './named.ts';
import { NOTHING } from './operation.ts';

/** How a queue is made. */
export interface QueueOptions {
  /** Most items it holds, from 1; -1 or Infinity: any number. Default: any number. */
  readonly max?: number | undefined;
  /**
   * What `put` does when it is full: `'wait'` (the default), drop the new item (`'drop-newest'`) or the oldest
   * (`'drop-oldest'`), or throw `WouldBlock` (`'reject'`).
   */
  readonly overflow?: Overflow | undefined;
  /** What errors and the task tree call it. Default `queue`. */
  readonly name?: string | undefined;
}

/** Their names. */
export const QUEUE_NAMES: NamesOf<QueueOptions> = { max: true, overflow: true, name: true };

/** What is in a queue, and who waits at it. */
export interface QueueStats {
  readonly size: number;
  readonly unfinished: number;
  /** Items that were dropped for want of room. */
  readonly dropped: number;
  readonly waitingPut: number;
  readonly waitingGet: number;
}

/**
 * Items in the order in which they were put in, for producers and consumers that run at their own pace. Those who wait to put and
 * those who wait to get are served first come, first served; a wait that is cancelled has put nothing and taken nothing.
 *
 * After `close()` what is inside can still be taken; then `get` throws and loops end. An item that is a promise arrives as its
 * value, as everything does that passes through `await`.
 *
 * @example
 * ```ts
 * import { Queue, scope } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const queue = new Queue<number>({ max: 2 });
 * let sum = 0;
 * await scope(async (s) => {
 *   s.spawn(async () => {
 *     for await (const n of queue) sum += n;
 *   });
 *   for (const n of [1, 2, 3, 4]) await queue.put(n);
 *   queue.close();
 * });
 * assert.equal(sum, 10);
 * ```
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly #conduit: Conduit<T>;
  readonly #joining = new WaitQueue<void>();
  #done = 0;

  /** @param store for subclasses: where the items are kept, and in which order they come out */
  constructor(options: QueueOptions = {}, store: Store<T> = new Ring<T>()) {
    const label = labelOf('queue', options, QUEUE_NAMES);
    const { max = Number.POSITIVE_INFINITY, overflow = 'wait' } = options;
    const room = requireRoom(max, 'max', overflow, 1);
    this.#conduit = new Conduit(label, room, overflow, store);
  }

  /**
   * Puts an item in, waiting for room if it is full.
   *
   * @throws ChannelClosed when it is closed, or is closed while this waits; the item was not taken in
   * @throws WouldBlock when it is full and `overflow` is `'reject'`
   * @throws Cancelled, TimedOut, the reason of `signal`; the item was not taken in
   */
  put(item: T, bounds?: WaitBounds): Promise<void> {
    return this.#conduit.put(item, bounds);
  }

  /**
   * Puts an item in, if that needs no waiting.
   *
   * @throws ChannelClosed when it is closed
   */
  tryPut(item: T): boolean {
    return this.#conduit.offer(item);
  }

  /**
   * Takes the next item out, waiting for one if it is empty.
   *
   * @throws ChannelClosed when it is closed and empty, or what it was closed with
   * @throws Cancelled, TimedOut, the reason of `signal`; no item was taken
   */
  get(bounds?: WaitBounds): Promise<T> {
    return this.#conduit.get(bounds);
  }

  /** Takes the next item out, if there is one. */
  tryGet(): { readonly value: T } | undefined {
    const value = this.#conduit.take();
    return value === NOTHING ? undefined : { value };
  }

  /** @internal Takes back an item that was taken for a worker and did not arrive there: it is the next one again. */
  putBack(item: T): void {
    this.#conduit.putBack(item);
  }

  /** Getting, as a case of `select`. */
  get got(): Op<T> {
    return this.#conduit.taken;
  }

  /** Putting, as a case of `select`. */
  putting(item: T): Op<void> {
    return this.#conduit.giving(item);
  }

  /**
   * Says that an item that was taken has been dealt with.
   *
   * @throws RangeError when that was said of all items already
   */
  taskDone(): void {
    touch(this.#conduit);
    if (this.unfinished === 0) {
      throw new RangeError(
        `Cannot finish another item of ${this.#conduit.label} in ${nameOf(currentToken())}: taskDone was called for all ${this.#done} that were put in`,
      );
    }
    this.#done++;
    if (this.unfinished === 0) this.#joining.giveAll();
  }

  /**
   * Waits until every item that was put in has been dealt with.
   *
   * @throws what the queue is closed with, if that is an error: a crawl whose workers have all failed ends
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  join(bounds?: WaitBounds): Promise<void> {
    touch(this.#conduit);
    const wait = new Wait<void>(`join of ${this.#conduit.label}`);
    refuseLate(wait, bounds);
    if (!wait.settled) {
      const { failure } = this.#conduit;
      if (failure !== undefined) wait.fail(failure.error);
      else if (this.unfinished === 0) wait.ok();
      else this.#joining.push(wait);
    }
    return bounded(wait, bounds);
  }

  /**
   * Lets nothing more in. What is inside can still be taken. Those who wait to put get `ChannelClosed`; those who wait to get,
   * and those who come for more later, get `ChannelClosed`, or the error if one is given. Further calls do nothing.
   *
   * @param error why; `join` throws it too
   */
  close(error?: unknown): void {
    const failed = error !== undefined;
    this.#conduit.close(failed, error);
    if (this.#conduit.failure !== undefined) this.#joining.refuseAll(this.#conduit.failure.error);
  }

  /** Items inside. */
  get size(): number {
    touch(this.#conduit);
    return this.#conduit.size;
  }

  /** Items that were put in and not yet finished by `taskDone`. */
  get unfinished(): number {
    touch(this.#conduit);
    return this.#conduit.accepted - this.#conduit.dropped - this.#done;
  }

  /** Whether `put` would have to wait, drop or refuse. */
  get full(): boolean {
    touch(this.#conduit);
    return !this.#conduit.hasRoom;
  }

  /** Whether it was closed; there may still be items inside. */
  get closed(): boolean {
    touch(this.#conduit);
    return this.#conduit.closed;
  }

  /** How full it is and how many wait. */
  stats(): QueueStats {
    touch(this.#conduit);
    const { size, dropped, givers, takers } = this.#conduit;
    return {
      size,
      dropped,
      unfinished: this.unfinished,
      waitingPut: givers,
      waitingGet: takers,
    };
  }

  /** Takes items until it is closed and empty. Several loops share the items. Leaving the loop leaves the queue as it is. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new ConduitIterator(this.#conduit);
  }

  static {
    show(Queue.prototype, (queue) => ({ ...queue.#conduit.facts, unfinished: queue.unfinished }));
  }
}
