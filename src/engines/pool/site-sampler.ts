/**
 * Where calls come from, for the stacks of their errors. Collecting a place costs about as much as the rest of a tiny call, so of many
 * calls in one turn, which come from one loop as good as always, only the first have their own.
 *
 * @module
 */
import { CallSite } from '../../runtime/call-site.ts';

/** So many calls of a turn have their own place. */
const OWN = 16;

/** Collects places. */
export class SiteSampler {
  #taken = 0;
  #last: CallSite | undefined;

  /** @param above the function whose callers count */
  sample(above: Function): CallSite {
    if (this.#last === undefined || this.#taken < OWN) {
      this.#taken++;
      this.#last = new CallSite(above);
    }
    return this.#last;
  }

  nextTurn(): void {
    this.#taken = 0;
    this.#last = undefined;
  }
}
