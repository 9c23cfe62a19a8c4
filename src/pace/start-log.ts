/**
 * The log of an exact sliding window: when the last calls were started. The next may start when the one `maxCalls` before it has
 * left the window. One comparison and one entry a call, or as many as it counts for, in a ring that grows to what was really started in one window.
 *
 * @module
 */
import { keepShape } from '../runtime/keep-shape.ts';
import type { Pace } from './pace.ts';
import type { Ask } from './queued-call.ts';

const SMALLEST_RING = 8;

/** At most `maxCalls` starts in any half-open window of `period`, and none closer to the one before than `minInterval`. */
export class StartLog implements Pace {
  readonly #maxCalls: number;
  readonly #period: number;
  readonly #minInterval: number;
  /** The start number n is at n modulo the size, which is a power of two. */
  #stamps: Float64Array = emptyRing(SMALLEST_RING);
  #started = 0;
  /** The last start. */
  last: number = Number.NEGATIVE_INFINITY;

  constructor(maxCalls: number, period: number, minInterval: number) {
    this.#maxCalls = maxCalls;
    this.#period = period;
    this.#minInterval = minInterval;
  }

  opensAt({ weight }: Ask): number {
    const opens = this.#windowOpensAt(weight);
    if (this.#minInterval === 0) return opens;
    return Math.max(opens, after(this.last, this.#minInterval));
  }

  #windowOpensAt(weight: number): number {
    const size = this.#stamps.length;
    const back = this.#maxCalls - weight + 1;
    // A ring that is too small for a full window has not seen one yet.
    if (size < back) return Number.NEGATIVE_INFINITY;
    const first = this.#stamps[(this.#started - back) & (size - 1)] as number;
    return after(first, this.#period);
  }

  note(at: number, { weight }: Ask): void {
    for (let start = 0; start < weight; start++) this.#note(at);
    this.last = at;
  }

  #note(at: number): void {
    const number = this.#started++;
    const size = this.#stamps.length;
    if (size < this.#maxCalls) {
      const overwritten = this.#stamps[number & (size - 1)] as number;
      if (after(overwritten, this.#period) > at) this.#grow(number);
    }
    this.#stamps[number & (this.#stamps.length - 1)] = at;
  }

  #grow(started: number): void {
    const old = this.#stamps;
    const size = old.length;
    this.#stamps = emptyRing(size * 2);
    for (let n = started - size; n < started; n++) {
      this.#stamps[n & (size * 2 - 1)] = old[n & (size - 1)] as number;
    }
  }

  idleFrom(): number {
    return this.last + Math.max(this.#period, this.#minInterval);
  }

  shift(by: number): void {
    this.last += by;
    for (let slot = 0; slot < this.#stamps.length; slot++) {
      this.#stamps[slot] = (this.#stamps[slot] as number) + by;
    }
  }
}

function emptyRing(size: number): Float64Array {
  return new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
}

/** The first moment of which the distance to `start` is at least `span`, also after rounding. */
function after(start: number, span: number): number {
  const end = start + span;
  return end - start < span ? end + Math.abs(end) * Number.EPSILON : end;
}

keepShape(new StartLog(1, 1, 0));
