/**
 * The pool's end of the line of one call.
 *
 * @module
 */
import type { Line } from '../shared/line.ts';
import type { Link } from './link.ts';
import type { PoolCall } from './pool-call.ts';

/** Sends by the link of the worker that has the call. */
export class CallLine implements Line {
  readonly #call: PoolCall;
  readonly #link: Link;

  constructor(call: PoolCall, link: Link) {
    this.#call = call;
    this.#link = link;
  }

  receive: (message: unknown) => void = ignore;
  ended: (why: Error | undefined) => void = ignore;

  send(message: unknown, transfer?: readonly unknown[]): void {
    if (!this.#call.settled) this.#link.tell(this.#call, message, transfer);
  }
}

function ignore(): void {
  // Nobody listens yet, or any more.
}
