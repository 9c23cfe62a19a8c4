/**
 * The deadline of a call that may be repeated, as long as a further attempt stands in line: as a signal, which takes it out of the line.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { kernel } from '../core/kernel.ts';

/** One wait in line with a deadline. */
export class LineDeadline {
  /** Aborts with the deadline. */
  readonly signal: AbortSignal;
  /** Whether it was the deadline that aborted it. */
  passed = false;
  readonly #timer: Timer;

  constructor(at: number) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = kernel.clock.at(at, () => {
      this.passed = true;
      controller.abort();
    });
  }

  /** The call has left the line. */
  stop(): void {
    this.#timer.stop();
  }
}
