/**
 * Tells a caller how far a flow is, not more often than somebody can read.
 *
 * @module
 */
import { now } from '../core/kernel.ts';
import type { FlowStats } from './options.ts';

const INTERVAL_MS = 100;

/** The reports of one flow. */
export class Progress {
  readonly #report: (stats: FlowStats) => void;
  #last = Number.NEGATIVE_INFINITY;

  constructor(report: (stats: FlowStats) => void) {
    this.#report = report;
  }

  /** Reports if it is time, or if this is the end. */
  tell(stats: () => FlowStats, isEnd = false): void {
    const time = now();
    if (!isEnd && time - this.#last < INTERVAL_MS) return;
    this.#last = time;
    this.#report(stats());
  }
}
