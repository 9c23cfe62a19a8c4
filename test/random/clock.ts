/**
 * The clock of a random program: that of the library and that of everything outside it in one, so that both show the same time. Of what is
 * due at one instant either side may go first.
 *
 * @module
 */
import type { Clock, Timer } from '../../src/core/clock.ts';
import { Heap } from '../../src/core/heap.ts';

interface Due extends Timer {
  readonly at: number;
  readonly rank: number;
  fn: (() => void) | undefined;
}

/** Moves when it is told to. */
export class TwoSidedClock implements Clock {
  readonly #heap: Heap<Due>;
  readonly #outsideRank: number;
  #now = 0;
  #order = 0;
  /** Timers of the library that are pending. */
  timers = 0;

  constructor(outsideFirst: boolean) {
    this.#outsideRank = outsideFirst ? -1e9 : 1e9;
    this.#heap = new Heap<Due>((a, b) => a.at < b.at || (a.at === b.at && a.rank < b.rank));
  }

  now(): number {
    return this.#now;
  }

  /** A timer of the library. */
  at(at: number, fn: () => void): Timer {
    if (at === Infinity) return { stop() {} };
    this.timers++;
    return this.#add(at, 0, fn, () => this.timers--);
  }

  /** A timer of somebody else. */
  outsideAt(at: number, fn: () => void): Timer {
    if (at === Infinity) return { stop() {} };
    return this.#add(at, this.#outsideRank, fn, () => undefined);
  }

  #add(at: number, rank: number, fn: () => void, stopped: () => void): Timer {
    const due: Due = {
      at: Math.max(at, this.#now),
      rank: rank + this.#order++,
      fn,
      stop() {
        if (due.fn === undefined) return;
        due.fn = undefined;
        stopped();
      },
    };
    this.#heap.push(due);
    return due;
  }

  /** When the next timer is due; Infinity when there is none. */
  get next(): number {
    for (let top = this.#heap.first; top !== undefined; top = this.#heap.first) {
      if (top.fn !== undefined) return top.at;
      this.#heap.shift();
    }
    return Infinity;
  }

  /** Moves to the next timer and fires all that are due then, before the continuations of any. */
  move(): void {
    this.#now = this.next;
    const due: Due[] = [];
    while (this.next <= this.#now) due.push(this.#heap.shift() as Due);
    for (const timer of due) {
      const { fn } = timer;
      timer.stop();
      fn?.();
    }
  }
}
