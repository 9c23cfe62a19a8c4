/**
 * The calls of the user's function that are at work. One that waits for what nothing in the process can bring fails, and makes room
 * for the next: every input has its record, and the process does not end in the middle.
 *
 * @module
 */
import { NeverSettled, NOTHING_COMES } from './failure.ts';

/** Counts and ends them. */
export class Calls {
  readonly #pending = new Set<(error: NeverSettled) => void>();
  /** How many have not settled. */
  neverSettled = 0;

  /** Makes a call, and gives what it gives. */
  make(call: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const ended = (): void => void this.#pending.delete(reject);
      (async () => call())().finally(ended).then(resolve, reject);
    });
  }

  /** Fails all that are at work, because nothing can end them any more. False when there are none. */
  readonly failAll = (): boolean => {
    const pending = [...this.#pending];
    this.#pending.clear();
    this.neverSettled += pending.length;
    for (const fail of pending) fail(new NeverSettled(`Cannot finish the call: ${NOTHING_COMES}`));
    return pending.length > 0;
  };
}
