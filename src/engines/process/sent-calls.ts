/**
 * The calls that are at one child, by their numbers: a ring as long as the claims. A `Map` of them would be rebuilt again and again while
 * it grows and shrinks.
 *
 * @module
 */
import type { PoolCall } from '../pool/pool-call.ts';
import { CLAIMS } from './claims.ts';

const MASK: number = CLAIMS - 1;

/** More are never at one child, from the oldest to the youngest. */
const CAPACITY: number = CLAIMS / 2;

/** What a child has been sent, and has not told the end of. */
export class SentCalls {
  readonly #slots: (PoolCall | undefined)[] = new Array(CLAIMS).fill(undefined);
  #oldest = 0;
  #next = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the oldest call that it has. */
  get first(): number {
    return this.#oldest;
  }

  /** The number of the next call. */
  get next(): number {
    return this.#next;
  }

  /** How many more there may be. */
  get room(): number {
    return CAPACITY - (this.#next - this.#oldest);
  }

  get oldest(): PoolCall | undefined {
    return this.get(this.#oldest);
  }

  push(call: PoolCall): void {
    this.#slots[this.#next++ & MASK] = call;
    this.#size++;
  }

  get(seq: number): PoolCall | undefined {
    return seq >= this.#oldest && seq < this.#next ? this.#slots[seq & MASK] : undefined;
  }

  /** Takes one out. */
  take(seq: number): PoolCall | undefined {
    const call = this.get(seq);
    if (call === undefined) return undefined;
    this.#slots[seq & MASK] = undefined;
    this.#size--;
    while (this.#oldest < this.#next && this.#slots[this.#oldest & MASK] === undefined) {
      this.#oldest++;
    }
    return call;
  }

  /** All, the oldest first. */
  all(): PoolCall[] {
    const calls: PoolCall[] = [];
    for (let seq = this.#oldest; seq < this.#next; seq++) {
      const call = this.get(seq);
      if (call !== undefined) calls.push(call);
    }
    return calls;
  }

  /** The numbers of so many that go on, the youngest first. */
  youngest(count: number): number[] {
    const calls = this.all().filter(({ stopped }) => stopped === undefined);
    return calls
      .slice(-count)
      .map(({ seq }) => seq)
      .reverse();
  }
}
