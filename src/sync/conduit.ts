/**
 * The mechanism under everything queue-like: a store of items, a line of those who bring one and a line of those who want one.
 *
 * An item goes straight to the first who waits for one; a place that becomes free goes straight to the first who waits to fill
 * it. So at any moment at most one of the lines has anybody in it, and nobody who comes later can be served first.
 *
 * @module
 */

import { requireLimit, requireOneOf } from '../core/arguments.ts';
import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { ChannelClosed, WouldBlock } from '../core/errors.ts';
import { kernel, touch } from '../core/kernel.ts';
import type { Facts } from '../core/shown.ts';
import { currentToken } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { type Waiter, WaitQueue } from '../core/wait-queue.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { nameOf } from './circle.ts';
import { type Case, NOTHING, Operation, stand } from './operation.ts';
import { UNLIMITED } from './permit.ts';

/** What happens to an item that finds no place: it waits, it is dropped, the oldest is dropped for it, or it is refused. */
export type Overflow = 'wait' | 'drop-newest' | 'drop-oldest' | 'reject';

/** Where items are kept, and in which order they come out. */
export interface Store<T> {
  readonly length: number;
  push(item: T): void;
  shift(): T | undefined;
  /** Puts an item back that came out and did not reach whoever asked: it comes out next. Without it, it is put in anew. */
  unshift?(item: T): void;
}

const DONE: Promise<void> = Promise.resolve();

/** Checks capacity and overflow, which go together. */
export function requireRoom(capacity: unknown, name: string, overflow: unknown, least = 0): number {
  requireOneOf(overflow, 'overflow', ['wait', 'drop-newest', 'drop-oldest', 'reject']);
  const dropping = overflow === 'drop-newest' || overflow === 'drop-oldest';
  return requireLimit(capacity, name, dropping ? 1 : least);
}

/** One queue, channel or subscription. */
export class Conduit<T> {
  readonly label: string;
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly #store: Store<T>;
  readonly #takers: WaitQueue<T>;
  readonly #givers: WaitQueue<void, T>;
  /** Called when there is room that there was not. */
  onRoom: (() => void) | undefined;
  /** Items that came in. */
  accepted = 0;
  /** Items that came in, or would have, and were dropped for want of room. */
  dropped = 0;
  closed = false;
  /** What it was closed with. */
  #error: unknown;
  #failed = false;

  constructor(label: string, capacity: number, overflow: Overflow, store: Store<T>) {
    this.label = label;
    // A field that holds now an integer, now Infinity costs V8 its code.
    this.capacity = Math.min(capacity, UNLIMITED);
    this.overflow = overflow;
    this.#store = store;
    this.#takers = new WaitQueue();
    this.#givers = new WaitQueue();
  }

  /** Items that can be had now. */
  get size(): number {
    return this.#store.length;
  }

  get takers(): number {
    return this.#takers.length;
  }

  get givers(): number {
    return this.#givers.length;
  }

  /** Whether an item put in now would neither wait nor be dropped. */
  get hasRoom(): boolean {
    return this.#takers.length > 0 || this.#store.length < this.capacity;
  }

  /** Whether nothing can be had any more. */
  get ended(): boolean {
    return this.closed && this.#store.length === 0;
  }

