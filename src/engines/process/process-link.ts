/**
 * The pool's side of one child process: sends calls, one message for all of a turn, and sees to its end. What it says comes by its `Inbox`.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import {
  type HostTimer,
  monotonicNow,
  nextTurn,
  startHostTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableArguments } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import type { Fate, Link, LinkEvents } from '../pool/link.ts';
import { parcelOf } from '../pool/order.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { SentFunctions } from '../pool/sent-functions.ts';
import { unread } from '../pool/unread.ts';
import { CallBatch, noteFatal } from './call-batch.ts';
import { requireClonable } from './clonable.ts';
import { Inbox } from './inbox.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { LifeLine } from './life-line.ts';
import { Patience } from './patience.ts';
import { MARK, TO_CHILD } from './protocol.ts';
import { Recalls } from './recalls.ts';
import { saySurely } from './say-surely.ts';
import { seal } from './seal.ts';
import { SentCalls } from './sent-calls.ts';
import { killLater, killProcess } from './start-process.ts';
import { isAtWork, Starts, startOf } from './starts.ts';

/** Milliseconds after the end of a child in which what it sent is read. */
const LONGEST_DRAIN = 2000;

/** Milliseconds between the end of its life line and that of a child which ends by itself. */
const LONGEST_PARTING = 2000;

/** Milliseconds in which a child that is to be killed can give back the calls that it has not started. */
const LONGEST_RECALL = 200;

