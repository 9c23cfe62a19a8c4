/**
 * Keeps a flow of quick items from having the event loop to itself: work that never leaves the microtask queue would let no timer,
 * no I/O and no cancellation through.
 *
 * @module
 */
import { afterTurn, kernel } from '../core/kernel.ts';
import { monotonicNow } from '../runtime/runtime.ts';

/** The longest time without a turn of the event loop. */
const SLICE_MS = 10;
/** The most items between two looks at the clock, which costs as much as an item. */
const MOST_ITEMS = 1024;

/** The share of one flow. */
export class Slice {
  readonly #resume: () => void;
  #start = monotonicNow();
  #lastLook = this.#start;
  #every = 16;
  #left = 16;
  /** The flow pauses for a turn of the event loop. */
  paused = false;

  /** @param resume called after the turn */
  constructor(resume: () => void) {
    this.#resume = resume;
  }

  /** Counts an item. */
  tick(): void {
    if (--this.#left === 0) this.#look();
  }

  /** Looks at the clock, soon again where items are slow. */
  #look(): void {
    const time = monotonicNow();
    const perItem = (time - this.#lastLook) / this.#every;
    this.#lastLook = time;
    this.#every = Math.max(1, Math.min(MOST_ITEMS, Math.floor(SLICE_MS / 4 / perItem) || 1));
    this.#left = this.#every;
    // An explorer decides about turns itself, and must find the same ones each time.
    if (time - this.#start < SLICE_MS || kernel.scheduler !== undefined) return;
    this.paused = true;
    afterTurn(() => {
      this.paused = false;
      this.#start = monotonicNow();
      this.#lastLook = this.#start;
      this.#resume();
    });
  }
}
