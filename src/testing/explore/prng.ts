/**
 * Random numbers that are the same on every runtime for the same seed: 32-bit integer arithmetic only. `Math.random` cannot be
 * seeded, and a failure that cannot be found again is half a failure.
 *
 * @module
 */

/** Text as 32 bits: FNV-1a. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  }
  return bits >>> 0;
}

/** A seed for whoever has not given one. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/** A sequence of random numbers: mulberry32. */
export class Random {
  #state: number;

  /** One sequence for every run of a seed, so that a run does not depend on how many numbers those before it used. */
  constructor(seed: number | string, run: number) {
    this.#state = hash(`${seed}/${run}`);
  }

  /** 32 random bits, as an integer from 0. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** An integer from 0, less than `bound`. */
  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound);
  }
}