/** One child process. */
export class ProcessLink implements Link {
  readonly moves = false;
  readonly #events: LinkEvents;
  readonly #child: ChildProcess;
  readonly #life: LifeLine;
  /** The calls that it has, and what it says that it has started. */
  readonly #calls = new SentCalls();
  readonly #starts: Starts;
  readonly #inbox: Inbox;
  readonly #refuse = (error: unknown): void => this.#inbox.refuse(error);
  readonly #functions = new SentFunctions();
  /** What leaves with the next flush: the batch that is open, and those before it. */
  #batch = new CallBatch();
  #batches: CallBatch[] = [];
  /** Messages that have not been written yet, and whether they are too much. */
  #unsent = 0;
  #isClogged = false;
  #isFlushing = false;
  /** When it last got calls, on the monotonic clock. */
  #fed = 0;
  readonly #patience = new Patience(() => {
    if (this.#calls.size > 0) this.#events.drained();
  });
  readonly #recalls = new Recalls();
  /** Why it could not be started, or is being ended, and how it ended. */
  #error: unknown;
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  #isCut = false;
  #closing: HostTimer | undefined;
  /** It is killed when this fires, or when it has given back its calls. */
  #killing: HostTimer | undefined;
  /** It was told to end, which takes as long as somebody else waits for it. */
  #isLeaving = false;
  /** It is to be gone when this fires. */
  #parting: HostTimer | undefined;
  /** It has said what no child says, or cannot be spoken to. */
  #isCondemned = false;
  #isOver = false;
  readonly #grace: number;

  /** @param grace milliseconds in which it can end by itself, when it has nothing to do */
  constructor(child: ChildProcess, ledger: Ledger | undefined, events: LinkEvents, grace: number) {
    this.#events = events;
    this.#grace = grace;
    this.#child = child;
    this.#starts = new Starts(ledger);
    child.channel?.unref?.();
    this.#inbox = new Inbox(child, this.#calls, this.#recalls, this.#starts, events, {
      recalled: () => this.#recalled(),
      unread: (calls) => this.#unread(calls),
      forged: (error) => this.#condemn(error),
      ask: (word) => saySurely(() => this.#post([MARK, TO_CHILD.say, word]), this.#refuse),
    });
    this.#life = new LifeLine(child, {
      returned: (seqs, recall) => this.#inbox.takeBack(seqs, recall),
      forged: this.#refuse,
      closed: () => this.#parted(),
    });
    child.once('exit', (code, signal) => this.#exited(code, signal));
    child.on('error', (error) => this.#failed(error));
    child.once('disconnect', () => this.#cut());
  }

  get room(): number {
    return this.#isClogged || this.#isCondemned ? 0 : this.#calls.room;
  }

  get busy(): number {
    return this.#inbox.busy;
  }

  send(call: PoolCall): void {
    const { route } = call;
    const seq = this.#calls.next;
    // What is said on its line from now on is for this child, also while it is packed; that sends the batch.
    call.seq = seq;
    if (call.travelsAlone) this.#closeBatch();
    if (!this.#batch.addValue(call, seq)) {
      const { order } = parcelOf(call, this);
      if (!this.#batch.takes(order)) this.#closeBatch();
      this.#batch.addOrder(call, seq, order);
    }
    this.#functions.send(route);
    this.#calls.push(call);
    if (call.travelsAlone) this.#closeBatch();
  }

  #closeBatch(): void {
    if (this.#batch.isEmpty) return;
    this.#batches.push(this.#batch);
    this.#batch = new CallBatch();
  }

  #post(message: unknown): void {
    this.#unsent++;
    try {
      requireClonable(message);
      if (!this.#child.send(message as never, this.#sent)) this.#isClogged = true;
    } catch (error) {
      this.#unsent--;
      throw error;
    }
  }

  /** A message has been written, or the child is gone, which its exit tells. */
  readonly #sent = (): void => {
    if (--this.#unsent > 0 || !this.#isClogged) return;
    this.#isClogged = false;
    if (!this.#isOver) this.#events.drained();
  };

  /** A getter of what is written may bring more calls, which leave behind these: the child starts them in the order of their numbers. */
  flush(): void {
    this.#closeBatch();
    if (this.#isFlushing || this.#batches.length === 0) return;
    this.#isFlushing = true;
    this.#fed = monotonicNow();
    try {
      while (this.#batches.length > 0) this.#postBatches();
    } finally {
      this.#isFlushing = false;
    }
  }

  #postBatches(): void {
    const batches = this.#batches;
    this.#batches = [];
    // With the first, which may be one that it cannot read: its functions it can.
    (batches[0] as CallBatch).functions = this.#functions.take();
    for (const batch of batches) this.#postBatch(batch);
  }

  #postBatch(batch: CallBatch): void {
    try {
      this.#post(batch.message());
    } catch {
      for (const alone of batch.split()) this.#postAlone(alone);
      // Not now: the pool is handing out calls.
      queueMicrotask(() => {
        if (!this.#isOver) this.#events.drained();
      });
    }
  }

  /** Sends one call; one that cannot be cloned fails, and no other. */
  #postAlone(alone: CallBatch): void {
    try {
      this.#post(alone.message());
    } catch (error) {
      const call = this.#calls.take(alone.firstSeq);
      if (call === undefined) return;
      // What may be full is the stack of whoever has submitted it.
      if (error instanceof RangeError && !call.travelsAlone)
        queueMicrotask(() => this.#unread([call]));
      else this.#events.refused(call, unclonableArguments(call.args, call.name, error));
    }
  }

  /** Calls that it has not got, because it could not read what they came in. */
  #unread(calls: readonly PoolCall[]): void {
    for (const call of calls.toReversed()) unread(call, this.#events);
  }

  /** Only the child can tell. */
  revoke(): boolean {
    return false;
  }

  recall(count: number): PoolCall[] | undefined {
    if (this.#isCondemned || this.#recalls.isBarren(this.#calls.next)) return undefined;
    // One that is to be ended gives back everything, also what it was not asked for a moment ago.
    const isAll = count >= this.#calls.size;
    if (!isAll) {
      const heard = Math.max(this.#fed, this.#inbox.heard);
      if (this.#patience.holds(this.#calls.first, this.#calls.next, heard)) return [];
    }
    // One that does not answer, because it is stopped, must not hide others.
    if (!isAll && this.#recalls.isOut) return undefined;
    return this.#recallNow(count) ? [] : undefined;
  }

  /** False when there is nothing to ask for. */
  #recallNow(count: number): boolean {
    const wanted = this.#calls.youngest(count);
    if (wanted.length === 0 || this.#isOver) return false;
    const recall = this.#recalls.begin(this.#calls.next);
    saySurely(() => {
      this.#life.recall(wanted, recall);
      if (!this.#life.isHeard) this.#post([MARK, TO_CHILD.recall, wanted, recall]);
    }, this.#refuse);
    return true;
  }

  stop(call: PoolCall, reason: unknown): void {
    const { seq } = call;
    saySurely(() => {
      const why = encodeThrown(reason);
      this.#life.stop(seq, why);
      this.#post([MARK, TO_CHILD.stop, seq, why]);
    }, this.#refuse);
  }

  tell(call: PoolCall, messages: readonly unknown[]): void {
    this.flush();
    this.#post([MARK, TO_CHILD.line, call.seq, seal(messages)]);
  }

  /** What it says that it has started. Whoever has written something else there than a child does may have started anything. */
  #last(): LedgerEntry | undefined {
    const { last } = this.#starts;
    if (last === undefined) this.#inbox.refuse(forged('what it has started'));
    return last;
  }

  startedAt(call: PoolCall): number | undefined {
    const last = this.#last();
    return last && startOf(call.seq, last);
  }

  get isStalled(): boolean {
    const { oldest } = this.#calls;
    // Without a ledger nobody knows.
    return oldest !== undefined && this.#starts.areNoted && this.fate(oldest) === 'unstarted';
  }

  isRunning(call: PoolCall): boolean {
    const last = this.#last();
    if (last === undefined || isAtWork(call.seq, last)) return true;
    // The oldest of what it has is what it does; or it does not even do that.
    return this.#calls.oldest === call;
  }

  fate(call: PoolCall): Fate {
    return this.#starts.fate(call.seq);
  }

  /** It writes to the console by itself. */
  rest(): void {
    this.#events.rested();
  }

  ref(): void {
    this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
  }

  end(): void {
    if (this.#exit !== undefined) return;
    this.#isLeaving = true;
    // One that is not ready does not listen, and may hang in its start.
    if (!this.#inbox.isReady) {
      if (this.#child.connected) this.#child.disconnect();
      killLater(this.#child);
      return;
    }
    this.#post([MARK, TO_CHILD.end]);
    killLater(this.#child, this.#grace);
  }

  /** What it has to give back comes first: a body that survives the polite signal would let the next one start. */
  kill(): void {
    this.#isLeaving = true;
    if (!this.#recalls.isOut) killProcess(this.#child);
    else this.#killing ??= startHostTimer(() => killProcess(this.#child), LONGEST_RECALL);
  }

  #recalled(): void {
    if (this.#killing === undefined) return;
    stopHostTimer(this.#killing);
    killProcess(this.#child);
  }

  /** It ends, or a body has closed its life line: then nobody can take back what it has, and it would outlive this process. */
  #parted(): void {
    // This loop may have stood still: whether its end has come is known after what is due.
    const later = (): void => nextTurn(() => this.#giveUp());
    if (!this.#isEnding) this.#parting = startHostTimer(later, LONGEST_PARTING);
  }

  /** No more than a call that has begun is told: one that only takes long to end has done nothing wrong, and looks the same. */
  #giveUp(): void {
    if (this.#isEnding) return;
    if (this.#calls.all().some(({ seq }) => this.#starts.fate(seq) !== 'unstarted')) {
      this.#refuse(forged('nothing any more: it has closed its life line'));
    } else {
      this.#inbox.close();
      this.#condemn(undefined);
    }
  }

  /** It is gone, or somebody sees to that. */
  get #isEnding(): boolean {
    return this.#isOver || this.#isCut || this.#isLeaving || this.#exit !== undefined;
  }

  /** Ends a child that is none of ours any more: no word of it can be believed. What it has not started goes to others. */
  #condemn(error: unknown): void {
    if (this.#isCondemned || this.#isOver) return;
    this.#isCondemned = true;
    this.#error = error;
    this.#life.close();
    this.#child.kill('SIGKILL');
    if (this.#child.connected) this.#child.disconnect();
    this.#events.swollen();
    this.#cut();
  }

  /** It could not be started, or something could not be sent or no signal given: an exit follows, or never began. */
  #failed(error: unknown): void {
    if (this.#child.pid !== undefined) return;
    this.#error = error;
    this.#isCut = true;
    this.#exited(null, null);
  }

  #exited(code: number | null, signal: string | null): void {
    if (this.#exit !== undefined) return;
    this.#exit = { code, signal };
    // What it sent before its end is still being read.
    this.#child.channel?.ref?.();
    this.#finish();
    if (this.#isOver) return;
    // Somebody else may hold the other end of the channel; and one that was cut in the middle of a message never says that it is closed.
    this.#closing = startHostTimer(() => {
      if (this.#child.connected) this.#child.disconnect();
      this.#cut();
    }, LONGEST_DRAIN);
  }

  #cut(): void {
    this.#isCut = true;
    if (this.#exit === undefined) killLater(this.#child);
    this.#finish();
  }

  /** Once it is gone and all that it sent has been read. */
  #finish(): void {
    if (this.#exit === undefined || !this.#isCut || this.#isOver) return;
    this.#isOver = true;
    for (const timer of [this.#closing, this.#killing, this.#parting])
      if (timer !== undefined) stopHostTimer(timer);
    this.#patience.stop();
    this.#inbox.close();
    this.#starts.close();
    this.#life.close();
    const { code, signal } = this.#exit;
    const pending = this.#calls.all();
    for (const call of pending) if (this.fate(call) !== 'unstarted') noteFatal(call.route);
    const error = this.#error ?? this.#inbox.dying;
    const end = { exitCode: code ?? undefined, killedBy: signal ?? undefined, error };
    this.#events.exited(end, pending);
  }
}
