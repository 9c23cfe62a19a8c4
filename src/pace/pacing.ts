/**
 * What the lines of one limiter have in common: a clock that never goes back, a pause, and a signal that sends everybody home.
 *
 * @module
 */
import { watchAbort } from '../core/abort-watch.ts';
import { type Duration, requireSpan } from '../core/duration.ts';
import { kernel, touch } from '../core/kernel.ts';

/** One of the lines. */
export interface PacedLine {
  readonly gate: { shift(by: number): void } | undefined;
  /** Turns everybody away. */
  withdrawAll(error: () => unknown): void;
}

/** The state around the lines of one limiter. */
export class Pacing {
  /** What the task tree shows for those who wait. */
  readonly label: string;
  /** Nothing starts before. */
  resumesAt: number = Number.NEGATIVE_INFINITY;
  /** How many wait. */
  waiting = 0;
  /** What `now` gave last. */
  seen: number = Number.NEGATIVE_INFINITY;
  readonly #signal: AbortSignal | undefined;
  readonly #lines: () => Iterable<PacedLine>;
  #unwatch: (() => void) | undefined;

  /** @param lines all lines, also those in which nobody waits */
  constructor(label: string, signal: AbortSignal | undefined, lines: () => Iterable<PacedLine>) {
    this.label = label;
    this.#signal = signal;
    this.#lines = lines;
  }

  /**
   * The time. When the clock has gone back, what is remembered goes back with it: then no start is forgotten, which would be a burst, and
   * nobody waits until the clock has caught up. The time between the last look and the jump counts as none.
   */
  now(): number {
    const at = kernel.clock.now();
    const { seen } = this;
    this.seen = at;
    if (at < seen) {
      this.resumesAt += at - seen;
      for (const line of this.#lines()) line.gate?.shift(at - seen);
    }
    return at;
  }

  /** Starts nothing for so long; a longer pause stays in force. */
  pauseFor(duration: Duration): void {
    touch(this);
    const ms = requireSpan(duration, 'duration', 'from 0');
    // Timers that are set stay so: whoever they wake looks at the time again.
    this.resumesAt = Math.max(this.resumesAt, this.now() + ms);
  }

  /** Why nobody is let in any more, if so. */
  refusal(): { readonly error: unknown } | undefined {
    return this.#signal?.aborted === true ? { error: this.#signal.reason } : undefined;
  }

  /** Counts one who waits. */
  entered(): void {
    const signal = this.#signal;
    if (this.waiting++ > 0 || signal === undefined) return;
    this.#unwatch = watchAbort(signal, () => {
      for (const line of this.#lines()) line.withdrawAll(() => signal.reason);
    });
  }

  /** Counts one who waits no more. */
  left(): void {
    if (--this.waiting > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
