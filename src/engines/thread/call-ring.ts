/**
 * The calls that a worker thread has, by position.
 *
 * @module
 */
import type { PoolCall } from '../pool/pool-call.ts';
import { SLOTS } from './layout.ts';

/** As many as there are slots. Positions count up, and wrap around. */
export class CallRing {
  readonly #calls: (PoolCall | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Positions: the next to be written, and the next to be read. */
  next = 0;
  read = 0;
  /** As far as the worker was shown them. */
  shown = 0;

  /** Places between the next to be read and the next to be written. */
  get unread(): number {
    return (this.next - this.read) | 0;
  }

  /** The one that its worker is at, or comes to next; undefined where it has none. */
  get oldest(): PoolCall | undefined {
    for (let seq = this.read; seq !== this.next; seq = (seq + 1) | 0) {
      const call = this.at(seq);
      if (call !== undefined) return call;
    }
    return undefined;
  }

  /** The call in the place of a position; it may be one that came later. */
  at(seq: number): PoolCall | undefined {
    return this.#calls[seq & (SLOTS - 1)];
  }

  put(call: PoolCall): void {
    this.#calls[call.seq & (SLOTS - 1)] = call;
    this.next = (call.seq + 1) | 0;
  }

  take(seq: number): void {
    this.#calls[seq & (SLOTS - 1)] = undefined;
  }

  /** All that are there, the oldest first. */
  get all(): PoolCall[] {
    const all = this.#calls.filter((call) => call !== undefined);
    return all.sort((a, b) => (a.seq - b.seq) | 0);
  }
}
