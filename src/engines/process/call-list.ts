/**
 * The calls that a child has got and not started yet, in their order, and the one that it is at.
 *
 * @module
 */
import { Claims } from './claims.ts';
import { indexAfter, NO_CARE, NO_INDEX, RUN_WORDS } from './protocol.ts';

/** A queue of runs, and a cursor over their calls. */
export class CallList {
  #runs: unknown[] = [];
  /** Where the run begins in which the cursor is, and how far in it. */
  #at = 0;
  #offset = -1;
  #list: readonly unknown[] = [];
  readonly claims: Claims = new Claims();

  /** The call under the cursor. */
  form = 0;
  route = -1;
  seq = -1;
  index = 0;
  attempt = 1;
  care: number = NO_CARE;
  item: unknown = undefined;

  /** Runs of calls, flat. */
  add(runs: readonly unknown[]): void {
    // What is behind the cursor goes: under a steady load the list is never empty.
    const isDone = this.#at === this.#runs.length;
    this.#runs = isDone ? (runs as unknown[]) : [...this.#runs.slice(this.#at), ...runs];
    this.#at = 0;
  }

  /** Whether the cursor was ever on a call. */
  get hasStarted(): boolean {
    return this.seq >= 0;
  }

  /** The number of the next call to start. */
  get next(): number {
    return this.seq + 1;
  }

  /** How many calls of the run are left, with this. */
  get left(): number {
    return this.#list.length - this.#offset;
  }

  /** Goes to the next call that nobody has taken back. False when there is none. */
  advance(): boolean {
    for (;;) {
      if (this.#at === this.#runs.length) return false;
      const runs = this.#runs;
      const at = this.#at;
      this.#offset++;
      this.#list = runs[at + 6] as unknown[];
      if (this.#offset >= this.#list.length) {
        this.#at += RUN_WORDS;
        this.#offset = -1;
        continue;
      }
      const seq = (runs[at + 2] as number) + this.#offset;
      if (!this.claims.take(seq)) continue;
      this.form = runs[at] as number;
      this.route = runs[at + 1] as number;
      this.seq = seq;
      const index = runs[at + 3] as number;
      this.index = index === NO_INDEX ? 0 : indexAfter(index, this.#offset);
      this.attempt = runs[at + 4] as number;
      this.care = runs[at + 5] as number;
      this.item = this.#list[this.#offset];
      return true;
    }
  }
}
