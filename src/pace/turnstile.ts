/**
 * The engine of a limiter: it counts who is at work, keeps the line, and starts the next one when there is room.
 *
 * There are two ways in. A call that finds room runs in an async function of its own, one microtask after the call, and is kept nowhere. A
 * call that must wait is one object in the line (see queued-call.ts), whose function is called by whoever makes room.
 *
 * @module
 */
import { isThenable } from '../core/arguments.ts';
import type { WaitBounds } from '../core/bounds.ts';
import { Cancelled } from '../core/errors.ts';
import { kernel, touch } from '../core/kernel.ts';
import { currentToken, type Token } from '../core/token.ts';
import { Join, Wait } from '../core/wait.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { Gate, type GateRules } from './gate.ts';
import { Insiders } from './insiders.ts';
import { droppedFromFull, type LineOverflow, overflowing, refusedByFull } from './line-overflow.ts';
import { Onlookers } from './onlookers.ts';
import { heavierThan, PriorityLine } from './priority-line.ts';
import { type AnyFunction, type Ask, PLAIN, type QueuedCall, queueCall } from './queued-call.ts';
import { Rests } from './rests.ts';
import { finite, Slots } from './slots.ts';

const STARTED: Promise<void> = Promise.resolve();

/** How one limiter works; checked. */
export interface TurnstileRules {
  readonly label: string;
  /** Infinity for no limit. */
  readonly concurrency: number;
  /** Infinity for no limit. */
  readonly maxWaiting: number;
  readonly overflow: LineOverflow;
  readonly gate: GateRules | undefined;
}

/** The engine of a limiter. */
export class Turnstile {
  readonly label: string;
  readonly insiders: Insiders = new Insiders();
  readonly #rules: TurnstileRules;
  #concurrency: number;
  /** Places that nobody has; below 0 when the number was lowered while they were taken. */
  #free: number;
  /** Calls at work. */
  #active = 0;
  /** Calls in line with a weight above 1. */
  #heavy = 0;
  /** Calls that may be repeated, and those of them that wait for their next attempt. */
  readonly #rests = new Rests();
  readonly #line = new PriorityLine();
  readonly #slots = new Slots((call) => this.#leave(call.ask.weight));
  readonly #gate: Gate | undefined;
  #paused = false;
  #closed = false;
  #moving = false;
  #onlookers: Onlookers | undefined;

