/**
 * The pool's side of one child process: sends calls, one message for all of a turn, and reads what has ended.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import {
  type HostTimer,
  monotonicNow,
  startHostTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import { decodeThrown, type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableArguments } from '../../shipping/unclonable.ts';
import type { Fate, Link, LinkEvents } from '../pool/link.ts';
import { parcelOf } from '../pool/order.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { SentFunctions } from '../pool/sent-functions.ts';
import { pass } from '../shared/instances.ts';
import { CallBatch, noteFatal } from './call-batch.ts';
import { requireClonable } from './clonable.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { LifeLine } from './life-line.ts';
import { END_WORDS, LOADING, MARK, TO_CHILD, TO_POOL } from './protocol.ts';
import { NO_RECALL, Recalls } from './recalls.ts';
import { SentCalls } from './sent-calls.ts';
import { killLater, killProcess } from './start-process.ts';

/** Milliseconds after the end of a child in which what it sent is read. */
const LONGEST_DRAIN = 2000;

/** Milliseconds in which a child that is to be killed can give back the calls that it has not started. */
const LONGEST_RECALL = 200;

/** From a child that ended calls, or got some, so many milliseconds ago nothing is taken back yet: it should be done with them before. */
const PATIENCE = 1;

/** Milliseconds after which calls that started together, and should take much less, are taken to be stuck. */
const LONGEST_STRIDE = 100;

/** One child process. */
export class ProcessLink implements Link {
  readonly moves = false;
  readonly #events: LinkEvents;
  readonly #ledger: Ledger | undefined;
  readonly #child: ChildProcess;
  readonly #life: LifeLine;
  /** The calls that it has. */
  readonly #calls = new SentCalls();
  readonly #functions = new SentFunctions();
  #batch = new CallBatch();
  #busy = 0;
  /** What the child said it started, where it has no ledger; at the end, what the ledger said. */
  #began: LedgerEntry | undefined;
  /** Messages that have not been written yet, and whether they are too much. */
  #unsent = 0;
  #isClogged = false;
  /** When it last ended calls or got some, on the monotonic clock. */
  #heard = 0;
  /** Some of what it has is wanted back, if that is so still when the timer fires: then at once, if calls before this number are left. */
  #patience: HostTimer | undefined;
  #patientTo = -1;
  readonly #recalls = new Recalls();
  /** What the child said it dies of, and how it ended. */
  #error: unknown;
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  #isCut = false;
  #closing: HostTimer | undefined;
  /** It is killed when this fires, or when it has given back its calls. */
  #killing: HostTimer | undefined;
  #isOver = false;

