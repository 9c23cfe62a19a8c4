/**
 * The pool's end of the line of one call.
 *
 * @module
 */
import type { Line } from '../shared/line.ts';
import type { Link } from './link.ts';
import { Outbox } from './outbox.ts';
import type { PoolCall } from './pool-call.ts';

/** Sends by the link of the worker that has the call. */
export class CallLine implements Line {
  readonly #call: PoolCall;
  readonly #link: Link;
  readonly #outbox = new Outbox((messages, transfer) => this.#post(messages, transfer), 0);

  constructor(call: PoolCall, link: Link) {
    this.#call = call;
    this.#link = link;
  }

  receive: (message: unknown) => void = ignore;

  send(message: readonly unknown[], transfer?: readonly unknown[]): void {
    this.#outbox.send(message, transfer);
  }

  /** The call may have ended since they were sent, or have gone to another worker, which it has another line to. */
  #post(messages: readonly unknown[], transfer: readonly unknown[] | undefined): void {
    const call = this.#call;
    if (!call.settled && call.line === this) this.#link.tell(call, messages, transfer);
  }
}

function ignore(): void {
  // Nobody listens yet, or any more.
}