  /** Puts an item in, or drops one, by the rules; false when it would have to wait or be refused. */
  offer(item: T): boolean {
    touch(this);
    if (this.closed) throw this.#cannotPut();
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      this.accepted++;
      taker.give(item);
      return true;
    }
    if (this.#store.length >= this.capacity) {
      if (this.overflow === 'wait' || this.overflow === 'reject') return false;
      this.dropped++;
      if (this.overflow === 'drop-newest') {
        this.accepted++;
        return true;
      }
      this.#store.shift();
    }
    this.force(item);
    return true;
  }

  /** Puts an item in, whether there is room or not. */
  force(item: T): void {
    this.#store.push(item);
    this.accepted++;
  }

  /** Puts an item in, waiting for a place. */
  put(item: T, bounds?: WaitBounds): Promise<void> {
    const token = currentToken();
    if (
      bounds === undefined &&
      token.effective === undefined &&
      kernel.scheduler === undefined &&
      !this.closed
    ) {
      try {
        if (this.offer(item)) return DONE;
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const wait = new Wait<void, T>(`put into ${this.label}`, token, item);
    refuseLate(wait, bounds);
    if (!wait.settled) this.#enterGiver(wait);
    return bounded(wait, bounds);
  }

  #enterGiver(wait: Wait<void, T>): void {
    try {
      if (this.offer(wait.ask)) wait.ok();
      else if (this.overflow === 'wait') this.#givers.push(wait);
      else wait.fail(new WouldBlock(`Cannot put into ${this.label}: it is full`));
    } catch (error) {
      wait.fail(error);
    }
  }

  /** Takes an item that is there, and lets the first who waits with one fill its place. */
  take(): T | typeof NOTHING {
    touch(this);
    if (this.#store.length > 0) {
      const item = this.#store.shift() as T;
      const giver = this.#givers.shift();
      if (giver !== undefined) this.#refill(giver);
      else if (this.onRoom !== undefined) this.onRoom();
      return item;
    }
    const giver = this.#givers.shift();
    if (giver === undefined) return NOTHING;
    this.accepted++;
    giver.give();
    return giver.ask;
  }

  #refill(giver: Waiter<void, T>): void {
    try {
      this.force(giver.ask);
    } catch (error) {
      // The order of the store is the user's code.
      giver.refuse(error);
      return;
    }
    giver.give();
  }

  /**
   * Takes back an item that was taken but did not arrive. It goes to the first who waits, or comes out next; there may be one more than fit
   * then. Where nobody can take it any more it is dropped.
   */
  putBack(item: T, deserted: boolean = false): void {
    touch(this);
    if (deserted) {
      this.dropped++;
      return;
    }
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.give(item);
    else if (this.#store.unshift === undefined) this.#store.push(item);
    else this.#store.unshift(item);
  }

  /** Takes an item, waiting for one. */
  get(bounds?: WaitBounds): Promise<T> {
    const token = currentToken();
    if (bounds === undefined && token.effective === undefined && kernel.scheduler === undefined) {
      try {
        const item = this.take();
        if (item !== NOTHING) return Promise.resolve(item);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return bounded(this.enter(new Wait<T>(`item of ${this.label}`, token), bounds), bounds);
  }

  /** Puts a wait for an item in line, or serves it at once. */
  enter<W extends Wait<T>>(wait: W, bounds?: WaitBounds): W {
    refuseLate(wait, bounds);
    if (wait.settled) return wait;
    try {
      const item = this.take();
      if (item !== NOTHING) wait.ok(item);
      else if (this.closed) wait.fail(this.#cannotTake());
      else this.#takers.push(wait);
      this.onRoom?.();
    } catch (error) {
      wait.fail(error);
    }
    return wait;
  }

  /** Taking an item, as a case of a select. */
  get taken(): Operation<T> {
    return new Operation<T>(
      () => {
        touch(this);
        return this.size > 0 || this.#givers.length > 0 || this.closed;
      },
      () => {
        const item = this.take();
        if (item === NOTHING && this.closed) throw this.#cannotTake();
        return item;
      },
      (entry: Case<T>) => {
        touch(this);
        stand(this.#takers, entry, undefined);
        this.onRoom?.();
      },
    );
  }

  /** Putting an item in, as a case of a select. */
  giving(item: T): Operation<void> {
    return new Operation<void>(
      () => {
        touch(this);
        return this.closed || this.overflow !== 'wait' || this.hasRoom;
      },
      () => {
        if (this.offer(item)) return undefined;
        throw new WouldBlock(`Cannot put into ${this.label}: it is full`);
      },
      (entry: Case<void>) => {
        touch(this);
        stand(this.#givers, entry, item);
      },
    );
  }

  /**
   * Lets nothing more in. What is inside can still be had; those who wait are told now.
   *
   * @param error what those get who want more; without one they get `ChannelClosed`
   */
  close(failed: boolean, error?: unknown): void {
    touch(this);
    if (this.closed) return;
    this.closed = true;
    this.#failed = failed;
    this.#error = error;
    this.#givers.refuseAll(this.#cannotPut());
    this.#takers.refuseAll(this.#cannotTake());
  }

  /** Throws away what nobody will take. */
  discard(): void {
    touch(this);
    while (this.#store.length > 0) {
      this.#store.shift();
      this.dropped++;
    }
  }

  /** What it was closed with, if that was an error. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failed ? { error: this.#error } : undefined;
  }

  /** What there is to say of whatever it is the inside of. */
  get facts(): Facts {
    const { label, closed, size, capacity, givers, takers } = this;
    return {
      what: label,
      state: closed ? 'closed' : undefined,
      items: size,
      of: capacity < UNLIMITED ? capacity : undefined,
      waitingToPut: givers || undefined,
      waitingToGet: takers || undefined,
    };
  }

  #cannotPut(): ChannelClosed {
    const options = this.#failed ? { cause: this.#error } : undefined;
    const who = nameOf(currentToken());
    return new ChannelClosed(`Cannot put into ${this.label} in ${who}: it is closed`, options);
  }

  #cannotTake(): unknown {
    if (this.#failed) return this.#error;
    return new ChannelClosed(`Cannot take from ${this.label}: it is closed and empty`);
  }
}

keepShape(new Conduit('shape', 0, 'wait', { length: 0, push: () => {}, shift: () => undefined }));
