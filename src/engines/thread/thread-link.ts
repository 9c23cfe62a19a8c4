/**
 * The pool's side of one worker thread: writes calls into the shared memory, wakes the thread, and reads what has ended.
 *
 * @module
 */

import { toMilliseconds } from '../../core/duration.ts';
import {
  type HostTimer,
  hostModule,
  nextTurn,
  startHostTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import { unclonableArguments } from '../../shipping/unclonable.ts';
import type { Fate, Link, LinkEvents, WorkerEnd } from '../pool/link.ts';
import { type Order, parcelOf } from '../pool/order.ts';
import type { PoolCall } from '../pool/pool-call.ts';
import { pass } from '../shared/instances.ts';
import { Board, BY_MESSAGE, CLAIM, fitsSlot, HEAD, NO_ARGUMENT, SLOTS } from './layout.ts';
import { TO_POOL, TO_WORKER } from './protocol.ts';
import type { Thread } from './start-thread.ts';

type Threads = typeof import('node:worker_threads');

/** Milliseconds between two looks at a worker that has several calls and says nothing. */
const NET = 2;

/** More calls than this are not read at once: the event loop gets its turn. */
const LONGEST_READ = 4096;

/** Milliseconds in which a thread that is being ended can bring out what its bodies have written. */
const MERCY = 500;

/** One worker thread. */
export class ThreadLink implements Link {
  readonly moves = true;
  readonly #events: LinkEvents;
  readonly #board = new Board();
  readonly #thread: Thread;
  readonly #receive: Threads['receiveMessageOnPort'];
  /** The calls that it has, by the low bits of their position. */
  readonly #calls: (PoolCall | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Functions that it has. */
  readonly #known = new Set<number>();
  /** Positions: the next to be written, and the next to be read. */
  #next = 0;
  #read = 0;
  #orders: unknown[] = [TO_WORKER.calls];
  #isReady = false;
  /** How often the worker had rung when its messages were last looked at. */
  #heard = 0;
  #isArmed = false;
  /** It waits for news as long as that takes. */
  #isPatient = false;
  #isOver = false;
  #wasKilled = false;
  /** It is being ended, at the latest when this fires. */
  #ending: HostTimer | undefined;

  constructor(start: (board: Board) => Thread, events: LinkEvents) {
    this.#events = events;
    const threads = hostModule<Threads>('node:worker_threads') as Threads;
    this.#receive = threads.receiveMessageOnPort;
    this.#thread = start(this.#board);
    this.#thread.onExit((end) => this.#exited(end));
    this.#arm();
  }

  get room(): number {
    return SLOTS - 1 - this.#unread;
  }

  /** Places between the next to be read and the next to be written; positions wrap around. */
  get #unread(): number {
    return (this.#next - this.#read) | 0;
  }

  get busy(): number {
    return this.#board.busy;
  }

  send(call: PoolCall): void {
    const board = this.#board;
    const seq = this.#next;
    // What is said on its line from now on is for this thread, also while it is packed.
    call.seq = seq;
    const { args, route } = call;
    const { extras, transfer, index = 0, attempt = 1, timeout } = call.call;
    const isKnown = this.#known.has(route.id);
    const isSmall = isKnown && extras === undefined && transfer === undefined && args.length < 2;
    if (isSmall && (args.length === 0 || fitsSlot(args[0]))) {
      board.writeArgument(seq, args.length === 0 ? NO_ARGUMENT : args[0]);
    } else {
      const { order, transfer: parts } = parcelOf(call, this, isKnown);
      if (parts === undefined) this.#orders.push(seq, order);
      else {
        this.#post(call, [TO_WORKER.calls, seq, order], parts);
        call.wasMoved = true;
      }
      board.writeArgument(seq, BY_MESSAGE);
      this.#known.add(route.id);
    }
    const ms = timeout === undefined ? undefined : toMilliseconds(timeout, 'timeout');
    board.writeCall(seq, route.id, index, attempt, ms);
    this.#calls[seq & (SLOTS - 1)] = call;
    this.#next = (seq + 1) | 0;
  }

  #post(call: PoolCall, message: unknown, transfer: readonly unknown[] | undefined): void {
    try {
      this.#thread.port.postMessage(message, transfer as never);
    } catch (error) {
      throw unclonableArguments(call.args, call.name, error);
    }
  }

  flush(): void {
    if (this.#orders.length > 1) this.#postOrders();
    const board = this.#board;
    board.store(HEAD.written, this.#next);
    if (board.load(HEAD.asleep) !== 0) board.ring(HEAD.toWorker);
    if (!this.#isArmed) this.#arm();
    else if (this.#isPatient && this.#unread > 1) board.ring(HEAD.toPool);
  }

  #postOrders(): void {
    const orders = this.#orders;
    this.#orders = [TO_WORKER.calls];
    try {
      this.#thread.port.postMessage(orders);
    } catch {
      for (let i = 1; i < orders.length; i += 2)
        this.#postOrder(orders[i] as number, orders[i + 1]);
    }
  }

  /** Sends one order; the call whose order cannot be cloned fails, and no other. */
  #postOrder(seq: number, order: unknown): void {
    const { port } = this.#thread;
    try {
      port.postMessage([TO_WORKER.calls, seq, order]);
    } catch (error) {
      // Nothing of it but its function, which may be new to the worker.
      const empty = Array.isArray(order)
        ? []
        : { ...(order as Order), values: [], holes: undefined };
      this.#board.take(seq, CLAIM.revoked);
      port.postMessage([TO_WORKER.calls, seq, empty]);
      const call = this.#callAt(seq);
      this.#take(seq);
      if (call === undefined) return;
      this.#events.refused(call, unclonableArguments(call.args, call.name, error));
    }
  }

  revoke(call: PoolCall): boolean {
    if (!this.#board.take(call.seq, CLAIM.revoked)) return false;
    this.#take(call.seq);
    return true;
  }

  recall(count: number): PoolCall[] | undefined {
    const calls: PoolCall[] = [];
    for (let back = 1; back <= this.#unread && calls.length < count; back++) {
      const seq = (this.#next - back) | 0;
      const call = this.#callAt(seq);
      if (call === undefined || call.stopped !== undefined) continue;
      // What was moved to the worker cannot be taken back.
      if (call.wasMoved) continue;
      if (!this.#board.take(seq, CLAIM.revoked)) break;
      this.#take(seq);
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
    return this.#board.startedAt(call.seq) || undefined;
  }

  get isStalled(): boolean {
    for (let left = this.#unread; left > 0; left--) {
      const seq = (this.#next - left) | 0;
      if (this.#callAt(seq) !== undefined) return this.#board.claim(seq) === CLAIM.queued;
    }
    return false;
  }

  isRunning(call: PoolCall): boolean {
    const claim = this.#board.claim(call.seq);
    return claim === CLAIM.running || claim === CLAIM.loading;
  }

  fate(call: PoolCall): Fate {
    switch (this.#board.claim(call.seq)) {
      case CLAIM.queued:
        return 'unstarted';
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
    this.#ending = startHostTimer(() => this.kill(), MERCY);
    this.rest();
  }

  kill(): void {
    this.#wasKilled = true;
    this.#thread.terminate();
  }

  #callAt(seq: number): PoolCall | undefined {
    return this.#calls[seq & (SLOTS - 1)];
  }

  #take(seq: number): void {
    this.#calls[seq & (SLOTS - 1)] = undefined;
  }

  /** Asks to be woken when something has ended. */
  #arm(): void {
    const board = this.#board;
    this.#isArmed = true;
    board.store(HEAD.armed, 1);
    const isNews =
      ((board.load(HEAD.done) - this.#read) | 0) > 0 ||
      this.#isReady !== (board.load(HEAD.ready) === 1);
    if (isNews) {
      nextTurn(this.#wake);
      return;
    }
    // What has rung since the messages were last looked at must not be slept through.
    // A body that keeps its turn may hold back the word that others have ended; in the memory it can be seen.
    this.#isPatient = this.#unread < 2;
    const longest = this.#isPatient ? Number.POSITIVE_INFINITY : NET;
    const wait = Atomics.waitAsync(board.words, HEAD.toPool, this.#heard, longest);
    if (wait.async) void wait.value.then(this.#wake);
    else nextTurn(this.#wake);
  }

  readonly #wake = (): void => {
    if (this.#isOver) return;
    this.#isArmed = false;
    this.#board.store(HEAD.armed, 0);
    if (!this.#isReady && this.#board.load(HEAD.ready) === 1) {
      this.#isReady = true;
      this.#events.ready();
    }
    this.#drain();
    this.#events.drained();
    if (!this.#isArmed && !this.#isOver) this.#arm();
  };

  /** Reads all that has ended. */
  #drain(): void {
    const board = this.#board;
    this.#heard = board.load(HEAD.toPool);
    const done = board.load(HEAD.done);
    // Before the memory: what was told on a line before a result comes before it.
    this.#takeMessages();
    for (let left = LONGEST_READ; this.#read !== this.#next && left > 0; left--) {
      if (!this.#readNext(((done - this.#read) | 0) > 0)) break;
    }
  }

  /**
   * Reads the outcome of the next call from the memory. False: there is none, or it comes by a message, which on Deno may be late.
   *
   * @param isDone whether the worker has said that it is past this call
   */
  #readNext(isDone: boolean): boolean {
    const seq = this.#read;
    const call = this.#callAt(seq);
    // The place of a call that was taken back is free when the worker has passed it; of one whose outcome has come, when it says so there.
    if (call === undefined && !isDone && this.#board.claim(seq) !== CLAIM.told) return false;
    if (call !== undefined && this.#board.claim(seq) !== CLAIM.valued) return false;
    this.#read = (seq + 1) | 0;
    if (call === undefined) return true;
    this.#take(seq);
    this.#events.settled(call, 'value', this.#board.readResult(seq));
    return true;
  }

  #takeMessages(): void {
    const { port } = this.#thread;
    for (let got = this.#receive(port); got !== undefined; got = this.#receive(port)) {
      this.#handle(got.message as readonly unknown[]);
    }
  }

  #handle(message: readonly unknown[]): void {
    switch (message[0]) {
      case TO_POOL.outcome: {
        const seq = message[1] as number;
        const call = this.#callAt(seq);
        if (call === undefined) break;
        this.#take(seq);
        this.#events.settled(call, message[2] === 1 ? 'value' : 'thrown', message[3]);
        break;
      }
      case TO_POOL.line: {
        const call = this.#callAt(message[1] as number);
        if (call !== undefined) this.#events.told(call, message[2] as unknown[]);
        break;
      }
      case TO_POOL.rested:
        if (this.#ending === undefined) this.#events.rested();
        else this.kill();
        break;
      case TO_POOL.swollen:
        this.#events.swollen();
        break;
      case TO_POOL.warned:
        pass(message[1] as string, message[2] as string);
        break;
    }
  }

  #exited(end: WorkerEnd): void {
    this.#takeMessages();
    for (let left = this.#unread; left > 0; left--) {
      if (!this.#readNext(true)) this.#read = (this.#read + 1) | 0;
    }
    this.#isOver = true;
    if (this.#ending !== undefined) stopHostTimer(this.#ending);
    const pending = this.#calls.filter((call) => call !== undefined);
    pending.sort((a, b) => (a.seq - b.seq) | 0);
    this.#thread.port.close();
    // The wait for news would keep the memory for ever.
    this.#board.ring(HEAD.toPool);
    const killedBy = this.#wasKilled ? 'terminate' : undefined;
    this.#events.exited(killedBy === undefined ? end : { killedBy, error: end.error }, pending);
  }
}
