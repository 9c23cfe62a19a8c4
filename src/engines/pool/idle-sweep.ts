/**
 * Ends the workers of a pool that have had nothing to do for too long. One timer for all, which keeps no process alive.
 *
 * @module
 */
import { LONGEST_WAIT, monotonicNow, startQuietTimer } from '../../runtime/runtime.ts';
import type { PoolWorker } from './pool-worker.ts';

/** Looks after the workers of one pool. */
export class IdleSweep {
  readonly #workers: readonly PoolWorker[];
  readonly #idle: number;
  #isDue = false;

  /** @param idle milliseconds; Infinity: never */
  constructor(workers: readonly PoolWorker[], idle: number) {
    this.#workers = workers;
    this.#idle = idle;
  }

  /** Sees to it that a worker which is idle from now on is ended in time. */
  later(): void {
    if (!this.#isDue && this.#idle !== Number.POSITIVE_INFINITY) this.#wait(this.#idle);
  }

  #wait(ms: number): void {
    this.#isDue = true;
    startQuietTimer(() => this.#sweep(), Math.min(ms, LONGEST_WAIT));
  }

  #sweep(): void {
    this.#isDue = false;
    const now = monotonicNow();
    let next = Number.POSITIVE_INFINITY;
    for (const worker of this.#workers) {
      if (worker.idleSince === undefined || worker.retiring) continue;
      const left = worker.idleSince + this.#idle - now;
      if (left > 0) next = Math.min(next, left);
      else {
        worker.retiring = true;
        worker.link.end();
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.#wait(Math.ceil(next));
  }
}
