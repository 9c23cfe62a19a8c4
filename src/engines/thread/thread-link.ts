/**
 * The pool's side of one worker thread: writes calls into the shared memory, wakes the thread, and reads what has ended.
 *
 * @module
 */

import { toMilliseconds } from '../../core/duration.ts';
import {
  type HostTimer,
  hostModule,
  LONGEST_WAIT,
  monotonicNow,
  nextTurn,
  startHostTimer,
  startQuietTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import { decodeThrown, type EncodedThrown, encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableArguments } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import type { Fate, Link, LinkEvents, WorkerEnd } from '../pool/link.ts';
import { parcelOf } from '../pool/order.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { type Functions, SentFunctions } from '../pool/sent-functions.ts';
import { Together } from '../pool/together.ts';
import { unread } from '../pool/unread.ts';
import { waitAsync } from './atomics.ts';
import { CallRing } from './call-ring.ts';
import { PoolSide } from './handshake.ts';
import { Inbox } from './inbox.ts';
import { Board, BY_MESSAGE, CLAIM, fitsSlot, HEAD, NO_ARGUMENT, SLOTS } from './layout.ts';
import { TO_WORKER } from './protocol.ts';
import type { Thread } from './start-thread.ts';

type Threads = typeof import('node:worker_threads');

/** Milliseconds between two looks at a worker that has several calls and says nothing. */
const NET = 2;

/** Milliseconds between two looks at any worker that has calls: a body that got hold of the memory can have it ring no more. */
const WIDE_NET = 1000;

/** Milliseconds in which a thread that is being ended can bring out what its bodies have written: it has them whatever its grace is. */
const MERCY = 500;

/** One worker thread. */
export class ThreadLink implements Link {
  readonly moves = true;
  readonly #events: LinkEvents;
  readonly #board = new Board();
  readonly #side: PoolSide;
  readonly #thread: Thread;
  readonly #calls = new CallRing();
  readonly #inbox: Inbox;
  readonly #functions = new SentFunctions();
  #orders: unknown[] = emptyMessage();
  readonly #together = new Together();
  /** It waits for news as long as that takes. */
  #isPatient = false;
  #looking: HostTimer | undefined;
  #isOver = false;
  #wasKilled = false;
  /** What it said it dies of. */
  #error: unknown;
  readonly #grace: number;
  /** It has said what no worker says, and is being ended for that. */
  #forged: unknown;
  /** Where it has written to the memory of its pool: the call that may have started, whatever is said there. */
  #suspect: PoolCall | undefined;
  /** When a call had started, by what was first seen of it: a body could change that. */
  readonly #starts = new WeakMap<PoolCall, number>();
  /** It is being ended, at the latest when this fires. */
  #ending: HostTimer | undefined;
  /** It has closed its end of the port, and is to be gone when this fires. */
  #parting: HostTimer | undefined;

  /** @param grace milliseconds in which it can end by itself, when it has nothing to do */
  constructor(start: (board: Board) => Thread, events: LinkEvents, grace: number) {
    this.#events = events;
    this.#grace = grace;
    this.#side = new PoolSide(this.#board, {
      ready: () => events.ready(),
      read: (done) => this.#inbox.drain(done),
    });
    const threads = hostModule<Threads>('node:worker_threads') as Threads;
    this.#thread = start(this.#board);
    const { port } = this.#thread;
    const { receiveMessageOnPort: receive } = threads;
    this.#inbox = new Inbox(receive, port, this.#board, this.#calls, events, {
      rested: () => this.#rested(),
      unread: (call) => this.#unread(call),
      uncaught: (thrown, lateBody) => this.#uncaught(thrown, lateBody),
      forged: (error) => this.#condemn(error),
    });
    port.on('close', () => this.#parted());
    this.#thread.onExit((end) => this.#exited(end));
    this.#arm();
  }

  get room(): number {
    return SLOTS - 1 - this.#calls.unread;
  }

  get busy(): number {
    const { busy } = this.#board;
    return busy < Number.MAX_SAFE_INTEGER ? busy : 0;
  }

  send(call: PoolCall): void {
    const board = this.#board;
    const seq = this.#calls.next;
    // What is said on its line from now on is for this thread, also while it is packed.
    call.seq = seq;
    const { args, route } = call;
    const { extras, transfer, index = 0, attempt = 1, timeout } = call.call;
    const isSmall =
      this.#functions.has(route) &&
      extras === undefined &&
      transfer === undefined &&
      args.length < 2;
    if (isSmall && (args.length === 0 || fitsSlot(args[0]))) {
      board.writeArgument(seq, args.length === 0 ? NO_ARGUMENT : args[0]);
    } else {
      const { order, transfer: parts } = parcelOf(call, this);
      this.#functions.send(route);
      if (parts === undefined && !call.travelsAlone) {
        if (this.#together.shares(order)) this.#postOrders();
        this.#together.add(order);
        this.#orders.push(seq, order);
      } else {
        this.#postOrders();
        this.#post(call, [...emptyMessage(), seq, order], parts);
        call.wasMoved = parts !== undefined;
      }
      board.writeArgument(seq, BY_MESSAGE);
    }
    const ms = timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout');
    board.writeCall(seq, route.id, index, attempt, ms);
    this.#calls.put(call);
  }

  #post(call: PoolCall, message: unknown, transfer: readonly unknown[] | undefined): void {
    try {
      this.#thread.port.postMessage(message, transfer as never);
    } catch (error) {
      throw unclonableArguments(call.args, call.name, error);
    }
  }

  flush(): void {
    this.#postOrders();
    this.#calls.shown = this.#calls.next;
    this.#side.show(this.#calls.next);
    if (!this.#side.isArmed) this.#arm();
    else if (this.#isPatient && this.#calls.unread > 1) this.#side.rouse();
    this.#looking ??= startQuietTimer(this.#lookAgain, WIDE_NET);
  }

  #postOrders(): void {
    const functions = this.#functions.take();
    const orders = this.#orders;
    if (functions === undefined && orders.length === NO_ORDERS) return;
    this.#orders = emptyMessage();
    this.#together.clear();
    orders[1] = functions;
    const { port } = this.#thread;
    try {
      port.postMessage(orders);
    } catch {
      port.postMessage(emptyMessage(functions));
      for (let i = NO_ORDERS; i < orders.length; i += 2)
        this.#postOrder(orders[i] as number, orders[i + 1]);
    }
  }

  /** Sends one order; the call whose order cannot be cloned fails, and no other. */
  #postOrder(seq: number, order: unknown): void {
    const { port } = this.#thread;
    try {
      port.postMessage([...emptyMessage(), seq, order]);
    } catch (error) {
      this.#board.take(seq, CLAIM.revoked);
      port.postMessage([...emptyMessage(), seq, []]);
      const call = this.#calls.at(seq);
      this.#calls.take(seq);
      if (call === undefined) return;
      this.#events.refused(call, unclonableArguments(call.args, call.name, error));
    }
  }

  revoke(call: PoolCall): boolean {
    if (!this.#board.take(call.seq, CLAIM.revoked)) return false;
    this.#calls.take(call.seq);
    return true;
  }

  recall(count: number): PoolCall[] | undefined {
    const calls: PoolCall[] = [];
    for (let back = 1; back <= this.#calls.unread && calls.length < count; back++) {
      const seq = (this.#calls.next - back) | 0;
      const call = this.#calls.at(seq);
      if (call === undefined || call.stopped !== undefined) continue;
      // What was moved to the worker cannot be taken back.
      if (call.wasMoved || call === this.#suspect) continue;
      if (!this.#board.take(seq, CLAIM.revoked)) break;
      this.#calls.take(seq);
      calls.push(call);
    }
    return calls.length === 0 ? undefined : calls.reverse();
  }

  stop(call: PoolCall, reason: unknown): void {
    this.#thread.port.postMessage([TO_WORKER.stop, call.seq, encodeThrown(reason)]);
  }

  tell(
    call: PoolCall,
    messages: readonly unknown[],
    transfer: readonly unknown[] | undefined,
  ): void {
    this.#thread.port.postMessage([TO_WORKER.line, call.seq, messages], transfer as never);
  }

  startedAt(call: PoolCall): number | undefined {
    const seen = this.#starts.get(call);
    if (seen !== undefined) return seen;
    const at = this.#board.startedAt(call.seq);
    const claim = this.#board.claim(call.seq);
    if (!(at > 0) && (claim === CLAIM.queued || claim === CLAIM.loading)) return undefined;
    const now = monotonicNow();
    const start = at > 0 ? Math.min(at, now) : now;
    this.#starts.set(call, start);
    return start;
  }

  get isStalled(): boolean {
    const { oldest } = this.#calls;
    return oldest !== undefined && this.#board.claim(oldest.seq) === CLAIM.queued;
  }

  /** Asked for a call that could not be taken back, so that it has begun: what has ended is heard of now, and no claim is believed. */
  isRunning(call: PoolCall): boolean {
    this.#side.look();
    this.#side.arm(this.#calls.read);
    // What there is to do about what was heard is done by who waits for news.
    this.#side.rouse();
    return this.#calls.at(call.seq) === call;
  }

  fate(call: PoolCall): Fate {
    switch (this.#board.claim(call.seq)) {
      case CLAIM.queued:
        return call === this.#suspect ? 'unknown' : 'unstarted';
      case CLAIM.loading:
        return 'unloaded';
      case CLAIM.running:
        return 'running';
      default:
        return 'unsent';
    }
  }

  rest(): void {
    this.#thread.port.postMessage([TO_WORKER.rest]);
  }

  ref(): void {
    this.#thread.ref();
  }

  unref(): void {
    this.#thread.unref();
  }

  end(): void {
    if (this.#ending !== undefined) return;
    // Somebody may wait for its end.
    this.#thread.ref();
    // One that is not ready may hang in its start.
    const longest = this.#side.isReady ? Math.max(MERCY, this.#grace) : MERCY;
    this.#ending = startHostTimer(() => this.kill(), Math.min(longest, LONGEST_WAIT));
    this.#thread.port.postMessage([TO_WORKER.end]);
  }

  kill(): void {
    this.#wasKilled = true;
    this.#thread.terminate();
  }

  /** Asks to be woken when something has ended. */
  #arm(): void {
    if (this.#side.arm(this.#calls.read) || this.#inbox.isBehind) {
      nextTurn(this.#wake);
      return;
    }
    // A body that keeps its turn may hold back the word that others have ended; in the memory it can be seen.
    this.#isPatient = this.#calls.unread < 2;
    const longest = this.#isPatient ? Number.POSITIVE_INFINITY : NET;
    const wait = waitAsync(this.#board.words, HEAD.toPool, this.#side.heard, longest);
    if (wait.async) void wait.value.then(this.#wake);
    else nextTurn(this.#wake);
  }

  readonly #lookAgain = (): void => {
    this.#looking = undefined;
    if (this.#calls.unread === 0) return;
    this.#side.rouse();
    this.#looking = startQuietTimer(this.#lookAgain, WIDE_NET);
  };

  readonly #wake = (): void => {
    if (this.#isOver) return;
    this.#side.look();
    this.#events.drained();
    if (!this.#side.isArmed && !this.#isOver) this.#arm();
  };

  #rested(): void {
    if (this.#ending === undefined) this.#events.rested();
  }

  #uncaught(thrown: EncodedThrown, lateBody: string | undefined): void {
    const error = decodeThrown(thrown, undefined);
    if (lateBody === undefined) this.#error = error;
    else this.#events.late(error, lateBody);
  }

  /** What travelled with a call may have been what could not be read: the next time it travels alone. */
  #unread(call: PoolCall): void {
    this.#functions.lost(call.route);
    unread(call, this.#events);
  }

  /** Ends a worker that is none of ours any more: no word of it can be believed. What it has not started goes to others. */
  #condemn(error: unknown): void {
    if (this.#forged !== undefined || this.#isOver) return;
    this.#forged = error;
    if (this.#board.load(HEAD.written) !== this.#calls.shown) this.#suspect = this.#calls.oldest;
    this.kill();
    if (this.#side.isReady) this.#events.swollen();
  }

  /** It ends, or has closed its port and lives on: then it hears nothing any more. */
  #parted(): void {
    if (this.#isOver) return;
    const forgedEnd = forged('nothing any more: it has closed the port to its pool');
    this.#parting = startHostTimer(() => this.#condemn(forgedEnd), MERCY);
  }

  #exited(end: WorkerEnd): void {
    this.#inbox.finish();
    this.#isOver = true;
    for (const timer of [this.#ending, this.#parting, this.#looking])
      if (timer !== undefined) stopHostTimer(timer);
    const pending = this.#calls.all;
    this.#thread.port.close();
    // The wait for news would keep the memory for ever.
    this.#side.rouse();
    const error = this.#forged ?? this.#error ?? end.error;
    const how = this.#wasKilled ? { killedBy: 'terminate' } : { exitCode: end.exitCode };
    this.#events.exited({ ...how, error }, pending);
  }
}

/** Orders follow. */
function emptyMessage(functions?: Functions): unknown[] {
  return [TO_WORKER.calls, functions];
}

const NO_ORDERS = 2;
