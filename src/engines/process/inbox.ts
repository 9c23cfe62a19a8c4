/**
 * All that comes from a child comes in here: the messages of its channel, and what its watcher says. A body can write there, too. Whatever
 * comes, nothing is thrown: this runs in events of the host, where that would end the process.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { monotonicNow } from '../../runtime/runtime.ts';
import { isEncodedThrown } from '../../shipping/encoded-check.ts';
import { decodeThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { titleOf } from '../../shipping/errors.ts';
import { tooDeep } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import type { LinkEvents, Outcome } from '../pool/link.ts';
import { FULL } from '../pool/outbox.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { pass } from '../shared/instances.ts';
import { guardChannel } from './guard.ts';
import { END, END_WORDS, MARK, TO_POOL } from './protocol.ts';
import { NO_RECALL, type Recalls } from './recalls.ts';
import { open, unseal } from './seal.ts';
import type { SentCalls } from './sent-calls.ts';
import type { Starts } from './starts.ts';

/** Warnings of one child that are passed on. */
const MOST_WARNINGS = 1000;

/** What the link does about what came. */
export interface InboxEvents {
  /** An answer to the last recall. */
  recalled(): void;
  /** The child could not read what came with these calls; it has not started them. */
  unread(calls: readonly PoolCall[]): void;
  /** The child has said what no child says. Told once. */
  forged(error: unknown): void;
  /** The child is to say this word. */
  ask(word: string): void;
}

/** Reads what one child says. */
export class Inbox {
  readonly #calls: SentCalls;
  readonly #recalls: Recalls;
  readonly #starts: Starts;
  readonly #events: LinkEvents;
  readonly #own: InboxEvents;
  readonly #endGuard: () => void;
  readonly #since: number = monotonicNow();
  #isClosed = false;
  #warnings = 0;
  /** It takes calls. */
  isReady = false;
  /** Milliseconds that its bodies have taken. */
  busy = 0;
  /** When it last ended calls, on the monotonic clock. */
  heard = 0;
  /** What it said it dies of. */
  dying: unknown;

