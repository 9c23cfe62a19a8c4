/**
 * The moment in which nothing is taken back from a child that has just ended calls, or got some: it should be done with them before.
 *
 * @module
 */
import {
  type HostTimer,
  monotonicNow,
  startHostTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';

/** Milliseconds. */
const PATIENCE = 1;

/** The patience that a pool has with one child. */
export class Patience {
  readonly #over: () => void;
  #timer: HostTimer | undefined;
  /** Calls before this number have had theirs. */
  #usedTo = -1;

  /** @param over is called when a moment in which calls were wanted back is over */
  constructor(over: () => void) {
    this.#over = over;
  }

  /**
   * Whether what is wanted back now has to wait.
   *
   * @param first the number of the oldest call that it has
   * @param next the number that the next call will have
   * @param heard when it last ended calls or got some, on the monotonic clock
   */
  holds(first: number, next: number, heard: number): boolean {
    const isUsedUp = first < this.#usedTo && this.#timer === undefined;
    if (isUsedUp || monotonicNow() - heard >= PATIENCE) return false;
    if (this.#timer === undefined) {
      this.#usedTo = next;
      this.#timer = startHostTimer(() => {
        this.#timer = undefined;
        this.#over();
      }, PATIENCE);
    }
    return true;
  }

  stop(): void {
    if (this.#timer !== undefined) stopHostTimer(this.#timer);
  }
}
