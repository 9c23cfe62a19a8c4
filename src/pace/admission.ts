/**
 * Who may start now: the one place where places, weights, rates, priorities and pauses are looked at, for limiters and for rates alike.
 *
 * There are two ways in. A call that finds room runs at once, or in an async function of its own one microtask later, and is kept nowhere. A
 * call that must wait is one object in the line (see queued-call.ts), whose function is called by whoever makes room: were callers only
 * to be woken, and to call then, many could be late by different times and start together.
 *
 * A start lies somewhere between a look at the clock before the call and one after, and the thread can be held up in between: by the
 * collector, or by the system. The look before decides whether the call may start (an older one that allows it will do), and the
 * look after is what counts for those that follow. So no two starts, as the called see them, are closer than they should be.
 *
 * @module
 */
import { isThenable } from '../core/arguments.ts';
import type { WaitBounds } from '../core/bounds.ts';
import { CallContext, type Thunk } from '../core/context.ts';
import { Cancelled } from '../core/errors.ts';
import { kernel, touch } from '../core/kernel.ts';
import { currentToken, type Token } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { Gate, type GateRules } from './gate.ts';
import type { Use } from './keys-in-use.ts';
import { type LineOverflow, PriorityLine } from './priority-line.ts';
import {
  type AnyFunction,
  type Args,
  type Ask,
  callWith,
  type Deadline,
  deadlineOf,
  NONE,
  PLAIN,
  type QueuedCall,
  queueCall,
  Slot,
} from './queued-call.ts';

const STARTED: Promise<void> = Promise.resolve();

/** Stands for no limit, as an integer: fields that hold now an integer, now Infinity cost V8 its code. */
const UNLIMITED = 2 ** 30;

/** How calls are let in; checked. */
export interface AdmissionRules {
  readonly label: string;
  /** Places that calls hold until they have settled; Infinity for no limit, undefined where only starts count. */
  readonly concurrency: number | undefined;
  /** Infinity for no limit. */
  readonly maxWaiting: number;
  readonly overflow: LineOverflow;
  /** Undefined where nothing but a place is needed. */
  readonly gate: GateRules | undefined;
}

/** One line, and those at work that have come from it. */
export class Admission {
  readonly label: string;
  /** Functions whose synchronous part is on the stack. */
  calling = 0;
  closed = false;
  /** Whether somebody wants to know of changes. */
  isWatched = false;
  readonly #rules: AdmissionRules;
  /** What an explorer is told of. */
  readonly #shared: object;
  /** Whether calls have places, until they have settled. */
  readonly #holds: boolean;
  #concurrency: number;
  /** Places that nobody has; below 0 when the number was lowered while they were taken. */
  #free: number;
  /** Calls at work. */
  #active = 0;
  /** Calls in line with a weight above 1. */
  #heavy = 0;
  readonly #line = new PriorityLine();
  /** As many as have ever been at work at once, without those that are. */
  readonly #slots: Slot[] = [];
  readonly gate: Gate | undefined;
  #paused = false;
  #moving = false;
  /** A function is being called, and when it began is not known yet. Whoever it submits itself waits in line. */
  #starting = false;

