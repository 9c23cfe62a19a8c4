/**
 * The deadline of a call that may be repeated, as long as a further attempt stands in line: as a signal, because that is what the line
 * looks at.
 *
 * @module
 */
import { watchAbort } from '../core/abort-watch.ts';
import type { Timer } from '../core/clock.ts';
import { kernel } from '../core/kernel.ts';

/** One wait in line with a deadline. */
export class LineDeadline {
  /** Aborts with the deadline, and with the signal of the call. */
  readonly signal: AbortSignal;
  /** Whether it was the deadline that aborted it. */
  passed = false;
  readonly #timer: Timer;
  readonly #unwatch: (() => void) | undefined;

  /** @param signal that of the call; not aborted */
  constructor(at: number, signal: AbortSignal | undefined) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = kernel.clock.at(at, () => {
      this.passed = true;
      controller.abort();
    });
    this.#unwatch = signal && watchAbort(signal, () => controller.abort(signal.reason));
  }

  /** The call has left the line. */
  stop(): void {
    this.#timer.stop();
    this.#unwatch?.();
  }
}
