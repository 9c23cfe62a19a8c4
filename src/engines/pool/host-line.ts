/**
 * The worker's ends of the lines of its calls.
 *
 * @module
 */
import type { Line } from '../shared/line.ts';
import { Outbox, type PostAll } from './outbox.ts';

/** What a body says in one turn travels together beyond so many messages: one that computes for long and reports now and then is heard at once. */
const AT_ONCE = 16;

/** The line of one call. */
class HostLine implements Line {
  readonly #outbox: Outbox;
  receive: (message: unknown) => void = none;

  constructor(postAll: PostAll) {
    this.#outbox = new Outbox(postAll, AT_ONCE);
  }

  send(message: readonly unknown[], transfer?: readonly unknown[]): void {
    this.#outbox.send(message, transfer);
  }

  flush(): void {
    this.#outbox.flush();
  }
}

/** The line of the call at work, and what was said to calls that have not begun. */
export class HostLines {
  #line: HostLine | undefined;
  /** The call that began last. */
  #latest = -1;
  #early: { readonly seq: number; readonly messages: readonly unknown[] }[] = [];
  /** Whether the call that began last has, or had, a line. */
  hadLine = false;

  /** A call begins. What was said to those before it is for nobody. */
  begin(seq: number): void {
    this.#latest = seq;
    this.hadLine = false;
    if (this.#early.length > 0) this.#early = this.#early.filter((each) => this.#isFrom(each.seq));
  }

  /** Opens its line, for one who sets what hears it, and then calls `begun`. */
  open(postAll: PostAll): Line {
    this.hadLine = true;
    this.#line = new HostLine(postAll);
    return this.#line;
  }

  /** Says to its line what was said before it was there. */
  begun(): void {
    for (const { seq, messages } of this.#early) if (seq === this.#latest) this.told(seq, messages);
  }

  /** Messages on the line of a call. One that is over does not listen; for one that has not begun they are kept. */
  told(seq: number, messages: readonly unknown[]): void {
    if (seq !== this.#latest) {
      if (this.#isFrom(seq)) this.#early.push({ seq, messages });
      return;
    }
    for (const message of messages) this.#line?.receive(message);
  }

  /** Sends what the call at work has said. */
  flush(): void {
    this.#line?.flush();
  }

  /** The call is over: nobody hears its line. */
  close(): void {
    this.flush();
    this.#line = undefined;
  }

  /** Whether a call is the latest, or later. Numbers wrap around. */
  #isFrom(seq: number): boolean {
    return ((seq - this.#latest) | 0) >= 0;
  }
}

function none(): void {}
