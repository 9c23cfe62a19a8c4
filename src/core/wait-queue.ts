/**
 * A line of waits, first in, first out. The links are fields of the waits themselves: joining, leaving from the middle and
 * serving are O(1), however long the line is.
 *
 * @module
 */

/** What can stand in a line; in one line at a time. */
export interface Queued {
  queue: WaitQueue<this> | undefined;
  ahead: this | undefined;
  behind: this | undefined;
}

/** The line. */
export class WaitQueue<W extends Queued> {
  #first: W | undefined;
  #last: W | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): W | undefined {
    return this.#first;
  }

  push(wait: W): void {
    wait.queue = this;
    wait.ahead = this.#last;
    if (this.#last === undefined) this.#first = wait;
    else this.#last.behind = wait;
    this.#last = wait;
    this.#length++;
  }

  shift(): W | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(wait: W): void {
    if (wait.queue !== this) return;
    if (wait.ahead === undefined) this.#first = wait.behind;
    else wait.ahead.behind = wait.behind;
    if (wait.behind === undefined) this.#last = wait.ahead;
    else wait.behind.ahead = wait.ahead;
    wait.queue = undefined;
    wait.ahead = undefined;
    wait.behind = undefined;
    this.#length--;
  }
}