  constructor(
    child: ChildProcess,
    calls: SentCalls,
    recalls: Recalls,
    starts: Starts,
    events: LinkEvents,
    own: InboxEvents,
  ) {
    this.#calls = calls;
    this.#recalls = recalls;
    this.#starts = starts;
    this.#events = events;
    this.#own = own;
    this.#endGuard = guardChannel(child, {
      refused: (error) => this.refuse(error),
      ask: (word) => own.ask(word),
    });
    child.on('message', (message: unknown) => {
      // What else is sent on the channel belongs to somebody else.
      if (Array.isArray(message) && message[0] === MARK) this.#take(() => this.#read(message));
    });
  }

  /** Nothing more is read. */
  close(): void {
    this.#isClosed = true;
    this.#endGuard();
  }

  /** What came cannot come from a child of ours: nothing else that it says counts. */
  refuse(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#own.forged(error);
  }

  /** What the watcher says. */
  takeBack(seqs: unknown, recall: unknown): void {
    this.#take(() => {
      this.#returned(seqs, recall);
      return true;
    });
  }

  /** @param read gives whether the pool should look at its queue */
  #take(read: () => boolean): void {
    if (this.#isClosed) return;
    let isNews: boolean;
    try {
      isNews = read();
    } catch (error) {
      this.refuse(error);
      return;
    }
    if (isNews) this.#events.drained();
  }

  #read(message: readonly unknown[]): boolean {
    const [, kind, first, second] = message;
    switch (kind) {
      case TO_POOL.ready:
        this.#ready(first);
        return false;
      case TO_POOL.outcomes:
        this.#settle(message);
        return true;
      case TO_POOL.line:
        this.#told(first, second);
        return false;
      case TO_POOL.returned:
        this.#returned(first, second);
        return true;
      case TO_POOL.unread:
        this.#own.unread(this.#batch(first, second));
        return true;
      case TO_POOL.missed:
        this.#missed(first);
        return false;
      case TO_POOL.warned:
        this.#warned(first, second);
        return false;
      case TO_POOL.uncaught:
        this.#uncaught(first, second);
        return false;
      case TO_POOL.began:
        this.#starts.began(first, second, message[4]);
        return false;
      case TO_POOL.said:
        return false;
      default:
        throw forged('a message of an unknown kind');
    }
  }

  #uncaught(thrown: unknown, lateBody: unknown): void {
    if (!isEncodedThrown(thrown)) throw forged('that it dies of nothing');
    const error = decodeThrown(thrown, undefined);
    if (lateBody === undefined) this.dying = error;
    else if (typeof lateBody === 'string') this.#events.late(error, lateBody);
    else throw forged('an error of a function without a name');
  }

  #ready(hasLedger: unknown): void {
    if (this.isReady) throw forged('that it is ready, again');
    this.isReady = true;
    this.#starts.begin(hasLedger === true);
    this.#events.ready();
  }

  #settle(message: readonly unknown[]): void {
    const now = monotonicNow();
    const busy = message[2] as number;
    // Not NaN either.
    if (!(busy >= this.busy && busy <= now - this.#since)) throw forged('how long it was busy');
    this.busy = busy;
    this.heard = now;
    for (let i = 4; i < message.length; i += END_WORDS) {
      const list = message[i + 2];
      if (!Array.isArray(list)) throw forged('ends of no calls');
      this.#end(message[i], message[i + 1] as number, list);
    }
    if (message[3] === true) this.#events.swollen();
  }

  #end(kind: unknown, first: number, list: readonly unknown[]): void {
    let seq = first;
    for (const item of list) {
      const call = this.#calls.get(seq);
      if (call === undefined) throw forged('the end of a call that it does not have');
      if (kind === END.value) this.#settled(call, 'value', item);
      else if (kind === END.sealed) this.#sealed(call, item);
      else if (kind === END.thrown) this.#thrown(call, item);
      else throw forged('an outcome that is neither a value nor an error');
      seq++;
    }
    this.#starts.ended(seq);
  }

  #settled(call: PoolCall, outcome: Outcome, value: unknown): void {
    this.#calls.take(call.seq);
    try {
      this.#events.settled(call, outcome, value);
    } catch (error) {
      call.drop(error);
      throw error;
    }
  }

  #thrown(call: PoolCall, sealed: unknown): void {
    const thrown: unknown = sealed instanceof Uint8Array ? open(sealed) : sealed;
    if (!isEncodedThrown(thrown)) throw forged('an outcome that is neither a value nor an error');
    this.#settled(call, 'thrown', thrown);
  }

  #sealed(call: PoolCall, bytes: unknown): void {
    let value: unknown;
    try {
      value = open(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const what = `the result of ${titleOf(call.name)} from a worker`;
      this.#settled(call, 'thrown', encodeThrown(tooDeep(what, 'result', 'here', error)));
      return;
    }
    this.#settled(call, 'value', value);
  }

  #told(seq: unknown, sealed: unknown): void {
    const call = this.#called(seq);
    if (call === undefined) return;
    let messages: unknown;
    try {
      messages = unseal(sealed as unknown[]);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const what = `what ${titleOf(call.name)} gave, to its caller or to a shared object`;
      const missed = tooDeep(what, 'it', 'here', error);
      call.lender?.missed(missed);
      call.owner.stop(call, missed, true);
      return;
    }
    // A list of holes may be so long that to walk it takes minutes.
    if (!Array.isArray(messages) || messages.length > FULL) {
      throw forged('nothing on the line of a call, or too much');
    }
    try {
      this.#events.told(call, messages);
    } catch (error) {
      throw forged('on the line of a call', { cause: error });
    }
  }

  /** Something said to it on the line of a call could not be read there. */
  #missed(seq: unknown): void {
    const call = this.#called(seq);
    if (call === undefined) return;
    const what = `to ${titleOf(call.name)} what its caller, or a shared object, gave it`;
    call.owner.stop(call, tooDeep(what, 'it', 'there'), true);
  }

  /** The call that something is about; undefined for one that is over. */
  #called(seq: unknown): PoolCall | undefined {
    if (!Number.isInteger(seq) || (seq as number) >= this.#calls.next) {
      throw forged('something of a call that it was never given');
    }
    return this.#calls.get(seq as number);
  }

  #returned(seqs: unknown, recall: unknown): void {
    if (!Array.isArray(seqs)) throw forged('nothing back');
    // It has taken that one to start it.
    const last = seqs.length > 0 ? this.#starts.last : undefined;
    const started = last !== undefined && last.to > last.from ? last.from : undefined;
    for (const seq of seqs) {
      if (seq === started) throw forged('that it has not started what it has');
      const call = Number.isInteger(seq) ? this.#calls.take(seq) : undefined;
      if (call === undefined) throw forged('a call back that it does not have');
      this.#events.returned(call);
    }
    if (recall === NO_RECALL) return;
    if (!this.#recalls.isAsked(recall)) throw forged('an answer that nobody has asked for');
    if (this.#recalls.answered(recall, seqs.length === 0)) this.#own.recalled();
  }

  #batch(first: unknown, count: unknown): PoolCall[] {
    const { from, to } = this.#starts.last ?? { from: 0, to: 0 };
    const calls: PoolCall[] = [];
    for (let i = 0; i < (count as number); i++) {
      const seq = (first as number) + i;
      const call = Number.isInteger(seq) ? this.#calls.get(seq) : undefined;
      if (call === undefined || (seq >= from && seq < to)) {
        throw forged('that it cannot read what it has started, or does not have');
      }
      calls.push(call);
    }
    for (const { seq } of calls) this.#calls.take(seq);
    return calls;
  }

  #warned(key: unknown, text: unknown): void {
    if (typeof key !== 'string' || typeof text !== 'string') throw forged('a warning without text');
    if (++this.#warnings <= MOST_WARNINGS) pass(key, text);
  }
}
