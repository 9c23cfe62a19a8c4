/**
 * Looking for a moment before sleeping. To wake a thread on another core takes 25 µs and more; when the next word of the other side
 * comes sooner than that, the thread that still looks has it at once. Where the two share a core, looking only keeps the other from
 * speaking: so it is tried less and less often while it is in vain.
 *
 * The idea is that of adaptive locks: Anna Karlin et al., Empirical Studies of Competitive Spinning for a Shared-Memory
 * Multiprocessor, SOSP 1991.
 *
 * @module
 */
import { monotonicNow } from '../../runtime/runtime.ts';
import { load, pause } from './atomics.ts';

/** Milliseconds of looking: about what a wake costs. */
const LONGEST = 0.05;

/** Looks between two of the clock, which costs as much as several. */
const LOOKS = 16;

/** At least one of so many sleeps begins with a look. */
const RAREST = 512;

/** The looking of one side. */
export class Spin {
  /** So many sleeps begin without a look. */
  #skip = 0;
  /** How many will after the next that is in vain. */
  #penalty = 1;

  /** Looks for a moment whether a word is no longer what it was. */
  sees(words: Int32Array, at: number, seen: number): boolean {
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    const until = monotonicNow() + LONGEST;
    do {
      for (let i = 0; i < LOOKS; i++) {
        if (load(words, at) !== seen) {
          this.#penalty = Math.max(1, this.#penalty >> 1);
          return true;
        }
        pause();
      }
    } while (monotonicNow() < until);
    this.#skip = this.#penalty;
    this.#penalty = Math.min(2 * this.#penalty, RAREST);
    return false;
  }
}