  constructor(rules: AdmissionRules) {
    const { label, concurrency = Number.POSITIVE_INFINITY, gate } = rules;
    this.label = label;
    this.#rules = rules;
    this.#shared = gate?.pacing ?? this;
    this.#holds = rules.concurrency !== undefined;
    this.#concurrency = concurrency;
    this.#free = finite(concurrency);
    this.gate = gate && new Gate(gate, this);
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(concurrency: number) {
    touch(this);
    const more = finite(concurrency) - finite(this.#concurrency);
    this.#free += more;
    this.#concurrency = concurrency;
    if (more > 0) this.#soon();
    else if (this.#heavy > 0) {
      const heavy = this.#line.all().filter(({ ask }) => ask.weight > concurrency);
      this.withdrawAll(({ ask }) => this.#tooHeavy(ask), heavy);
    }
  }

  get active(): number {
    touch(this);
    return this.#active;
  }

  /** How many stand in line. */
  get length(): number {
    return this.#line.length;
  }

  get paused(): boolean {
    touch(this);
    return this.#paused;
  }

  /** What the task tree shows for a call that waits. */
  get shown(): string {
    if (!this.#holds) return this.label;
    const all = this.#concurrency === Number.POSITIVE_INFINITY ? '' : ` of ${this.#concurrency}`;
    return `${this.label} (${this.#paused ? 'paused, ' : ''}${this.#active}${all} at work)`;
  }

  /** Runs a function when it is its turn, a microtask later at the earliest. */
  enter<R>(fn: AnyFunction, args: Args, ask: Ask = PLAIN, until?: Deadline): Promise<R> {
    const token = currentToken();
    if (
      this.#line.length === 0 &&
      ask.weight <= this.#free &&
      !this.#paused &&
      !this.closed &&
      this.gate === undefined &&
      token.effective === undefined &&
      kernel.scheduler === undefined
    ) {
      this.#free -= ask.weight;
      this.#active++;
      return this.#runNow(fn, args, ask, token, until) as Promise<R>;
    }
    return this.#stand(fn, args, ask, token, until);
  }

  async #runNow(fn: AnyFunction, args: Args, ask: Ask, token: Token, until?: Deadline) {
    await STARTED;
    try {
      if (token.effective !== undefined) throw token.effective;
      if (!this.#paused || this.closed) return await callWith(this, fn, args, token);
      const queued = (call: QueuedCall): void => this.#join(call, true);
      return queueCall(this, fn, args, ask, token, queued, until);
    } finally {
      this.#leave(ask.weight);
    }
  }

  /** Calls a function before it returns if its turn has come, else when it comes: where starts are counted, and nothing is held. */
  start<R>(fn: Thunk<R>, ask: Ask, bounds: WaitBounds | undefined): Promise<R> {
    touch(this.#shared);
    const token = currentToken();
    const isFirst = this.#line.length === 0 && !this.#starting;
    if (isFirst && token.effective === undefined && this.gate?.isOpenAlready(ask))
      return this.#startNow(fn, ask, token);
    return this.#stand(fn, NONE, ask, token, bounds && deadlineOf(this.label, bounds));
  }

  #startNow<R>(fn: Thunk<R>, ask: Ask, token: Token): Promise<R> {
    this.#starting = true;
    try {
      return Promise.resolve(fn(new CallContext(token, 0, 1)));
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#started(ask);
      if (this.#line.length > 0) this.move();
    }
  }

  #started(ask: Ask): void {
    this.gate?.started(ask);
    this.#starting = false;
  }

  #stand<R>(fn: AnyFunction, args: Args, ask: Ask, token: Token, until?: Deadline): Promise<R> {
    touch(this.#shared);
    // The wait that is refused counts the rejections of a loop that swallows them.
    if (token.effective !== undefined) return new Wait<R>(this.label, token).promise;
    const refusal = this.#refusal(ask);
    if (refusal !== undefined) return Promise.reject(refusal.error);
    const queued = (call: QueuedCall): void => {
      this.#join(call, false);
      if (this.#line.first === call) this.#soon();
    };
    return queueCall<R>(this, fn, args, ask, token, queued, until);
  }

  #join(call: QueuedCall, back: boolean): void {
    call.began();
    if (back) this.#line.takeBack(call);
    else this.#line.push(call);
    if (call.ask.weight > 1) this.#heavy++;
    this.gate?.pacing.entered();
  }

  /** Why a call may not stand in line; undefined when it may. Drops another one to make room for it. */
  #refusal(ask: Ask): { readonly error: unknown } | undefined {
    const line = this.#line;
    if (this.closed) return { error: this.gone() };
    if (ask.weight > this.#concurrency) return { error: this.#tooHeavy(ask) };
    const { maxWaiting, overflow } = this.#rules;
    const startsAtOnce = line.length === 0 && !this.#paused && ask.weight <= this.#free;
    if (line.length >= maxWaiting && !startsAtOnce) {
      const error = line.makeRoom(overflow, ask.priority, this.label);
      if (error !== undefined) return { error };
    }
    return this.gate?.pacing.refusal();
  }

  #tooHeavy({ weight }: Ask): RangeError {
    return new RangeError(
      `Expected weight to be at most the concurrency of ${this.label}, ${this.#concurrency}: got ${weight}`,
    );
  }

  /** What calls reject with once it is closed. */
  gone(): Cancelled {
    return Cancelled.create('it was closed', this.label, undefined);
  }

  /** A call has left the line without its turn. */
  withdrawn(call: QueuedCall): void {
    touch(this.#shared);
    this.#left(call);
    this.move();
  }

  #left(call: QueuedCall): void {
    this.#line.left();
    if (call.ask.weight > 1) this.#heavy--;
    this.gate?.pacing.left();
  }

  /** Starts whoever can start. A limiter never calls a function before its own call has returned: it waits for a microtask. */
  #soon(): void {
    if (kernel.scheduler === undefined && this.#holds) void STARTED.then(this.move);
    else this.move();
  }

  /** Starts whoever can start. */
  readonly move = (): void => {
    if (this.#moving || this.#starting) return;
    this.#moving = true;
    let next = this.#next;
    for (; next !== undefined && this.gate?.isOpen(next.ask) !== false; next = this.#next) {
      this.#begin(next);
    }
    this.#moving = false;
    if (next === undefined) this.gate?.expectNobody();
    if (this.isWatched) this.changed();
  };

  /** Who could start now. */
  get #next(): QueuedCall | undefined {
    const first = this.#paused || this.#starting ? undefined : this.#line.first;
    const isNext = first !== undefined && (first.ask.weight <= this.#free || !this.#holds);
    return isNext ? first : undefined;
  }

  /** The door is open: starts the next one, and gives what settles with it. */
  admit(): unknown {
    touch(this);
    const next = this.#next;
    if (next === undefined) return undefined;
    this.#take(next);
    const end = this.#call(next);
    this.#soon();
    return end;
  }

  /** The door will not open for the next one. */
  turnAway(error: unknown): void {
    touch(this);
    this.#next?.withdraw(error);
    this.move();
  }

  #begin(call: QueuedCall): void {
    this.#take(call);
    const { scheduler } = kernel;
    if (scheduler === undefined) this.#call(call);
    else
      scheduler.ready(call.token, this.label, () => {
        this.#call(call);
        if (this.gate !== undefined) this.move();
      });
  }

  #take(call: QueuedCall): void {
    call.ended();
    this.#left(call);
    this.#starting = this.gate !== undefined;
    if (!this.#holds) return;
    this.#free -= call.ask.weight;
    this.#active++;
  }

  /** Calls the function and gives what settles as it does. */
  #call(call: QueuedCall): unknown {
    const { effective } = call.token;
    let end: unknown;
    try {
      if (effective !== undefined) throw effective;
      const result = call.call();
      if (this.#starting) this.#started(call.ask);
      if (this.#holds && isThenable(result)) {
        const slot = this.#slots.pop() ?? new Slot(this.#settled);
        slot.call = call;
        end = Promise.resolve(result);
        (end as Promise<unknown>).then(slot.ok, slot.no);
        return end;
      }
      call.resolve(result);
    } catch (error) {
      // One that was cancelled meanwhile has not started.
      if (effective !== undefined) this.#starting = false;
      else if (this.#starting) this.#started(call.ask);
      end = call.reject(error);
    }
    if (this.#holds) this.#leave(call.ask.weight);
    return end;
  }

  /** What was called in a place has settled. */
  readonly #settled = (slot: Slot, { ask }: QueuedCall): void => {
    this.#slots.push(slot);
    this.#leave(ask.weight);
  };

  #leave(weight: number): void {
    touch(this);
    this.#free += weight;
    this.#active--;
    if (this.#line.length > 0) this.move();
    else if (this.isWatched) this.changed();
  }

  /** Something has changed for those who wait for the limiter itself. */
  changed(): void {}

  pause(): void {
    touch(this);
    this.#paused = true;
    this.gate?.expectNobody();
  }

  resume(): void {
    touch(this);
    this.#paused = false;
    this.#soon();
  }

  /** Turns calls away, all who stand in line or these; nobody starts before they have left. Gives how many it were. */
  withdrawAll(
    error: (call: QueuedCall) => unknown,
    calls: readonly QueuedCall[] = this.#line.all(),
  ): number {
    const outer = this.#moving;
    this.#moving = true;
    for (const call of calls) call.withdraw(error(call));
    this.#moving = outer;
    this.move();
    return calls.length;
  }

  /** Whether a call may have to wait for those at work. */
  get isFull(): boolean {
    return this.#free <= 0 || this.#rules.gate?.door?.limit !== undefined;
  }

  /** Whether one more would be welcome in line. */
  get hasRoom(): boolean {
    const { maxWaiting } = this.#rules;
    const { length } = this.#line;
    if (maxWaiting > 0 && maxWaiting !== Number.POSITIVE_INFINITY) return length < maxWaiting;
    return length === 0 && !this.#paused && this.#free > 0;
  }

  /** Whether somebody waits, or something is remembered that matters. */
  get use(): Use {
    if (this.length > 0) return 'busy';
    return this.#starting ? 'lately' : (this.gate as Gate).use;
  }
}

function finite(concurrency: number): number {
  return Math.min(concurrency, UNLIMITED);
}
