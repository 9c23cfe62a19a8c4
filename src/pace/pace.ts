/**
 * What decides when the next call may start: a log of the last starts, or a bucket of tokens. A pace knows nothing of waiting or of
 * clocks; it is told what time it is.
 *
 * @module
 */
import type { Ask } from './queued-call.ts';

/** When calls may start. All times are of the clock in force. */
export interface Pace {
  /** The first moment at which the next call may start. May lie in the past. */
  opensAt(ask: Ask): number;
  /** Notes a start that was not later than this. */
  note(at: number, ask: Ask): void;
  /** From when on, if nothing starts, nothing is remembered that matters. */
  idleFrom(): number;
  /** Moves all that is remembered: the clock has jumped. */
  shift(by: number): void;
}