  constructor(child: ChildProcess, ledger: Ledger | undefined, events: LinkEvents) {
    this.#events = events;
    this.#ledger = ledger;
    this.#child = child;
    child.channel?.unref?.();
    this.#life = new LifeLine(child, ([seqs, recall]) => this.#takeBack(seqs, recall));
    child.on('message', (message: unknown) => this.#handle(message));
    child.once('exit', (code, signal) => this.#exited(code, signal));
    child.on('error', (error) => this.#failed(error));
    child.once('disconnect', () => this.#cut());
  }

  get room(): number {
    if (this.#isClogged) return 0;
    return this.#calls.room;
  }

  get busy(): number {
    return this.#busy;
  }

  send(call: PoolCall): void {
    const { route } = call;
    const seq = this.#calls.next;
    // What is said on its line from now on is for this child, also while it is packed; that sends the batch.
    call.seq = seq;
    if (!this.#batch.addValue(call, seq)) {
      const { order } = parcelOf(call, this);
      this.#batch.addOrder(call, seq, order);
    }
    this.#functions.send(route);
    this.#calls.push(call);
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

  flush(): void {
    const batch = this.#batch;
    if (batch.isEmpty) return;
    this.#batch = new CallBatch();
    this.#heard = monotonicNow();
    batch.functions = this.#functions.take();
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
      this.#events.refused(call, unclonableArguments(call.args, call.name, error));
    }
  }

  /** Only the child can tell. */
  revoke(): boolean {
    return false;
  }

  recall(count: number): PoolCall[] | undefined {
    if (this.#recalls.isBarren(this.#calls.next)) return undefined;
    // One that is to be ended gives back everything, also what it was not asked for a moment ago.
    const isAll = count >= this.#calls.size;
    if (!isAll && this.#isPatient) {
      this.#patience ??= this.#waitPatiently();
      return [];
    }
    // One that does not answer, because it is stopped, must not hide others.
    if (!isAll && this.#recalls.isOut) return undefined;
    return this.#recallNow(count) ? [] : undefined;
  }

  get #isPatient(): boolean {
    const { first } = this.#calls;
    const isUsedUp = first < this.#patientTo && this.#patience === undefined;
    return !isUsedUp && monotonicNow() - this.#heard < PATIENCE;
  }

  #waitPatiently(): HostTimer {
    this.#patientTo = this.#calls.next;
    return startHostTimer(() => {
      this.#patience = undefined;
      if (this.#calls.size > 0) this.#events.drained();
    }, PATIENCE);
  }

  /** False when there is nothing to ask for. */
  #recallNow(count: number): boolean {
    const wanted: number[] = [];
    for (const call of this.#calls.all().reverse()) {
      if (wanted.length >= count) break;
      if (call.stopped === undefined) wanted.push(call.seq);
    }
    if (wanted.length === 0 || this.#isOver) return false;
    const recall = this.#recalls.begin(this.#calls.next);
    this.#life.recall(wanted, recall);
    if (!this.#life.isHeard) this.#post([MARK, TO_CHILD.recall, wanted, recall]);
    return true;
  }

  stop(call: PoolCall, reason: unknown): void {
    const why = encodeThrown(reason);
    this.#life.stop(call.seq, why);
    this.#post([MARK, TO_CHILD.stop, call.seq, why]);
  }

  tell(call: PoolCall, messages: readonly unknown[]): void {
    this.flush();
    this.#post([MARK, TO_CHILD.line, call.seq, messages]);
  }

  #entry(): LedgerEntry {
    return this.#began ?? this.#ledger?.read() ?? { from: 0, to: 0, at: 0 };
  }

  startedAt(call: PoolCall): number | undefined {
    const { from, to, at } = this.#entry();
    return call.seq >= from && call.seq < to && at > 0 ? at : undefined;
  }

  isRunning(call: PoolCall): boolean {
    const { from, to, at } = this.#entry();
    if (call.seq >= from && call.seq < to) {
      // Tiny calls that started together have ended at once, or one of them does not end: then it may be any.
      if (to - from === 1 || monotonicNow() - at > LONGEST_STRIDE) return true;
    }
    // The oldest of what it has is what it does; or it does not even do that.
    return this.#calls.oldest === call;
  }

  fate(call: PoolCall): Fate {
    const { from, to, at } = this.#entry();
    if (call.seq >= to) return 'unstarted';
    if (call.seq < from) return 'unsent';
    if (at === LOADING) return 'unloaded';
    return to - from === 1 ? 'running' : 'unknown';
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
    if (this.#child.connected) this.#child.disconnect();
    killLater(this.#child);
  }

  /** What it has to give back comes first: a body that survives the polite signal would let the next one start. */
  kill(): void {
    if (!this.#recalls.isOut) killProcess(this.#child);
    else this.#killing ??= startHostTimer(() => killProcess(this.#child), LONGEST_RECALL);
  }

  #handle(message: unknown): void {
    if (!Array.isArray(message) || message[0] !== MARK || this.#isOver) return;
    switch (message[1]) {
      case TO_POOL.ready:
        this.#events.ready();
        return;
      case TO_POOL.outcomes:
        this.#settle(message);
        this.#events.drained();
        return;
      case TO_POOL.line: {
        const call = this.#calls.get(message[2] as number);
        if (call !== undefined) this.#events.told(call, message[3] as unknown[]);
        return;
      }
      case TO_POOL.returned:
        this.#takeBack(message[2] as number[], message[3] as number);
        return;
      case TO_POOL.warned:
        pass(message[2] as string, message[3] as string);
        return;
      case TO_POOL.dying:
        this.#error = decodeThrown(message[2] as EncodedThrown, undefined);
        return;
      case TO_POOL.began: {
        const [, , from, to, at] = message as [string, number, number, number, number];
        this.#began = { from, to, at };
      }
    }
  }

  #settle(message: readonly unknown[]): void {
    this.#busy = message[2] as number;
    this.#heard = monotonicNow();
    for (let i = 4; i < message.length; i += END_WORDS) {
      const outcome = message[i] === true ? 'value' : 'thrown';
      const list = message[i + 2] as unknown[];
      let seq = message[i + 1] as number;
      for (const value of list) {
        const call = this.#calls.take(seq++);
        if (call !== undefined) this.#events.settled(call, outcome, value);
      }
    }
    if (message[3] === true) this.#events.swollen();
  }

  #takeBack(seqs: readonly number[], recall: number): void {
    if (this.#isOver) return;
    for (const seq of seqs) {
      const call = this.#calls.take(seq);
      if (call !== undefined) this.#events.returned(call);
    }
    if (recall !== NO_RECALL) this.#recalled(recall, seqs.length === 0);
    this.#events.drained();
  }

  #recalled(recall: number, isNothing: boolean): void {
    const isLast = this.#recalls.answered(recall, isNothing);
    if (!isLast || this.#killing === undefined) return;
    stopHostTimer(this.#killing);
    killProcess(this.#child);
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
    for (const timer of [this.#closing, this.#killing, this.#patience])
      if (timer !== undefined) stopHostTimer(timer);
    this.#began = this.#entry();
    this.#ledger?.close();
    this.#life.close();
    const { code, signal } = this.#exit;
    const pending = this.#calls.all();
    for (const call of pending) if (this.fate(call) !== 'unstarted') noteFatal(call.route);
    const end = { exitCode: code ?? undefined, killedBy: signal ?? undefined, error: this.#error };
    this.#events.exited(end, pending);
  }
}
