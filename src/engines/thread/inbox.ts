/**
 * All that comes from a worker thread comes in here: what has ended, from the shared memory, and messages. A body can write there, too, and
 * send messages of its own. Whatever comes, nothing is thrown: this runs in events of the host, where that would end the process.
 *
 * @module
 */
import { textOf } from '../../core/arguments.ts';
import { type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { titleOf } from '../../shipping/errors.ts';
import { Unclonable } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import type { LinkEvents, Outcome } from '../pool/link.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { pass } from '../shared/instances.ts';
import type { CallRing } from './call-ring.ts';
import { type Hearing, hear } from './heard.ts';
import { type Board, BY_MESSAGE, CLAIM, HEAD, NO_ARGUMENT } from './layout.ts';
import type { ThreadData } from './protocol.ts';

type Port = ThreadData['port'];

/** More than so many calls, or messages, are not read at once: the event loop gets its turn. */
const LONGEST_READ = 4096;

/** What the link does about what came. */
export interface InboxEvents {
  rested(): void;
  /** The worker has not had what it was told of a call. */
  unread(call: PoolCall): void;
  /** Nobody has caught it there; a body of that function began it, or the worker dies of it. */
  uncaught(thrown: EncodedThrown, lateBody: string | undefined): void;
  /** The worker has said what no worker says. */
  forged(error: unknown): void;
}

/** Reads what one thread says. */
export class Inbox implements Hearing {
  readonly #receive: (port: Port) => { readonly message: unknown } | undefined;
  readonly #port: Port;
  readonly #board: Board;
  readonly #calls: CallRing;
  readonly #events: LinkEvents;
  readonly #own: InboxEvents;
  /** Calls of which something was said that could not be read, and what they are told. */
  readonly #missed = new Map<PoolCall, Unclonable>();
  /** There are more messages than were read. */
  isBehind = false;
  /** It has said what no worker says: it is not listened to any more. */
  #isDeaf = false;

  constructor(
    receive: (port: Port) => { readonly message: unknown } | undefined,
    port: Port,
    board: Board,
    calls: CallRing,
    events: LinkEvents,
    own: InboxEvents,
  ) {
    this.#receive = receive;
    this.#port = port;
    this.#board = board;
    this.#calls = calls;
    this.#events = events;
    this.#own = own;
  }

  /**
   * Reads all that has ended.
   *
   * @param done how many calls the worker says that it is past
   */
  drain(done: number): void {
    const board = this.#board;
    const calls = this.#calls;
    if (board.load(HEAD.written) !== calls.shown) {
      this.#condemn(forged('how many calls it was given'));
    } else if (((done - calls.next) | 0) > 0) {
      this.#condemn(forged('it is past calls that it was not given'));
    }
    // The outcomes of these are in the port by now, if they can be read.
    const told = [...this.#missed].filter(([{ seq }]) => board.claim(seq) === CLAIM.told);
    // Before the memory: what was told on a line before a result comes before it.
    this.#takeMessages(LONGEST_READ);
    for (const [call, error] of told) this.#settle(call, 'thrown', encodeThrown(error));
    for (let left = LONGEST_READ; calls.read !== calls.next && left > 0; left--) {
      if (!this.#readNext(((done - calls.read) | 0) > 0)) break;
    }
  }

  /** Reads what a worker that is gone has left. */
  finish(): void {
    const calls = this.#calls;
    this.#takeMessages(Number.POSITIVE_INFINITY);
    for (; calls.read !== calls.next; calls.read = (calls.read + 1) | 0) {
      const call = calls.at(calls.read);
      if (call !== undefined && this.#board.claim(calls.read) === CLAIM.valued) this.#value(call);
    }
  }

  /**
   * Reads the outcome of the next call from the memory. False: there is none, or it comes by a message, which on Deno may be late.
   *
   * @param isDone whether the worker has said that it is past this call
   */
  #readNext(isDone: boolean): boolean {
    const calls = this.#calls;
    const seq = calls.read;
    const call = calls.at(seq);
    const claim = this.#board.claim(seq);
    if (call === undefined) {
      // The place of a call that was taken back is free when the worker has passed it; of one whose outcome has come, when it says so there.
      if (!isDone && claim !== CLAIM.told) return false;
    } else if (claim !== CLAIM.valued) {
      if (isDone && claim !== CLAIM.told && claim !== CLAIM.revoked) {
        this.#condemn(forged('it is past a call that has not ended'));
      }
      return false;
    }
    calls.read = (seq + 1) | 0;
    if (call !== undefined) this.#value(call);
    return true;
  }

  #value(call: PoolCall): void {
    const value = this.#board.readResult(call.seq);
    if (value === BY_MESSAGE || value === NO_ARGUMENT) {
      this.#condemn(forged('a value that is none'));
    } else this.#settle(call, 'value', value);
  }

  #settle(call: PoolCall, outcome: Outcome, value: unknown): void {
    if (this.#calls.at(call.seq) !== call) return;
    this.#calls.take(call.seq);
    this.#missed.delete(call);
    this.#events.settled(call, outcome, value);
  }

  /** @param most so many: whoever sends without end must not keep the event loop from all else */
  #takeMessages(most: number): void {
    this.isBehind = false;
    for (let left = most; left > 0 && !this.#isDeaf; left--) {
      let got: { readonly message: unknown } | undefined;
      try {
        got = this.#receive(this.#port);
      } catch (error) {
        // It is out of the port, and lost.
        this.#miss(error);
        continue;
      }
      if (got === undefined) return;
      try {
        hear(got.message, this);
      } catch (error) {
        this.#condemn(error);
      }
    }
    this.isBehind = !this.#isDeaf;
  }

  #condemn(error: unknown): void {
    this.#isDeaf = true;
    this.#own.forged(error);
  }

  /**
   * A message could not be read: it is nested too deeply for the stack of this thread. A worker runs one body at a time and its messages come in
   * order, so this one is about the first call whose outcome has not come.
   */
  #miss(cause: unknown): void {
    const calls = this.#calls;
    for (let seq = calls.read; seq !== calls.next; seq = (seq + 1) | 0) {
      const call = calls.at(seq);
      if (call === undefined || !this.#hasStarted(seq)) continue;
      const error = unreadable(call, cause);
      if (call.line === undefined) this.#settle(call, 'thrown', encodeThrown(error));
      else this.#missOf(call, error);
      return;
    }
    this.#condemn(forged('a message of no call, which cannot be read', { cause }));
  }

  /** Was it the outcome, or something on the line? Either way the call has failed: where its body goes on, that is told to stop. */
  #missOf(call: PoolCall, error: Unclonable): void {
    this.#missed.set(call, error);
    call.lender?.missed(error);
    call.owner.stop(call, error, true);
  }

  outcome(seq: number, outcome: Outcome, value: unknown): void {
    const call = this.#callOf(seq);
    if (call !== undefined) this.#settle(call, outcome, value);
  }

  line(seq: number, messages: readonly unknown[]): void {
    const call = this.#callOf(seq);
    if (call !== undefined) this.#events.told(call, messages);
  }

  /**
   * The call that a message is about; undefined for one that is over.
   *
   * @throws Error for one that has not started: nothing can be said of it
   */
  #callOf(seq: number): PoolCall | undefined {
    const call = this.#calls.at(seq);
    if (call?.seq !== seq) return undefined;
    if (!this.#hasStarted(seq)) throw forged('news of a call that has not started');
    return call;
  }

  #hasStarted(seq: number): boolean {
    const claim = this.#board.claim(seq);
    return claim === CLAIM.running || claim === CLAIM.loading || claim === CLAIM.told;
  }

  unread(seq: number): void {
    const call = this.#calls.at(seq);
    if (call?.seq !== seq) return;
    if (this.#board.claim(seq) !== CLAIM.revoked) throw forged('that it cannot run what it runs');
    this.#calls.take(seq);
    this.#own.unread(call);
  }

  swollen(): void {
    this.#events.swollen();
  }

  rested(): void {
    this.#own.rested();
  }

  warned(key: string, text: string): void {
    pass(key, text);
  }

  uncaught(thrown: EncodedThrown, lateBody: string | undefined): void {
    this.#own.uncaught(thrown, lateBody);
  }
}

/** Says that something a body sent did not arrive. */
function unreadable(call: PoolCall, cause: unknown): Unclonable {
  const what = cause instanceof RangeError ? 'nested too deeply to be read here' : textOf(cause);
  return new Unclonable(
    call.line === undefined
      ? `the result of ${titleOf(call.name)} from a worker`
      : `what ${titleOf(call.name)} gave, to its caller or to a shared object`,
    { path: call.line === undefined ? 'result' : 'it', what },
    { cause },
  );
}