  constructor(rules: TurnstileRules) {
    this.label = rules.label;
    this.#rules = rules;
    this.#concurrency = rules.concurrency;
    this.#free = finite(rules.concurrency);
    if (rules.gate !== undefined) this.#gate = new Gate(rules.gate, this);
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(concurrency: number) {
    touch(this);
    const more = finite(concurrency) - finite(this.#concurrency);
    this.#free += more;
    this.#concurrency = concurrency;
    if (more > 0) {
      this.#soon();
    } else {
      const tooHeavy = this.#heavy === 0 ? [] : this.#line.all().filter(heavierThan(concurrency));
      this.#withdrawAll(tooHeavy, ({ ask }) => this.tooHeavy(ask.weight));
    }
  }

  get active(): number {
    touch(this);
    return this.#active;
  }

  get waiting(): number {
    touch(this);
    return this.#line.length + this.#rests.size;
  }

  get paused(): boolean {
    touch(this);
    return this.#paused;
  }

  /** What the task tree shows for a call that waits. */
  get shown(): string {
    const all = this.#concurrency === Number.POSITIVE_INFINITY ? '' : ` of ${this.#concurrency}`;
    return `${this.label} (${this.#paused ? 'paused, ' : ''}${this.#active}${all} at work)`;
  }

  /** Runs a function when it is its turn. */
  enter<R>(fn: AnyFunction, args: readonly unknown[], ask: Ask = PLAIN): Promise<R> {
    const token = currentToken();
    if (
      this.#line.length === 0 &&
      ask.weight <= this.#free &&
      !this.#paused &&
      !this.#closed &&
      this.#gate === undefined &&
      token.effective === undefined &&
      kernel.scheduler === undefined
    ) {
      this.#free -= ask.weight;
      this.#active++;
      return this.#runNow(fn, args, ask, token) as Promise<R>;
    }
    return this.#stand(fn, args, ask, token);
  }

  async #runNow(
    fn: AnyFunction,
    args: readonly unknown[],
    ask: Ask,
    token: Token,
  ): Promise<unknown> {
    await STARTED;
    try {
      if (token.effective !== undefined) throw token.effective;
      if (!this.#paused || this.#closed) return await this.insiders.call(fn, args, token);
      return queueCall(this, fn, args, ask, token, (call) => this.#join(call, true));
    } finally {
      this.#leave(ask.weight);
    }
  }

  #stand<R>(fn: AnyFunction, args: readonly unknown[], ask: Ask, token: Token): Promise<R> {
    touch(this);
    // The wait that is refused counts the rejections of a loop that swallows them.
    if (token.effective !== undefined) return new Wait<R>(this.label, token).promise;
    const refusal = this.#refusal(ask);
    if (refusal !== undefined) return Promise.reject(refusal);
    return queueCall<R>(this, fn, args, ask, token, (call) => {
      this.#join(call, false);
      if (this.#line.first === call) this.#soon();
    });
  }

  #join(call: QueuedCall, back: boolean): void {
    call.began();
    if (back) this.#line.takeBack(call);
    else this.#line.push(call);
    if (call.ask.weight > 1) this.#heavy++;
  }

  /** Why a call may not stand in line; undefined when it may. Drops another one to make room for it. */
  #refusal({ weight, priority }: Ask): Error | undefined {
    if (this.#closed) return this.#gone();
    if (weight > this.#concurrency) return this.tooHeavy(weight);
    if (this.#line.length < this.#rules.maxWaiting || this.#admitsAtOnce(weight)) return undefined;
    const dropped = overflowing(this.#line, this.#rules.overflow, priority);
    if (dropped === undefined) return refusedByFull(this.label, this.#line.length);
    dropped.withdraw(droppedFromFull(this.label));
    return undefined;
  }

  /** Whether a call would start by itself as soon as it stands in line. */
  #admitsAtOnce(weight: number): boolean {
    return this.#line.length === 0 && !this.#paused && weight <= this.#free;
  }

  /** Whether a call may have to wait for those at work. */
  get isFull(): boolean {
    return this.#free <= 0 || this.#rules.gate?.limit !== undefined;
  }

  /** The error for a call that could never start. */
  tooHeavy(weight: number): RangeError {
    return new RangeError(
      `Expected weight to be at most the concurrency of ${this.label}, ${this.#concurrency}: got ${weight}`,
    );
  }

  /** A call has left the line without its turn. */
  withdrawn(call: QueuedCall): void {
    touch(this);
    this.#left(call);
    this.#move();
  }

  #left(call: QueuedCall): void {
    this.#line.left();
    if (call.ask.weight > 1) this.#heavy--;
  }

  /** Starts whoever can start; one microtask later, because a call never runs its function before it returns. */
  #soon(): void {
    if (kernel.scheduler === undefined) void STARTED.then(this.#move);
    else this.#move();
  }

  readonly #move = (): void => {
    if (this.#moving) return;
    this.#moving = true;
    for (let next = this.#next; next !== undefined; next = this.#next) {
      if (this.#gate !== undefined) {
        this.#gate.expect(next.ask.key);
        break;
      }
      this.#start(next);
    }
    this.#moving = false;
    if (this.#gate !== undefined && this.#next === undefined) this.#gate.expectNobody();
    this.#tell();
  };

  /** Who could start now. */
  get #next(): QueuedCall | undefined {
    const first = this.#paused ? undefined : this.#line.first;
    return first !== undefined && first.ask.weight <= this.#free ? first : undefined;
  }

  /** The gate is open: starts the next one, and gives what settles with it. */
  admit(): unknown {
    touch(this);
    const next = this.#next;
    if (next === undefined) return undefined;
    this.#take(next);
    const end = this.#begin(next);
    this.#soon();
    return end;
  }

  /** The gate refuses the next one. */
  turnAway(error: unknown): void {
    touch(this);
    this.#next?.withdraw(error);
    this.#move();
  }

  #take(call: QueuedCall): void {
    call.ended();
    this.#left(call);
    this.#free -= call.ask.weight;
    this.#active++;
  }

  #start(call: QueuedCall): void {
    this.#take(call);
    const { scheduler } = kernel;
    if (scheduler === undefined) this.#begin(call);
    else scheduler.ready(call.token, this.label, () => void this.#begin(call));
  }

  /** Calls the function and gives what settles as it does. */
  #begin(call: QueuedCall): unknown {
    const { effective } = call.token;
    let end: unknown;
    try {
      if (effective !== undefined) throw effective;
      const result = this.insiders.callQueued(call);
      if (isThenable(result)) {
        const slot = this.#slots.take(call);
        const promise = Promise.resolve(result);
        promise.then(slot.ok, slot.no);
        return promise;
      }
      call.resolve(result);
    } catch (error) {
      end = call.reject(error);
    }
    this.#leave(call.ask.weight);
    return end;
  }

  #leave(weight: number): void {
    touch(this);
    this.#free += weight;
    this.#active--;
    if (this.#line.length > 0) this.#move();
    else this.#tell();
  }

  /** Waits between two attempts of a series. */
  rest(ms: number): Promise<void> {
    touch(this);
    return this.#rests.take(ms, this.label, this.#closed ? this.#gone() : undefined);
  }

  /** Runs what may enter several times: until it has ended, the limiter is not idle. */
  series<R>(body: () => Promise<R>): Promise<R> {
    return this.#rests.series(body, () => {
      touch(this);
      this.#tell();
    });
  }

