/**
 * Calls of a limiter that may be repeated. Between two attempts they are without a place at work, and reached by `clear`.
 *
 * @module
 */
import type { Cancelled } from '../core/errors.ts';
import { kernel } from '../core/kernel.ts';
import { Wait } from '../core/wait.ts';

/** The rests of one limiter. */
export class Rests {
  readonly #waits = new Set<Wait<void>>();
  /** Calls that may be repeated, from the call to the end of the last attempt. */
  running = 0;

  get size(): number {
    return this.#waits.size;
  }

  /** Runs such a call. */
  async series<R>(body: () => Promise<R>, ended: () => void): Promise<R> {
    this.running++;
    try {
      return await body();
    } finally {
      this.running--;
      ended();
    }
  }

  /** Waits for the next attempt, or until the call is withdrawn. */
  async take(ms: number, label: string, refused: Cancelled | undefined): Promise<void> {
    const wait = new Wait<void>(`another attempt at ${label}`);
    if (refused !== undefined && !wait.settled) wait.withdraw(refused);
    if (wait.settled) return wait.promise;
    const timer = kernel.clock.at(kernel.clock.now() + ms, () => wait.ok());
    wait.undo = () => timer.stop();
    this.#waits.add(wait);
    try {
      return await wait.promise;
    } finally {
      this.#waits.delete(wait);
    }
  }

  /** Ends them all, and gives how many it were. */
  withdraw(error: Error): number {
    return [...this.#waits].filter((wait) => wait.withdraw(error)).length;
  }
}
