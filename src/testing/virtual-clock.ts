/**
 * A clock that moves only when it is told to. All timers that are due at one instant fire before the continuations of any of them,
 * so the order in which timers were made never decides what a program sees.
 *
 * @module
 */
import type { Clock, Timer } from '../core/clock.ts';
import { Heap } from '../core/heap.ts';

class VirtualTimer implements Timer {
  readonly at: number;
  readonly order: number;
  fn: (() => void) | undefined;
  readonly #stopped: () => void;

  constructor(at: number, order: number, fn: () => void, stopped: () => void) {
    this.at = at;
    this.order = order;
    this.fn = fn;
    this.#stopped = stopped;
  }

  stop(): void {
    if (this.fn === undefined) return;
    this.fn = undefined;
    this.#stopped();
  }
}

/** Virtual time: a heap of timers. A stopped timer leaves it when it reaches the top. */
export class TimerHeap implements Clock {
  #now = 0;
  #order = 0;
  #live = 0;
  readonly #heap = new Heap<VirtualTimer>(before);

  now(): number {
    return this.#now;
  }

  get timers(): number {
    return this.#live;
  }

  at(at: number, fn: () => void): Timer {
    const timer = new VirtualTimer(Math.max(at, this.#now), this.#order++, fn, () => this.#live--);
    if (at === Number.POSITIVE_INFINITY) {
      timer.fn = undefined;
      return timer;
    }
    this.#live++;
    this.#heap.push(timer);
    return timer;
  }

  /** When the next timer is due; undefined when there is none. */
  get next(): number | undefined {
    for (let top = this.#heap.first; top !== undefined; top = this.#heap.first) {
      if (top.fn !== undefined) return top.at;
      this.#heap.shift();
    }
    return undefined;
  }

  /** Moves to `at`, not past the next timer, and fires all timers that are due then. */
  moveTo(at: number): void {
    this.#now = Math.max(this.#now, at);
    const due: VirtualTimer[] = [];
    while ((this.next ?? Number.POSITIVE_INFINITY) <= this.#now) {
      due.push(this.#heap.shift() as VirtualTimer);
    }
    for (const timer of due) {
      const fn = timer.fn;
      timer.stop();
      fn?.();
    }
  }
}

function before(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
