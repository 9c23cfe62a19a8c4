/**
 * The loop of a worker thread: takes calls from the shared memory in their order, and tells how they ended. Between two calls it looks
 * for the next, then sleeps for a moment, because waking it from that is twice as fast as by an event; then it goes back to its event
 * loop, so that what bodies have left (timers, sockets) goes on.
 *
 * @module
 */
import { hostModule, monotonicNow, nextTurn } from '../../runtime/runtime.ts';
import type { EncodedThrown } from '../../shipping/error-codec.ts';
import { Host, PENDING, Thrown } from '../pool/host.ts';
import { setInitData } from '../pool/init-data.ts';
import type { Order } from '../pool/order.ts';
import { allWritten } from '../pool/output.ts';
import { Scale } from '../pool/scale.ts';
import type { Functions } from '../pool/sent-functions.ts';
import { Uncaught } from '../pool/uncaught.ts';
import { wait, waitAsync } from './atomics.ts';
import { WorkerSide } from './handshake.ts';
import { Board, BY_MESSAGE, CLAIM, HEAD, NO_ARGUMENT } from './layout.ts';
import { Outcomes } from './outcomes.ts';
import { type ThreadData, TO_POOL, TO_WORKER } from './protocol.ts';
import { Spin } from './spin.ts';

type Threads = typeof import('node:worker_threads');

/** Milliseconds of sleep before the event loop gets its turn. Below two ticks of the system, setting its timer costs as much as the wake. */
const LINGER = 8;
/** Milliseconds of work without a turn of the event loop. */
const LONGEST_RUN = 8;
/** The pool hears of ended calls at least so often, in milliseconds, while there are more. */
const PACE = 0.05;

