/**
 * Finds the limit by latency alone, before anything fails.
 *
 * As long as a server has room, latency does not depend on how many requests are with it; past its capacity they queue, and latency grows
 * in proportion. So `limit * baseline / latency` is the part of the limit that is being served, the rest waits in the server, and the new limit
 * is the part that is served plus a small queue. The queue shows that the server is busy, and makes clients of one server agree: each keeps as many
 * waiting as the others, so all get the same share (TCP Vegas and FAST TCP, whose rule this is).
 *
 * All depends on the baseline: the latency without a queue. The least ever seen will not do where requests differ, and a mean drifts up with the
 * queue that it should show (so does Gradient2 of Netflix). Here it is measured: now and then the limit is halved for one round of leases,
 * which drains the queue, and the mean of that round is the baseline (BBR's ProbeRTT). That is also how it learns that the server, and
 * not its queue, has become slower, or that the baseline was measured in somebody else's queue.
 *
 * Everything is decided by means over rounds: the first leases given out after a change, until all of them have ended. The first that end would be
 * the quick ones.
 *
 * @see Brakmo and Peterson, TCP Vegas, 1995; Wei, Jin, Low and Hegde, FAST TCP, 2006
 * @see Cardwell et al., BBR: Congestion-Based Congestion Control, 2016
 * @see https://netflixtechblog.medium.com/performance-under-load-3e6fa9a60581 (Netflix, 2018) and https://github.com/Netflix/concurrency-limits
 * @module
 */
import { Baseline, Latencies } from './latencies.ts';
import { type Bounds, CUT, Cuts, type Sample, type Sizing } from './sizing.ts';

/** Leases in a round, at least. */
const SMALLEST_ROUND = 8;
/** The most that a round is prolonged to, where latencies vary. */
const LONG_ROUND = 250;
/** Rounds from one look at the baseline to the next. */
const PROBE_EVERY = 20;
/** Rounds to the next look, when the last one has changed the baseline. */
const PROBE_SOON = 4;
/** What is left of the limit during a look: less where nothing is known yet, and then mostly enough to drain the queue. */
const FIRST_PROBE = 0.5;
const PROBE = 0.75;
/** A limit that has moved by this part since the last look: either the server has changed, or the baseline is wrong. */
const MOVED = 0.1;
/** The share of a new limit in the average. */
const LIMIT_WEIGHT = 0.5;
/** The least that a round may leave of the limit: one bad round is not trusted further. */
const LEAST_GRADIENT = 0.5;
/** More than 1 is chance, and must count as much as chance in the other direction; or the baseline is wrong, until the next look. */
const MOST_GRADIENT = 1.1;
/** How many times over other leases may end before a round ends without those of its own that have not. */
const PATIENCE = 4;

