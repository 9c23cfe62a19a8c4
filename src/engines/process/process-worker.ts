/**
 * The loop of a child process: runs the calls that its parent sends, in their order, and tells how they ended, many in one message.
 *
 * @module
 */
import { monotonicNow, nextTurn } from '../../runtime/runtime.ts';
import type { EncodedThrown } from '../../shipping/error-codec.ts';
import { Host, PENDING, Thrown } from '../pool/host.ts';
import { setInitData } from '../pool/init-data.ts';
import { writeAtOnce } from '../pool/output.ts';
import { Scale } from '../pool/scale.ts';
import type { Functions } from '../pool/sent-functions.ts';
import { Uncaught } from '../pool/uncaught.ts';
import { CallList } from './call-list.ts';
import type { Claims } from './claims.ts';
import type { Ledger } from './ledger.ts';
import { Outcomes, type SendUp } from './outcomes.ts';
import {
  ANY_TIME,
  type CallOrder,
  FORM,
  LOADING,
  MARK,
  NO_CARE,
  type StartData,
  TO_CHILD,
  TO_POOL,
} from './protocol.ts';
import { NO_RECALL } from './recalls.ts';
import { seal, unseal } from './seal.ts';

/** Milliseconds of work without a turn of the event loop. */
const LONGEST_RUN = 8;
/** The pool hears of ended calls at least so often, in milliseconds, while there are more. */
const PACE = 0.2;
/** Calls that may start under one entry of the ledger take about so long together, in milliseconds. */
const STRIDE = 0.05;
/** More never do. */
const LONGEST_STRIDE = 256;

