/**
 * Looks after calls that a busy worker has got and not come to: when a worker is gone that could have taken them, or when
 * none gets idle to take them, because younger calls keep coming.
 *
 * @module
 */
import { nextTurn, startQuietTimer } from '../../runtime/runtime.ts';
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

  /**
   * Looks in a moment, if there are such calls now and there could be more workers, or others wait.
   *
   * @param isBacklog whether others wait
   */
  watch(isBacklog: boolean): void {
    const workers = this.#workers;
    if (this.#isWatching || !(isBacklog || this.#isShort)) return;
    const rich = richest(workers);
    if (rich.length === 0) return;
    this.#isWatching = true;
    const passed = new Map(rich.map((worker) => [worker, worker.passed]));
    // What there is to watch keeps the process alive. If this thread was busy, what has ended is heard of first.
    startQuietTimer(() => nextTurn(() => this.#look(passed)), OVERDUE);
  }

  get #isShort(): boolean {
    return countShared(this.#workers) < this.#size;
  }

  #look(passed: ReadonlyMap<PoolWorker, number>): void {
    this.#isWatching = false;
    const rich = richest(this.#workers);
    // In a full pool, those that go on will come to what they have.
    const stuck = rich.filter((worker) => worker.passed === passed.get(worker));
    this.#found(this.#isShort ? rich : stuck);
  }
}