/** Sizes a limit by how latency changes with it. */
export class Gradient implements Sizing {
  latency: number | undefined;
  readonly #bounds: Bounds;
  readonly #cuts = new Cuts();
  /** A real number, so that it can move by a part of one. */
  #limit: number;
  #baseline: Baseline | undefined;
  /** Rounds without a queue, one after the other. While it is above 0 the limit grows faster and faster. */
  #idleRounds = 1;
  /** The round is one of half the limit, to measure the baseline. */
  #probing = false;
  #depth = FIRST_PROBE;
  #untilProbe = PROBE_SOON;
  /** The limit at the last look. */
  #probedAt = 0;
  /** Number of the round; leases of others have older ones. */
  #round = 0;
  #size = 0;
  #granted = 0;
  #ended = 0;
  /** Leases not of this round that have ended since all of its own were given out. */
  #others = 0;
  #peak = 0;
  #latencies = new Latencies();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#limit = bounds.initial;
    this.#begin();
  }

  get limit(): number {
    if (!this.#probing) return Math.round(this.#limit);
    return Math.max(this.#bounds.min, Math.floor(this.#limit * this.#depth));
  }

  get baseline(): number | undefined {
    return this.#baseline?.mean;
  }

  granted(inFlight: number): number {
    this.#peak = Math.max(this.#peak, inFlight);
    if (this.#granted >= this.#size) return -1;
    this.#granted++;
    return this.#round;
  }

  ended(sample: Sample): void {
    const { ticket, started, ended, outcome } = sample;
    if (outcome === 'drop' && this.#cuts.isNew(sample, this.latency)) {
      this.#idleRounds = 0;
      this.#probing = false;
      this.#set(this.#limit * CUT);
      this.#begin();
      return;
    }
    if (ticket === this.#round) {
      this.#ended++;
      if (outcome === 'ok') this.#latencies.add(ended - started);
    } else if (this.#granted === this.#size) this.#others++;
    if (this.#ended === this.#size || this.#others > this.#size * PATIENCE) this.#finish();
  }

  #begin(): void {
    this.#round++;
    // Fewer than the limit would be the first of a burst, which find no queue.
    const precise = Math.min(LONG_ROUND, this.#precise);
    this.#size = Math.max(SMALLEST_ROUND, this.limit, precise);
    this.#granted = 0;
    this.#ended = 0;
    this.#others = 0;
    this.#peak = 0;
    this.#latencies = new Latencies();
  }

  /** How many leases it takes to tell half of the wanted queue from chance. While the limit only grows, precision would be a waste of time. */
  get #precise(): number {
    if (this.#baseline === undefined || this.#baseline.mean === 0 || this.#idleRounds > 1) return 0;
    const { mean, variance } = this.#baseline;
    return Math.ceil(variance * ((2 * this.#limit) / (queueFor(this.#limit) * mean)) ** 2);
  }

  #finish(): void {
    const latencies = this.#latencies;
    // Of a round that mostly failed nothing is known.
    if (latencies.count * 2 >= this.#size) this.#learn(latencies);
    this.#begin();
  }

  #learn(latencies: Latencies): void {
    if (this.#probing) {
      this.#probing = false;
      this.#untilProbe = PROBE_EVERY;
      this.#probedAt = this.#limit;
      this.#rebase(latencies);
      return;
    }
    this.latency = latencies.mean;
    const isIdle = this.#peak * 2 <= this.limit || this.limit === this.#bounds.min;
    if (isIdle) this.#rebase(latencies);
    if (this.#peak * 2 > this.limit) this.#adjust(latencies);
    if (!isIdle && --this.#untilProbe <= 0 && this.#peak >= this.limit) this.#probing = true;
  }

  #rebase(latencies: Latencies): void {
    this.#depth = PROBE;
    if (this.#baseline === undefined) this.#baseline = new Baseline(latencies);
    else if (!this.#baseline.measure(latencies)) this.#doubt();
  }

  /** The baseline may be wrong: looks again soon, and thoroughly. */
  #doubt(): void {
    this.#depth = FIRST_PROBE;
    this.#untilProbe = Math.min(this.#untilProbe, PROBE_SOON);
  }

  #adjust(latencies: Latencies): void {
    this.#baseline ??= new Baseline(latencies);
    const limit = this.#limit;
    const { mean } = latencies;
    const gradient = mean > 0 ? this.#baseline.mean / mean : 1;
    const served = limit * Math.max(LEAST_GRADIENT, Math.min(MOST_GRADIENT, gradient));
    const queue = queueFor(limit);
    const noise = mean > 0 ? (limit * this.#baseline.doubt(latencies)) / mean : 0;
    // While it grows without a queue, only a queue that is no chance ends that.
    const least = this.#idleRounds > 1 ? Math.max(queue / 2, 2 * noise) : queue / 2;
    const hasQueue = limit - served >= least;
    if (hasQueue && this.#idleRounds > 1) {
      // What was measured on the way up is of too few leases, and of a time when others may have had the server.
      this.#baseline.isRough = true;
      this.#doubt();
    }
    this.#idleRounds = hasQueue ? 0 : this.#idleRounds + 1;
    const growth = Math.min(limit, queue * 2 ** Math.max(0, this.#idleRounds - 1));
    let target = served + growth;
    // A limit that nobody reaches is not known to be too low.
    if (this.#peak < this.limit) target = Math.min(target, limit);
    // A queue that a look at the baseline could not drain has to go first, and is no matter of chance.
    const isFarAbove = gradient < PROBE && limit - served > 3 * noise;
    this.#set(isFarAbove ? target : limit + (target - limit) * LIMIT_WEIGHT);
    const hasMoved = Math.abs(this.#limit - this.#probedAt) > this.#probedAt * MOVED;
    if (hasMoved && !isFarAbove) this.#untilProbe = Math.min(this.#untilProbe, PROBE_SOON);
  }

  #set(limit: number): void {
    const { min, max } = this.#bounds;
    this.#limit = Math.min(max, Math.max(min, limit));
  }
}

/** How many should wait in the server. It grows more slowly than the limit: otherwise any two shares would be as stable as equal ones. */
function queueFor(limit: number): number {
  return Math.max(1, 2 * Math.log10(limit));
}
