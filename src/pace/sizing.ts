/**
 * What decides how large an adaptive limit is, and what both ways of doing so need.
 *
 * @module
 */

/** Between which bounds a limit may move, and where it starts. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
}

/** How a lease ended: well, by an overload, or so that it says nothing. */
export type LeaseOutcome = 'ok' | 'drop' | 'ignore';

/** A lease that has ended. */
export interface Sample {
  /** What `granted` gave for it. */
  readonly ticket: number;
  readonly started: number;
  readonly ended: number;
  readonly outcome: LeaseOutcome;
  /** Leases out, this one included. */
  readonly inFlight: number;
}

/** Follows how the leases of a limiter go, and says how many there should be. */
export interface Sizing {
  /** How many there may be now; an integer. */
  readonly limit: number;
  /** How long one takes now, in milliseconds; undefined before any has ended well. */
  readonly latency: number | undefined;
  /** A lease is given out; `inFlight` are out now. The number is kept with it. */
  granted(inFlight: number): number;
  /** A lease has ended. */
  ended(sample: Sample): void;
}

/** What a limit is multiplied by when the other side says that it is overloaded. */
export const CUT = 0.9;

/**
 * One overload is often told by many errors at once: all that started before the limit was cut say the same thing, and so do those that
 * come before the cut can have had an effect.
 */
export class Cuts {
  #last = Number.NEGATIVE_INFINITY;

  /** Whether this overload is a new one; counts it then. */
  isNew({ started, ended }: Sample, latency: number | undefined): boolean {
    if (started <= this.#last || ended - this.#last < (latency ?? 0)) return false;
    this.#last = ended;
    return true;
  }
}
