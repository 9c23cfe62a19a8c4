/**
 * A copy's seat at a shared source, on the loop of the source.
 *
 * @module
 */

import { kernel } from '../core/kernel.ts';
import { show } from '../core/shown.ts';
import { currentToken, type Token } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { Entry } from './entry.ts';
import type { Batch, Hub, ItemsSeat } from './items-hub.ts';

const END: IteratorResult<never> = { value: undefined, done: true };

/** Asks for one item at a time. */
export class DirectSeat<T> implements ItemsSeat<T> {
  /** @internal For whoever lends it to another memory: batches are asked for there. */
  readonly hub: Hub<T>;
  readonly #pending = new Set<Wait<IteratorResult<T>>>();
  #hand: T[] = [];
  #left = false;
  taken = 0;

  constructor(hub: Hub<T>) {
    this.hub = hub;
  }

  get unfinished(): readonly T[] {
    return this.#hand;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#left) return Promise.resolve(END);
    const token = currentToken();
    if (token.effective === undefined) {
      // Asking for the next one says that those before are finished.
      if (this.#hand.length > 0) this.#hand = [];
      if (kernel.scheduler === undefined) {
        const batch = this.hub.tryTake();
        if (batch.length > 0) return Promise.resolve(this.#took(batch));
      }
    }
    return this.#wait(token);
  }

  #took(batch: Batch<T>): IteratorResult<T> {
    if (batch.length === 0) return END;
    const value = batch[0] as T;
    this.taken++;
    this.#hand.push(value);
    return { value, done: false };
  }

  #wait(token: Token): Promise<IteratorResult<T>> {
    const wait = new Wait<IteratorResult<T>>('item of a shared source', token);
    if (wait.settled) return wait.promise;
    const entry = new Entry<Batch<T>>(
      token,
      (batch) => {
        this.#pending.delete(wait);
        wait.ok(this.#took(batch));
      },
      (error) => {
        this.#pending.delete(wait);
        wait.fail(error);
      },
    );
    entry.ask = 1;
    wait.undo = () => {
      this.#pending.delete(wait);
      entry.queue?.remove(entry);
    };
    this.#pending.add(wait);
    this.hub.enter(entry);
    return wait.promise;
  }

  async return(): Promise<IteratorResult<T>> {
    this.#endWaits();
    return END;
  }

  #endWaits(): void {
    for (const wait of [...this.#pending]) {
      wait.undo?.();
      wait.ok(END);
    }
  }

  leave(failed = false): void {
    if (this.#left) return;
    this.#left = true;
    this.#endWaits();
    if (!failed) this.#hand = [];
  }

  /** @internal What a copy elsewhere has in hand now. */
  report(taken: number, unfinished: T[]): void {
    this.taken = taken;
    this.#hand = unfinished;
  }

  static {
    show(DirectSeat.prototype, ({ taken }) => ({ what: 'items of a copy', taken }));
  }
}
