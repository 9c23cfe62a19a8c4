/**
 * Additive increase, multiplicative decrease: for a server that says when it has too much, and where latency says little.
 *
 * One more for every round of leases that went well, a tenth less for every overload; before the first overload one more for every lease,
 * which doubles the limit each round. Clients of the same server end at equal shares, because a cut takes more from who has more.
 *
 * @see Chiu and Jain, Analysis of the Increase and Decrease Algorithms for Congestion Avoidance, 1989
 * @see https://github.com/Netflix/concurrency-limits (AIMDLimit)
 * @module
 */
import { type Bounds, CUT, Cuts, type Sample, type Sizing } from './sizing.ts';

/** What the share of a new sample in the shown latency is. */
const WEIGHT = 0.1;

/** Sizes a limit by overloads alone. */
export class Aimd implements Sizing {
  latency: number | undefined;
  readonly #bounds: Bounds;
  readonly #cuts = new Cuts();
  /** A real number, so that it can grow by a part of one. */
  #limit: number;
  /** No overload has been seen yet. */
  #searching = true;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#limit = bounds.initial;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  granted(): number {
    return 0;
  }

  ended(sample: Sample): void {
    if (sample.outcome === 'ignore') return;
    if (sample.outcome === 'drop') {
      if (!this.#cuts.isNew(sample, this.latency)) return;
      // Doubling has gone too far by up to as much.
      this.#set(this.#limit * (this.#searching ? 0.5 : CUT));
      this.#searching = false;
      return;
    }
    const latency = sample.ended - sample.started;
    this.latency =
      this.latency === undefined ? latency : this.latency * (1 - WEIGHT) + latency * WEIGHT;
    // A limit of which not even half is used is not known to be too low.
    if (sample.inFlight * 2 < this.limit) return;
    this.#set(this.#limit + (this.#searching ? 1 : 1 / this.#limit));
  }

  #set(limit: number): void {
    const { min, max } = this.#bounds;
    this.#limit = Math.min(max, Math.max(min, limit));
  }
}
