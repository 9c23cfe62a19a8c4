/**
 * Looks after workers that have calls and begin none: a body has left something behind that does not let go of the event loop, or has
 * broken what the worker needs to hear of calls. Such a worker is ended after the grace of its pool; nothing that it has is lost.
 *
 * @module
 */
import { nextTurn, startQuietTimer } from '../../runtime/runtime.ts';
import type { PoolWorker } from './pool-worker.ts';

/** Milliseconds between two looks, at least: what a worker may need to hear of a call on a busy machine. */
const SHORTEST = 500;
const LONGEST: number = 2 ** 31 - 1;

/** The watch of one pool. */
export class Stalled {
  readonly #workers: readonly PoolWorker[];
  readonly #grace: number;
  readonly #found: (worker: PoolWorker) => void;
  #isWatching = false;
  /** Workers that the last look found so, and how many calls had passed them then. */
  #seen: ReadonlyMap<PoolWorker, number> = new Map();

  /** @param grace milliseconds; Infinity: never */
  constructor(workers: readonly PoolWorker[], grace: number, found: (worker: PoolWorker) => void) {
    this.#workers = workers;
    this.#grace = grace;
    this.#found = found;
  }

  /** Looks in a while; a worker has got calls. */
  watch(): void {
    if (this.#isWatching || this.#grace === Number.POSITIVE_INFINITY) return;
    this.#isWatching = true;
    const wait = Math.min(Math.max(this.#grace, SHORTEST), LONGEST);
    // If this thread was busy, what has begun is heard of first.
    startQuietTimer(() => nextTurn(() => this.#look()), wait);
  }

  #look(): void {
    this.#isWatching = false;
    const last = this.#seen;
    const stalled = this.#workers.filter(({ size, link }) => size > 0 && link.isStalled);
    this.#seen = new Map(stalled.map((worker) => [worker, worker.passed]));
    for (const worker of stalled) if (last.get(worker) === worker.passed) this.#found(worker);
    if (this.#workers.some(({ size }) => size > 0)) this.watch();
  }
}