/** Runs the calls of one pool in this process. */
export class ProcessWorker {
  readonly #send: SendUp;
  readonly #ledger: Ledger | undefined;
  readonly #scale: Scale | undefined;
  readonly #host = new Host({
    ended: (seq, isValue, value) => this.#resume(seq, isValue, value),
    loading: () => undefined,
    loaded: () => {
      this.#startedRun = monotonicNow();
    },
    starting: (seq) => this.#starting(seq),
    tell: (seq, messages) => this.#send([MARK, TO_POOL.line, seq, seal(messages)]),
  });
  readonly #uncaught = new Uncaught(this.#host, (thrown, lateBody) =>
    this.#send([MARK, TO_POOL.uncaught, thrown, lateBody]),
  );
  readonly #calls = new CallList();
  readonly #outcomes: Outcomes;
  /** The first call that may not start before the ledger says so. */
  #noted = 0;
  /** The call whose body was begun last. */
  #begun = -1;
  #isLooping = false;
  #isLoading = false;
  #lastFlush = 0;
  #startedRun = 0;
  #busy = 0;
  #isTelling = false;
  /** Milliseconds that a call took of late. */
  #usual = Number.POSITIVE_INFINITY;

  /** Reads what the watcher has heard of bodies that should stop. */
  hear: (stop: (seq: number, reason: EncodedThrown) => void) => void = () => undefined;

  constructor(data: StartData, ledger: Ledger | undefined, send: SendUp) {
    this.#send = send;
    this.#outcomes = new Outcomes(send, this.#host);
    this.#ledger = ledger;
    if (data.heap !== undefined) this.#scale = new Scale(data.heap);
    setInitData(unseal(data.init as object));
  }

  get claims(): Claims {
    return this.#calls.claims;
  }

  /** Lets a body that does not leave its turn see that it should stop. */
  poll(): void {
    this.#host.flush();
    this.hear((seq, reason) => this.#host.stop(seq, reason));
  }

  start(): void {
    this.#send([MARK, TO_POOL.ready, this.#ledger !== undefined]);
  }

  /** A message of the parent. */
  take(message: readonly unknown[]): void {
    const seq = message[2] as number;
    switch (message[1]) {
      case TO_CHILD.calls: {
        if (message[2] !== undefined) this.#host.learn(message[2] as Functions);
        const runs = opened<unknown[]>(message[3]);
        if (runs === undefined) this.#send([MARK, TO_POOL.unread, message[4], message[5]]);
        else {
          this.#calls.add(runs);
          if (!this.#isLooping) this.#loop();
        }
        break;
      }
      case TO_CHILD.stop:
        this.poll();
        if (this.#calls.claims.take(seq)) this.#send([MARK, TO_POOL.returned, [seq], NO_RECALL]);
        else this.#host.stop(seq, message[3] as EncodedThrown);
        break;
      case TO_CHILD.line: {
        const messages = opened<unknown[]>(message[3]);
        if (messages === undefined) this.#send([MARK, TO_POOL.missed, seq]);
        else this.#host.told(seq, messages);
        break;
      }
      case TO_CHILD.end:
        this.#end();
        break;
      case TO_CHILD.say:
        this.#send([MARK, TO_POOL.said, message[2]]);
        break;
      case TO_CHILD.recall: {
        const dropped = (message[2] as number[]).filter((seq) => this.#calls.claims.take(seq));
        this.#send([MARK, TO_POOL.returned, dropped, message[3]]);
        break;
      }
    }
  }

  #end(): void {
    // What is written at the exit is not waited for.
    writeAtOnce(process.stdout, 1);
    writeAtOnce(process.stderr, 2);
    // The channel stays open, so that what fails at the end can be told.
    void this.#uncaught.end(() => process.channel?.unref?.());
  }

  #loop(): void {
    this.#isLooping = true;
    const calls = this.#calls;
    const began = monotonicNow();
    this.#lastFlush = began;
    let stride = 0;
    for (;;) {
      if (stride > 0 && calls.next >= this.#noted) {
        const now = this.#ran(stride);
        stride = 0;
        if (now - began > LONGEST_RUN) {
          this.flush();
          nextTurn(() => this.#loop());
          return;
        }
        if (now - this.#lastFlush >= PACE) this.flush();
      }
      if (!calls.advance()) break;
      const isCareful = calls.care !== NO_CARE;
      if (calls.seq >= this.#noted || isCareful) {
        if (isCareful) this.flush();
        this.#note(isCareful ? 1 : this.#strideLength());
        this.#startedRun = monotonicNow();
      }
      stride++;
      if (!this.#run()) {
        this.#usual = Number.POSITIVE_INFINITY;
        this.flush();
        return;
      }
    }
    if (stride > 0) this.#ran(stride);
    this.flush();
    this.#isLooping = false;
  }

  /** So many calls have run since the ledger was written. Gives the time. */
  #ran(count: number): number {
    const now = monotonicNow();
    const took = now - this.#startedRun;
    this.#busy += took;
    this.#usual = took / count;
    return now;
  }

  #strideLength(): number {
    const { route, left } = this.#calls;
    if (route !== this.#outcomes.lastRoute) return 1;
    return Math.max(1, Math.min(Math.floor(STRIDE / this.#usual), left, LONGEST_STRIDE));
  }

  /** Tells the parent what starts now, in a way that outlives this process. */
  #note(count: number): void {
    const { seq, route } = this.#calls;
    this.#isLoading = this.#host.isNew(route);
    this.#noted = seq + count;
    this.#write(seq, this.#noted, this.#isLoading ? LOADING : monotonicNow());
  }

  /** The body of a call starts now: what came before was the loading of its function. */
  #starting(seq: number): number | undefined {
    this.#begun = seq;
    if (this.#isLoading) {
      this.#isLoading = false;
      this.#write(seq, seq + 1, monotonicNow());
    }
    const { care } = this.#calls;
    return care === NO_CARE || care === ANY_TIME ? undefined : care;
  }

  #write(from: number, to: number, at: number): void {
    if (this.#ledger !== undefined) this.#ledger.write(from, to, at);
    else this.#send([MARK, TO_POOL.began, from, to, at]);
  }

  /** Runs a call. False when its body goes on: the loop goes on when it has ended. */
  #run(): boolean {
    const { seq, route, index, attempt, item, form } = this.#calls;
    let end: unknown;
    try {
      end =
        form === FORM.values
          ? this.#host.runPlain(seq, route, [item, undefined], index, attempt)
          : this.#host.run(seq, route, item as CallOrder, index, attempt);
    } catch (error) {
      return this.#fail(seq, error);
    }
    if (end === PENDING) {
      if (this.#noted !== seq + 1) this.#note(1);
      return false;
    }
    if (end instanceof Thrown) this.#outcomes.thrown(seq, route, end.encoded);
    else this.#valued(seq, route, end);
    return true;
  }

  /** What bodies throw is no exception here. Where this one has not begun, another child may get it. */
  #fail(seq: number, error: unknown): never {
    this.flush();
    if (this.#begun !== seq) {
      this.#isLoading = true;
      this.#write(seq, seq + 1, LOADING);
    }
    return this.#uncaught.die(error);
  }

  /** A getter of the value may end this process: until all of it is read, its call has not ended. */
  #valued(seq: number, route: number, value: unknown): void {
    this.#isTelling = true;
    if (this.#outcomes.valued(seq, route, value)) this.flush();
    this.#isTelling = false;
  }

  #resume(seq: number, isValue: boolean, value: unknown): void {
    this.#busy += monotonicNow() - this.#startedRun;
    const { route } = this.#calls;
    if (isValue) this.#valued(seq, route, value);
    else this.#outcomes.thrown(seq, route, value as EncodedThrown);
    this.#loop();
  }

  /** Tells the parent of all that has ended. */
  flush(): void {
    if (this.#outcomes.isEmpty) return;
    this.#lastFlush = monotonicNow();
    this.#outcomes.post(this.#busy, this.#scale?.isOver(this.#lastFlush) === true);
  }

  /** Tells the parent all that it can still be told, before this process ends. */
  leave(): void {
    const { hasStarted, seq, next } = this.#calls;
    if (!hasStarted) return;
    this.#host.flush();
    this.flush();
    // Of a stride, exactly the one at work has started, or none.
    if (this.#isLoading) return;
    const isAtWork = this.#host.isRunning || this.#isTelling;
    this.#write(isAtWork ? seq : next, next, monotonicNow());
  }
}

/** Gives what may have been sealed; undefined where it is too deep for the stack here. */
function opened<T extends object>(sealed: unknown): T | undefined {
  try {
    return unseal(sealed as T);
  } catch {
    return undefined;
  }
}
