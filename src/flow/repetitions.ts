/**
 * Items that failed and wait for another attempt. They hold no lane meanwhile; the place of their result stays reserved.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { kernel, now } from '../core/kernel.ts';
import { Ring } from '../core/ring.ts';
import type { Course } from '../pace/retry-course.ts';

/** An item and the attempts at it. */
export interface Repetition<T> {
  readonly item: T;
  readonly index: number;
  readonly course: Course;
  /** What the attempt before failed with. */
  readonly error: unknown;
}

/** The waiting room of one flow. */
export class Repetitions<T> {
  readonly #ready = new Ring<Repetition<T>>();
  readonly #timers = new Map<Timer, Repetition<T>>();
  readonly #due: () => void;

  /** @param due called when an item may be tried again */
  constructor(due: () => void) {
    this.#due = due;
  }

  /** Items that will be tried again. */
  get length(): number {
    return this.#ready.length + this.#timers.size;
  }

  add(repetition: Repetition<T>, delay: number): void {
    const timer = kernel.clock.at(now() + delay, () => {
      this.#timers.delete(timer);
      this.#ready.push(repetition);
      this.#due();
    });
    this.#timers.set(timer, repetition);
  }

  /** The next item whose wait is over. */
  shift(): Repetition<T> | undefined {
    return this.#ready.shift();
  }

  /** Drops all; gives the errors of their last attempts, which would be lost with them. */
  clear(): unknown[] {
    const errors: unknown[] = [];
    for (const [timer, { error }] of this.#timers) {
      timer.stop();
      errors.push(error);
    }
    for (let next = this.shift(); next !== undefined; next = this.shift()) errors.push(next.error);
    this.#timers.clear();
    return errors;
  }
}
