/**
 * Who has a call: the loop that runs it, or the watcher, which takes it back for the pool while the loop is busy with another. Memory
 * that the two threads of one child share: a word a call, which whoever comes first writes.
 *
 * @module
 */

/** Calls that a child can hold. A power of two. */
export const CLAIMS = 4096;
const MASK: number = CLAIMS - 1;

/** The claims of one child. */
export class Claims {
  readonly words: Int32Array = new Int32Array(new SharedArrayBuffer(CLAIMS * 4));

  /** Takes a call, once. The watcher does the same. */
  take(seq: number): boolean {
    const { words } = this;
    const at = seq & MASK;
    for (;;) {
      const last = Atomics.load(words, at);
      if (last > seq) return false;
      if (Atomics.compareExchange(words, at, last, seq + 1) === last) return true;
    }
  }
}
