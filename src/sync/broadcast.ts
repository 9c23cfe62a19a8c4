/**
 * Every item to everybody.
 *
 * @module
 */

import { requireInteger } from '../core/arguments.ts';
import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { ChannelClosed, WouldBlock } from '../core/errors.ts';
import { touch } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';
import { Ring } from '../core/ring.ts';
import { show } from '../core/shown.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { Conduit, type Overflow, requireRoom } from './conduit.ts';
import { labelOf } from './named.ts';
import { Pipe } from './pipe.ts';
import { Receiver } from './receiver.ts';

/** How a broadcast is made. */
export interface BroadcastOptions {
  /** The last items that a new subscriber gets first. Default 0. */
  readonly replay?: number | undefined;
  /** Items held for each subscriber, from 0; -1 or Infinity: any number. Default 16. */
  readonly capacity?: number | undefined;
  /** What happens when a subscriber is full: `publish` waits (the default), it misses the new or its oldest item, or `publish` throws `WouldBlock`. */
  readonly overflow?: Overflow | undefined;
  /** What errors and the task tree call it. Default `broadcast`. */
  readonly name?: string | undefined;
}

const NAMES: NamesOf<BroadcastOptions> = {
  replay: true,
  capacity: true,
  overflow: true,
  name: true,
};

/**
 * Gives every item to every subscriber, in the order of publishing. An item reaches all subscribers at the same moment or none: when one of
 * them is full, `publish` waits until all have room, and a publish that is cancelled has reached nobody.
 *
 * @example
 * ```ts
 * import { Broadcast } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const prices = new Broadcast<number>({ replay: 1 });
 * await prices.publish(1);
 * const [a, b] = [prices.subscribe(), prices.subscribe()];
 * await prices.publish(2);
 * prices.close();
 * assert.deepEqual(await Array.fromAsync(a), [1, 2]);
 * assert.deepEqual(await Array.fromAsync(b), [1, 2]);
 * ```
 */
export class Broadcast<T> {
  readonly #label: string;
  readonly #capacity: number;
  readonly #overflow: Overflow;
  readonly #replay: number;
  readonly #last = new Ring<T>();
  readonly #subscribers = new Set<Conduit<T>>();
  readonly #line = new WaitQueue<void, T>();
  #closed = false;

  /** Publishes from the head of the line as long as all have room. */
  readonly #serve = (): void => {
    for (let { first } = this.#line; first !== undefined; { first } = this.#line) {
      if (this.#overflow === 'wait' && !this.#allHaveRoom()) return;
      this.#line.remove(first);
      for (const subscriber of this.#subscribers) {
        // One select may stand at two of them: it took the place that both had. The item must reach all the same.
        if (!subscriber.offer(first.ask)) subscriber.force(first.ask);
      }
      this.#remember(first.ask);
      first.give();
    }
  };

  /** @throws TypeError or RangeError when an option is out of range; dropping needs a capacity of at least 1 */
  constructor(options: BroadcastOptions = {}) {
    this.#label = labelOf('broadcast', options, NAMES);
    const { replay = 0, capacity = 16, overflow = 'wait' } = options;
    requireInteger(replay, 'replay', 0);
    this.#capacity = requireRoom(capacity, 'capacity', overflow);
    this.#replay = replay;
    this.#overflow = overflow;
  }

  /**
   * Gives an item to all subscribers, waiting until all have room.
   *
   * @throws ChannelClosed when it is closed, or is closed while this waits; nobody got the item
   * @throws WouldBlock when a subscriber is full and `overflow` is `'reject'`; nobody got the item
   * @throws Cancelled, TimedOut, the reason of `signal`; nobody got the item
   */
  publish(item: T, bounds?: WaitBounds): Promise<void> {
    touch(this);
    const wait = new Wait<void, T>(`publish to ${this.#label}`, undefined, item);
    refuseLate(wait, bounds);
    if (!wait.settled) this.#enter(wait);
    return bounded(wait, bounds);
  }

  #enter(wait: Wait<void, T>): void {
    if (this.#closed) {
      wait.fail(this.#closedError());
    } else if (this.#overflow === 'reject' && !this.#allHaveRoom()) {
      wait.fail(new WouldBlock(`Cannot publish to ${this.#label}: a subscriber is full`));
    } else {
      wait.undo = this.#serve;
      this.#line.push(wait);
      this.#serve();
    }
  }

  #allHaveRoom(): boolean {
    touch(this);
    for (const subscriber of this.#subscribers) if (!subscriber.hasRoom) return false;
    return true;
  }

  #remember(item: T): void {
    if (this.#replay === 0) return;
    if (this.#last.length === this.#replay) this.#last.shift();
    this.#last.push(item);
  }

  /**
   * A new subscription, which gets the replayed items and all later ones, until it is closed: by `close`, or at the end of a block by
   * `using`. Leaving a loop over it does not close it, and `publish` waits for one that nobody reads.
   */
  subscribe(): Receiver<T> {
    touch(this);
    const store = new Ring<T>();
    for (let i = 0; i < this.#last.length; i++) store.push(this.#last.at(i) as T);
    const conduit = new Conduit<T>(this.#label, this.#capacity, this.#overflow, store);
    conduit.onRoom = this.#serve;
    const deserted = (): void => {
      this.#subscribers.delete(conduit);
      this.#serve();
    };
    if (this.#closed) conduit.close(false);
    else this.#subscribers.add(conduit);
    return new Receiver(new Pipe(conduit, deserted));
  }

  /** Ends it: subscribers get what they have not yet received, and then the end; those who wait to publish get `ChannelClosed`. */
  close(): void {
    touch(this);
    this.#closed = true;
    this.#line.refuseAll(this.#closedError());
    for (const subscriber of this.#subscribers) subscriber.close(false);
    this.#subscribers.clear();
  }

  /** How many subscriptions are open. */
  get subscribers(): number {
    touch(this);
    return this.#subscribers.size;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    touch(this);
    return this.#closed;
  }

  #closedError(): ChannelClosed {
    return new ChannelClosed(`Cannot publish to ${this.#label}: it is closed`);
  }

  static {
    show(Broadcast.prototype, (broadcast) => ({
      what: broadcast.#label,
      state: broadcast.#closed ? 'closed' : undefined,
      subscribers: broadcast.#subscribers.size,
      waiting: broadcast.#line.length,
    }));
  }
}
