/**
 * A line of waiters, first in, first out. The links are fields of the waiters themselves: joining, leaving from the middle and
 * serving are O(1), however long the line is.
 *
 * @module
 */
import type { Token } from './token.ts';

/** Whoever stands in a line for a value of type T: a wait, or one case of a select. In one line at a time. */
export interface Waiter<T, A = undefined> {
  queue: WaitQueue<T, A> | undefined;
  ahead: Waiter<T, A> | undefined;
  behind: Waiter<T, A> | undefined;
  /** How much it wants, or what it brings. */
  readonly ask: A;
  /** Whose it is. */
  readonly token: Token;
  /** Called when it leaves the line without having been served. */
  undo: (() => void) | undefined;
  /** Serves it. It must have left the line. */
  give(value: T): void;
  /** Turns it away. It must have left the line. */
  refuse(error: unknown): void;
}

/** The line. Everybody in it is still waiting: whoever settles otherwise leaves at once. */
export class WaitQueue<T, A = undefined> {
  /** Names whoever has what is waited for, for the task tree. */
  readonly holders: (() => string | undefined) | undefined;
  #first: Waiter<T, A> | undefined;
  #last: Waiter<T, A> | undefined;
  #length = 0;

  constructor(holders?: () => string | undefined) {
    this.holders = holders;
  }

  get length(): number {
    return this.#length;
  }

  get first(): Waiter<T, A> | undefined {
    return this.#first;
  }

  get last(): Waiter<T, A> | undefined {
    return this.#last;
  }

  push(waiter: Waiter<T, A>): void {
    waiter.queue = this;
    waiter.ahead = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
    this.#length++;
  }

  /** Puts a waiter behind one of those in line, or at the head. */
  insert(waiter: Waiter<T, A>, ahead: Waiter<T, A> | undefined): void {
    const behind = ahead === undefined ? this.#first : ahead.behind;
    waiter.queue = this;
    waiter.ahead = ahead;
    waiter.behind = behind;
    if (ahead === undefined) this.#first = waiter;
    else ahead.behind = waiter;
    if (behind === undefined) this.#last = waiter;
    else behind.ahead = waiter;
    this.#length++;
  }

  shift(): Waiter<T, A> | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(waiter: Waiter<T, A>): void {
    if (waiter.queue !== this) return;
    if (waiter.ahead === undefined) this.#first = waiter.behind;
    else waiter.ahead.behind = waiter.behind;
    if (waiter.behind === undefined) this.#last = waiter.ahead;
    else waiter.behind.ahead = waiter.ahead;
    waiter.queue = undefined;
    waiter.ahead = undefined;
    waiter.behind = undefined;
    this.#length--;
  }

  /** Everybody in line, the first first. Nobody may leave meanwhile. */
  *[Symbol.iterator](): Generator<Waiter<T, A>, void, undefined> {
    for (let at = this.#first; at !== undefined; at = at.behind) yield at;
  }

  /** Serves everybody. */
  giveAll(value: T): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) waiter.give(value);
  }

  /** Turns everybody away. */
  refuseAll(error: unknown): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) {
      waiter.refuse(error);
    }
  }
}
