/**
 * A clock that moves only when it is told to. All timers that are due at one instant fire before the continuations of any of them,
 * so the order in which timers were made never decides what a program sees.
 *
 * @module
 */
import type { Clock, Timer } from '../core/clock.ts';

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
  readonly #heap: VirtualTimer[] = [];

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
    this.#up(this.#heap.length - 1);
    return timer;
  }

  /** When the next timer is due; undefined when there is none. */
  get next(): number | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (top.fn !== undefined) return top.at;
      this.#pop();
    }
    return undefined;
  }

  /** Moves to `at`, not past the next timer, and fires all timers that are due then. */
  moveTo(at: number): void {
    this.#now = Math.max(this.#now, at);
    const due: VirtualTimer[] = [];
    while ((this.next ?? Number.POSITIVE_INFINITY) <= this.#now) due.push(this.#pop());
    for (const timer of due) {
      const fn = timer.fn;
      timer.stop();
      fn?.();
    }
  }

  #pop(): VirtualTimer {
    const heap = this.#heap;
    const top = heap[0] as VirtualTimer;
    const last = heap.pop() as VirtualTimer;
    if (heap.length > 0) {
      heap[0] = last;
      this.#down(0);
    }
    return top;
  }

  #up(start: number): void {
    const heap = this.#heap;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(heap[index], heap[parent])) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #down(start: number): void {
    const heap = this.#heap;
    let index = start;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && before(heap[child], heap[least])) least = child;
      }
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const kept = heap[a] as VirtualTimer;
    heap[a] = heap[b] as VirtualTimer;
    heap[b] = kept;
  }
}

function before(a: VirtualTimer | undefined, b: VirtualTimer | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
