/**
 * Looks after calls that a busy worker has got and not come to, when a worker is gone that could have taken them.
 *
 * @module
 */
import { startQuietTimer } from '../../runtime/runtime.ts';
import { countShared, richest } from './census.ts';
import type { PoolWorker } from './pool-worker.ts';

/** Milliseconds in which most such calls end by themselves: a new worker takes longer to start. */
const OVERDUE = 10;

/** The watch of one pool. */
export class Overdue {
  readonly #workers: readonly PoolWorker[];
  readonly #size: number;
  readonly #found: (rich: readonly PoolWorker[]) => void;
  #isWatching = false;

  /** @param found called with the workers that still have more than what they are at */
  constructor(
    workers: readonly PoolWorker[],
    size: number,
    found: (rich: readonly PoolWorker[]) => void,
  ) {
    this.#workers = workers;
    this.#size = size;
    this.#found = found;
  }

  /** Looks in a moment, if there are such calls now and there could be more workers. */
  watch(): void {
    const workers = this.#workers;
    if (this.#isWatching || countShared(workers) >= this.#size) return;
    if (richest(workers).length === 0) return;
    this.#isWatching = true;
    // What there is to watch keeps the process alive.
    startQuietTimer(() => {
      this.#isWatching = false;
      this.#found(richest(workers));
    }, OVERDUE);
  }
}
