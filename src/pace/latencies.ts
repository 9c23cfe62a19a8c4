/**
 * Mean latencies and how far they can be trusted.
 *
 * @module
 */

/** Latencies of one round, summed up as they come (Welford's algorithm). */
export class Latencies {
  count = 0;
  mean = 0;
  #squares = 0;

  add(latency: number): void {
    this.count++;
    const off = latency - this.mean;
    this.mean += off / this.count;
    this.#squares += off * (latency - this.mean);
  }

  get variance(): number {
    return this.count < 2 ? 0 : this.#squares / (this.count - 1);
  }
}

/** What is believed of the latency without a queue: an average of measurements that agree, or the last one that did not. */
export class Baseline {
  mean: number;
  /** How many latencies it stands for. */
  count: number;
  variance: number;
  /** The next measurement replaces it. */
  isRough = true;

  constructor({ mean, count, variance }: Latencies) {
    this.mean = mean;
    this.count = count;
    this.variance = variance;
  }

  /** The standard error of the difference to a round, in milliseconds. */
  doubt({ count, variance }: Latencies): number {
    return Math.sqrt(this.variance / this.count + variance / count);
  }

  /** Takes in a measurement; false when it replaces what was believed: that was rough, or differs by more than chance. */
  measure(round: Latencies): boolean {
    const { mean, count, variance } = round;
    const agrees =
      !this.isRough &&
      Math.abs(mean - this.mean) <= Math.max(SURE * this.doubt(round), this.mean * SAME);
    const share = agrees ? count / (this.count + count) : 1;
    this.mean += (mean - this.mean) * share;
    this.variance += (variance - this.variance) * share;
    this.isRough = false;
    this.count = agrees ? Math.min(this.count + count, MEMORY) : count;
    return agrees;
  }
}

/** Standard errors from which on a difference is no chance. */
const SURE = 3;
/** Differences up to this part are none. */
const SAME = 0.02;
/** The most latencies a baseline stands for: then new ones count more than the oldest. */
const MEMORY = 1000;
