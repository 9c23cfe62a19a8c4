/**
 * The line of those who wait for one pace, first come, first served, with one timer for its head. The line calls the functions
 * itself: were it only to wake its callers, which then call, many could be late by different times and start together.
 *
 * A start lies somewhere between a look at the clock before the call and one after, and the thread can be held up in between: by the
 * collector, or by the system. The look before decides whether the call may start (an older one that allows it will do), and the
 * look after is what counts for those that follow. So no two starts, as the called see them, are closer than they should be.
 *
 * @module
 */
import { hold, refuseAborted, type WaitBounds } from '../core/bounds.ts';
import type { Timer } from '../core/clock.ts';
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import { kernel, touch } from '../core/kernel.ts';
import { currentToken, type Token } from '../core/token.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import type { Pace } from './pace.ts';
import { PacedCall } from './paced-call.ts';
import { Pacing } from './pacing.ts';
import { StartLog } from './start-log.ts';

/** One line and its pace. */
export class PacedLine {
  readonly #pace: Pace;
  readonly #pacing: Pacing;
  readonly #line = new WaitQueue<unknown, number>();
  /** A function is being called, and when it began is not known yet. Whoever it submits itself waits in line. */
  #starting = false;
  #serving = false;
  #timer: Timer | undefined;
  #armedFor = 0;
  readonly #wake = (): void => {
    this.#timer = undefined;
    this.#serve();
  };
  readonly #left = (): void => {
    touch(this.#pacing);
    this.#pacing.left(this);
    this.#arm();
  };

  constructor(pace: Pace, pacing: Pacing) {
    this.#pace = pace;
    this.#pacing = pacing;
  }

  /** How many wait. */
  get length(): number {
    return this.#line.length;
  }

  /** Whether it remembers nothing that matters. */
  get idle(): boolean {
    return this.length === 0 && !this.#starting && this.#pace.idleFrom() <= this.#pacing.seen;
  }

  /** Calls `fn` now if its turn has come, else when it comes; gives its result. */
  enter<R>(fn: Thunk<R>, cost: number, bounds?: WaitBounds): Promise<R> {
    touch(this.#pacing);
    const token = currentToken();
    const welcome = token.effective === undefined && bounds?.signal?.aborted !== true;
    if (welcome && this.length === 0 && !this.#starting && this.#pacing.refusal() === undefined) {
      const opens = this.#opensAt(cost);
      // The look after the last start will mostly do, and saves a third of the cost.
      if (this.#pacing.seen >= opens || this.#pacing.now() >= opens)
        return this.#startNow(fn, cost, token);
    }
    return this.#stand(new PacedCall(this.#pacing.label, token, cost, fn), bounds);
  }

  #opensAt(cost: number): number {
    return Math.max(this.#pace.opensAt(cost), this.#pacing.resumesAt);
  }

  #startNow<R>(fn: Thunk<R>, cost: number, token: Token): Promise<R> {
    this.#starting = true;
    try {
      return Promise.resolve(fn(new CallContext(token, 0, 1)));
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#started(cost);
    }
  }

  #started(cost: number): void {
    this.#pace.note(this.#pacing.now(), cost);
    this.#starting = false;
    if (this.length > 0) this.#serve();
  }

  #stand<R>(call: PacedCall<R>, bounds: WaitBounds | undefined): Promise<R> {
    if (bounds !== undefined) refuseAborted(call, bounds);
    const refusal = this.#pacing.refusal();
    if (refusal !== undefined) call.withdraw(refusal.error);
    if (call.settled) return call.promise;
    call.undo = this.#left;
    if (bounds !== undefined) call.onEnd(hold(call, bounds));
    this.#line.push(call as PacedCall<unknown>);
    this.#pacing.entered(this);
    if (this.length === 1) this.#serve();
    return call.promise;
  }

  /** Starts whose turn has come. Called by a start itself it does nothing: its end goes on. */
  #serve(): void {
    if (this.#serving || this.#starting) return;
    this.#serving = true;
    for (let at = this.#pacing.now(); !this.#starting; at = this.#pacing.seen) {
      const first = this.#line.first;
      if (first === undefined || at < this.#opensAt(first.ask)) break;
      this.#line.remove(first);
      this.#pacing.left(this);
      this.#starting = true;
      const call = first as PacedCall<unknown>;
      call.okWith(() => this.#start(call));
    }
    this.#serving = false;
    this.#arm();
  }

  #start<R>(call: PacedCall<R>): MaybePromise<R> {
    touch(this.#pacing);
    try {
      return call.call();
    } finally {
      this.#started(call.ask);
    }
  }

  /** Sets the timer for the head of the line; none while somebody is being started. */
  #arm(): void {
    const first = this.#starting ? undefined : this.#line.first;
    const opens = first === undefined ? Number.POSITIVE_INFINITY : this.#opensAt(first.ask);
    if (this.#timer !== undefined && opens === this.#armedFor) return;
    this.#timer?.stop();
    this.#armedFor = opens;
    this.#timer = first && kernel.clock.at(opens, this.#wake);
  }

  /** Follows a jump of the clock. */
  shift(by: number): void {
    this.#pace.shift(by);
    this.#arm();
  }

  /** Turns everybody away. */
  refuseAll(error: unknown): void {
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      (first as PacedCall<unknown>).withdraw(error);
    }
  }
}

keepShape(new PacedLine(new StartLog(1, 1, 0), new Pacing('shape', undefined, () => [])));