  pause(): void {
    touch(this);
    this.#paused = true;
    this.#gate?.expectNobody();
  }

  resume(): void {
    touch(this);
    this.#paused = false;
    this.#soon();
  }

  /** Turns away all who wait. */
  clear(reason: unknown): number {
    touch(this);
    const asker = currentToken().task?.name;
    const cancelled = Cancelled.create(reason ?? 'the line was cleared', this.label, asker);
    const calls = this.#line.all();
    const resting = this.#rests.withdraw(cancelled);
    this.#withdrawAll(calls, () => cancelled);
    return calls.length + resting;
  }

  /** Nobody starts before all of them have left. */
  #withdrawAll(calls: readonly QueuedCall[], error: (call: QueuedCall) => Error): void {
    const outer = this.#moving;
    this.#moving = true;
    for (const call of calls) call.withdraw(error(call));
    this.#moving = outer;
    this.#move();
  }

  /** Takes no more calls, and turns away those who wait. */
  close(): void {
    this.#closed = true;
    this.clear('it was closed');
    this.#onlookers?.ready.refuseAll(this.#gone());
  }

  /** Waits until nobody is at work and nobody waits. */
  async idle(bounds?: WaitBounds): Promise<void> {
    this.insiders.refuse(`idle of ${this.label}`);
    const { idle } = this.#looking;
    return this.#looking.wait(idle, new Wait(`idle of ${this.label}`), bounds);
  }

  /** The same for whoever must not leave before, also when cancelled. */
  ended(): Promise<void> {
    const { idle } = this.#looking;
    return this.#looking.wait(idle, new Join(`end of ${this.label}`), undefined);
  }

  /** Waits until a call would be welcome. */
  ready(bounds?: WaitBounds): Promise<void> {
    const wait = new Wait<void>(`room at ${this.label}`);
    if (this.#closed && !wait.settled) wait.withdraw(this.#gone());
    return this.#looking.wait(this.#looking.ready, wait, bounds);
  }

  get #looking(): Onlookers {
    this.#onlookers ??= new Onlookers(this);
    return this.#onlookers;
  }

  /** What calls reject with once it is closed. */
  #gone(): Cancelled {
    return Cancelled.create('it was closed', this.label, undefined);
  }

  get isIdle(): boolean {
    return this.#active + this.#line.length + this.#rests.running === 0;
  }

  get isReady(): boolean {
    const { maxWaiting } = this.#rules;
    const { length } = this.#line;
    if (maxWaiting > 0 && maxWaiting !== Number.POSITIVE_INFINITY) return length < maxWaiting;
    return length === 0 && !this.#paused && this.#free > 0;
  }

  /** Wakes those who wait for the limiter itself. */
  #tell(): void {
    this.#onlookers?.tell();
  }
}

const shape = { label: '', concurrency: 1, maxWaiting: 1, overflow: 'reject', gate: undefined };
keepShape(new Turnstile(shape as TurnstileRules));