/** Runs the calls of one pool in this thread. */
export class ThreadWorker {
  readonly #board: Board;
  readonly #side: WorkerSide;
  readonly #port: ThreadData['port'];
  readonly #scale: Scale | undefined;
  readonly #receive: Threads['receiveMessageOnPort'];
  readonly #host = new Host({
    ended: (seq, isValue, value) => this.#resume(seq, isValue, value),
    loading: (seq) => this.#board.setClaim(seq, CLAIM.loading),
    loaded: (seq) => {
      this.#startedRun = monotonicNow();
      this.#board.setClaim(seq, CLAIM.running);
    },
    starting: (seq) => this.#timeOf(seq),
    tell: (seq, messages, transfer) => {
      this.#port.postMessage([TO_POOL.line, seq, messages], transfer as never);
      this.#side.ring();
    },
  });
  readonly #orders = new Map<number, Order | readonly unknown[]>();
  readonly #uncaught = new Uncaught(this.#host, (thrown, lateBody) => {
    this.#port.postMessage([TO_POOL.uncaught, thrown, lateBody]);
    this.#side.ring();
  });
  readonly #outcomes: Outcomes;
  readonly #spin = new Spin();
  /** The next call to look at. */
  #next = 0;
  /** The call whose body was begun last. */
  #begun = -1;
  /** How many calls the pool has been told to be over. */
  #told = 0;
  #lastFlush = 0;
  /** The loop stands still until an order comes. */
  #isWaiting = false;
  /** A message could not be read: an order may never come, nor the function that came with it. */
  #hasMissed = false;
  #startedRun = 0;
  #busy = 0;
  #isTelling = false;

  constructor(data: ThreadData) {
    this.#board = new Board(data.memory);
    this.#side = new WorkerSide(this.#board);
    this.#port = data.port;
    // A body may replace that of all ports.
    this.#port.postMessage = this.#port.postMessage;
    this.#outcomes = new Outcomes(this.#board, this.#port, this.#host);
    if (data.heap !== undefined) this.#scale = new Scale(data.heap);
    const threads = hostModule<Threads>('node:worker_threads') as Threads;
    this.#receive = threads.receiveMessageOnPort;
    setInitData(data.init);
    this.#port.on('message', (message: readonly unknown[]) => {
      this.#take(message);
      this.#goOn();
    });
    this.#port.on('messageerror', (error: unknown) => {
      this.#miss(error);
      this.#goOn();
    });
  }

  #goOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#loop();
  }

  start(): void {
    this.#side.start();
    this.#loop();
  }

  #loop(): void {
    const began = monotonicNow();
    this.#startedRun = began;
    this.#lastFlush = began;
    for (;;) {
      while (this.#side.hasCalls(this.#next)) {
        if (!this.#step()) return;
        const now = monotonicNow();
        if (now - this.#lastFlush >= PACE) this.flush();
        if (now - began > LONGEST_RUN) {
          this.flush();
          nextTurn(() => this.#loop());
          return;
        }
      }
      this.flush();
      if (!this.#sleep()) return;
      this.#startedRun = monotonicNow();
      this.#lastFlush = this.#startedRun;
    }
  }

  /** Sleeps until there are calls. False when that was given up: then the event loop has its turn, and calls this loop again. */
  #sleep(): boolean {
    const { words } = this.#board;
    if (this.#spin.sees(words, HEAD.written, this.#next)) return true;
    const seen = this.#side.fallAsleep(this.#next);
    if (seen === undefined) return true;
    if (wait(words, HEAD.toWorker, seen, LINGER) !== 'timed-out') {
      this.#side.wake();
      return true;
    }
    const woken = (): void => {
      this.#side.wake();
      this.#loop();
    };
    const later = waitAsync(words, HEAD.toWorker, seen);
    if (later.async) void later.value.then(woken);
    else nextTurn(woken);
    return false;
  }

  /** Runs the next call. False when its body goes on: the loop goes on when it has ended. */
  #step(): boolean {
    const board = this.#board;
    const seq = this.#next;
    this.#next = (seq + 1) | 0;
    const argument = board.readArgument(seq);
    const route = board.route(seq);
    const isHere = argument !== BY_MESSAGE || this.#hasOrder(seq);
    // What brought its function may have been lost.
    if (this.#hasMissed && !(isHere && this.#host.knows(route))) {
      this.#giveBack(seq);
      return true;
    }
    if (!isHere) {
      this.#next = seq;
      this.#isWaiting = true;
      this.flush();
      return false;
    }
    if (!board.take(seq, CLAIM.running)) {
      if (argument === BY_MESSAGE) this.#orders.delete(seq);
      return true;
    }
    const index = board.index(seq);
    const attempt = board.attempt(seq);
    let end: unknown;
    try {
      end =
        argument === BY_MESSAGE
          ? this.#host.run(seq, route, this.#orderOf(seq), index, attempt)
          : this.#host.runPlain(
              seq,
              route,
              argument === NO_ARGUMENT ? [undefined] : [argument, undefined],
              index,
              attempt,
            );
    } catch (error) {
      // What bodies throw is no exception here. Where this one has not begun, another worker may get it.
      if (this.#begun !== seq) board.setClaim(seq, CLAIM.loading);
      return this.#uncaught.die(error);
    }
    if (end === PENDING) {
      this.flush();
      return false;
    }
    if (end instanceof Thrown) this.#outcomes.thrown(seq, end.encoded);
    else this.#valued(seq, end);
    return true;
  }

  /** Notes when the body of a call starts, if it has a time-out, and gives that; undefined where it has none. */
  #timeOf(seq: number): number | undefined {
    const board = this.#board;
    this.#begun = seq;
    if (!board.isTimed(seq)) return undefined;
    board.setStarted(seq, monotonicNow());
    return board.timeout(seq);
  }

  /** A getter of the value may end this thread: until all of it is read, its call has not ended. */
  #valued(seq: number, value: unknown): void {
    this.#isTelling = true;
    this.#outcomes.valued(seq, value);
    this.#isTelling = false;
  }

  #resume(seq: number, isValue: boolean, value: unknown): void {
    const now = monotonicNow();
    this.#busy += now - this.#startedRun;
    if (isValue) this.#valued(seq, value);
    else this.#outcomes.thrown(seq, value as EncodedThrown);
    this.#loop();
  }

  /** Whether the order of a call is here. It was posted before the call was shown, but on Deno it may come later. */
  #hasOrder(seq: number): boolean {
    while (!this.#orders.has(seq)) if (!this.#takeNext()) return false;
    return true;
  }

  /** Says that a call cannot be run here as it came. */
  #giveBack(seq: number): void {
    this.#orders.delete(seq);
    if (!this.#board.take(seq, CLAIM.revoked)) return;
    this.#port.postMessage([TO_POOL.unread, seq]);
  }

  /** Takes the next message. False: there is none. */
  #takeNext(): boolean {
    try {
      const received = this.#receive(this.#port);
      if (received === undefined) return false;
      this.#take(received.message as readonly unknown[]);
    } catch (error) {
      this.#miss(error);
    }
    return true;
  }

  /** A message is lost, which is nested too deeply for the stack of this thread: calls, or what a body here waits for. */
  #miss(error: unknown): void {
    this.#hasMissed = true;
    this.#host.missed(error);
  }

  #orderOf(seq: number): Order | readonly unknown[] {
    const order = this.#orders.get(seq) as Order | readonly unknown[];
    this.#orders.delete(seq);
    return order;
  }

  #take(message: readonly unknown[]): void {
    switch (message[0]) {
      case TO_WORKER.calls:
        if (message[1] !== undefined) this.#host.learn(message[1] as Functions);
        for (let i = 2; i < message.length; i += 2) {
          this.#orders.set(message[i] as number, message[i + 1] as Order);
        }
        break;
      case TO_WORKER.stop:
        this.#host.stop(message[1] as number, message[2] as EncodedThrown);
        break;
      case TO_WORKER.rest:
        void this.#rest();
        break;
      case TO_WORKER.end:
        void this.#uncaught.end(() => this.#port.unref());
        break;
      case TO_WORKER.line:
        this.#host.told(message[1] as number, message[2] as unknown[]);
        break;
    }
  }

  async #rest(): Promise<void> {
    await allWritten();
    this.#port.postMessage([TO_POOL.rested]);
    this.#side.ring();
  }

  /** Has the pool's process warn. */
  warn(key: string, text: string): void {
    this.#port.postMessage([TO_POOL.warned, key, text]);
  }

  /** Reads what has been sent to a body that does not leave its turn, so that it can see that it should stop. */
  poll(): void {
    this.#host.flush();
    while (this.#takeNext());
  }

  /** Tells the pool of all that has ended. */
  flush(): void {
    const board = this.#board;
    const now = monotonicNow();
    this.#busy += now - this.#startedRun;
    this.#startedRun = now;
    this.#lastFlush = now;
    this.#host.flush();
    board.busy = this.#busy;
    const running = this.#host.isRunning || this.#isTelling ? 1 : 0;
    const done = (this.#next - running) | 0;
    if (done === this.#told) return;
    this.#told = done;
    if (this.#scale?.isOver(now) === true) this.#port.postMessage([TO_POOL.swollen]);
    this.#side.tell(done);
  }
}
