/**
 * How full a bucket of tokens is. Only two numbers are kept: when the bucket was last full, and what was taken since. So nothing is
 * refilled step by step, and no rounding adds up.
 *
 * @module
 */
import { keepShape } from '../runtime/keep-shape.ts';
import type { Pace } from './pace.ts';
import type { Ask } from './queued-call.ts';

/** A bucket that `count` tokens flow into in `period`, evenly, and that holds `burst` at most. */
export class TokenLevel implements Pace {
  readonly #count: number;
  readonly #period: number;
  readonly #burst: number;
  #lastFull = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(count: number, period: number, burst: number) {
    this.#count = count;
    this.#period = period;
    this.#burst = burst;
  }

  opensAt({ weight }: Ask): number {
    return this.#flowedInBy(this.#taken + weight - this.#burst);
  }

  #flowedInBy(tokens: number): number {
    return this.#lastFull + (tokens * this.#period) / this.#count;
  }

  note(at: number, { weight }: Ask): void {
    if (this.idleFrom() <= at) {
      this.#lastFull = at;
      this.#taken = 0;
    }
    this.#taken += weight;
  }

  idleFrom(): number {
    return this.#flowedInBy(this.#taken);
  }

  shift(by: number): void {
    this.#lastFull += by;
  }

  /** Tokens in the bucket. */
  levelAt(at: number): number {
    const missing = ((this.idleFrom() - at) * this.#count) / this.#period;
    return this.#burst - Math.max(0, missing);
  }
}

keepShape(new TokenLevel(1, 1, 1));
