/**
 * A call that waits for its turn at a limiter. It is its own place in the line and its own wait in the tree of cancellation: one object with
 * the resolver of the promise that the caller has, and it is the capture of the caller's context too. What a million of them keep decides what
 * they cost: most of the time goes into collecting garbage around them.
 *
 * @module
 */
import type { WaitBounds } from '../core/bounds.ts';
import type { Timer } from '../core/clock.ts';
import { CallContext } from '../core/context.ts';
import { toMilliseconds } from '../core/duration.ts';
import { type Cancelled, TimedOut } from '../core/errors.ts';
import { kernel, now, touch } from '../core/kernel.ts';
import { Captured, type Pending, rootToken, type Token } from '../core/token.ts';
import type { Waiter, WaitQueue } from '../core/wait-queue.ts';
import { CallSite } from '../runtime/call-site.ts';
import { keepShape } from '../runtime/keep-shape.ts';

/** What a call asks for. */
export interface Ask {
  readonly priority: number;
  readonly weight: number;
  readonly key: unknown;
}

/** What nearly all calls ask for; they share it. */
export const PLAIN: Ask = { priority: 0, weight: 1, key: undefined };

/** When a call leaves the line without its turn, and what it fails with. */
export interface Deadline {
  readonly at: number;
  readonly error: () => unknown;
}

/** Until when a call waits for its turn. */
export function deadlineOf(label: string, { timeout }: WaitBounds): Deadline | undefined {
  if (timeout === undefined) return undefined;
  const ms = toMilliseconds(timeout, 'timeout');
  const site = new CallSite(deadlineOf);
  return { at: now() + ms, error: () => TimedOut.at(site, ms, `waiting for ${label}`) };
}

/** Where a call waits. */
export interface CallOwner {
  readonly label: string;
  /** What the task tree shows for a call that waits. */
  readonly shown: string;
  /** Functions whose synchronous part is on the stack. */
  calling: number;
  /** A call has left the line without its turn. */
  withdrawn(call: QueuedCall): void;
}

/** A function as the line sees it. */
// biome-ignore lint/suspicious/noExplicitAny: functions of all shapes stand in one line.
export type AnyFunction = (...args: any[]) => unknown;

/** Its arguments, without the context. */
export type Args = readonly unknown[];

/** Calls a function with its arguments, and behind them the context of whoever asked for the call. */
export function callWith(owner: CallOwner, fn: AnyFunction, args: Args, token: Token): unknown {
  const context = new CallContext(token.open(), 0, 1);
  owner.calling++;
  try {
    // A list that is spread before the last argument costs as much as the rest of the call.
    switch (args.length) {
      case 0:
        return fn(context);
      case 1:
        return fn(args[0], context);
      case 2:
        return fn(args[0], args[1], context);
      default:
        return fn(...args, context);
    }
  } finally {
    owner.calling--;
  }
}

/** No arguments: shared, because an empty list for each call that waits would be kept. */
export const NONE: Args = [];

let resolveNew: (value: unknown) => void = nothing;
function nothing(): void {}
function takeResolve(resolve: (value: unknown) => void): void {
  resolveNew = resolve;
}

/** The call. Made by `queueCall`. */
export class QueuedCall extends Captured implements Pending, Waiter<void, Ask> {
  readonly ask: Ask;
  readonly token: Token;
  previous: Pending | undefined;
  next: Pending | undefined;
  queue: WaitQueue<void, Ask> | undefined;
  ahead: Waiter<void, Ask> | undefined;
  behind: Waiter<void, Ask> | undefined;
  readonly resolve: (value: unknown) => void = resolveNew;
  readonly #owner: CallOwner;
  readonly #fn: AnyFunction;
  readonly #args: Args;

  constructor(owner: CallOwner, fn: AnyFunction, args: Args, ask: Ask, token: Token) {
    super();
    this.ask = ask;
    this.token = token;
    this.#owner = owner;
    this.#fn = fn;
    this.#args = args;
  }

  get shown(): string {
    return this.#owner.shown;
  }

  /** Nothing is to be undone beside leaving the line. */
  get undo(): undefined {
    return undefined;
  }

  /** It stands in line from now on. */
  began(): void {
    kernel.activity++;
    this.token.unit.block();
    this.token.add(this);
  }

  /** It waits no longer. */
  ended(): void {
    kernel.activity++;
    this.queue?.remove(this);
    this.token.remove(this);
    this.token.unit.unblock();
  }

  /** Calls the function in the context of whoever asked for it. */
  call(): unknown {
    return this.runInAsyncScope(callWith, undefined, this.#owner, this.#fn, this.#args, this.token);
  }

  cancel(cancelled: Cancelled): void {
    this.withdraw(cancelled);
  }

  /**
   * Rejects, by way of a promise that has: a second settler would be kept for every call, and hardly any needs it.
   *
   * @returns that promise, which counts as handled
   */
  reject(error: unknown): unknown {
    const rejected = Promise.reject(error);
    // It is the promise of the caller that nobody may handle; hosts keep a list of such promises, and Deno searches it for each.
    rejected.catch(nothing);
    this.resolve(rejected);
    return rejected;
  }

  /** Leaves the line without its turn. */
  withdraw(error: unknown): void {
    if (this.queue === undefined) return;
    touch(this.token);
    this.ended();
    this.refuse(error);
    this.#owner.withdrawn(this);
  }

  /** The waiters of a `WaitQueue` can be served by it; a call is started by its limiter instead. */
  give(): void {}

  refuse(error: unknown): void {
    const { scheduler } = kernel;
    if (scheduler === undefined) this.reject(error);
    else scheduler.ready(this.token, this.#owner.label, () => this.reject(error));
  }
}

/** A call that does not wait for ever. */
class BoundedCall extends QueuedCall {
  timer: Timer | undefined;

  override ended(): void {
    super.ended();
    this.timer?.stop();
  }
}

/** Makes a call and the promise of its result. */
export function queueCall<R>(
  owner: CallOwner,
  fn: AnyFunction,
  args: Args,
  ask: Ask,
  token: Token,
  queued: (call: QueuedCall) => void,
  deadline?: Deadline,
): Promise<R> {
  const promise = new Promise<R>(takeResolve as never);
  if (deadline === undefined) {
    queued(new QueuedCall(owner, fn, args, ask, token));
  } else {
    const call = new BoundedCall(owner, fn, args, ask, token);
    const { at, error } = deadline;
    if (at < Number.POSITIVE_INFINITY)
      call.timer = kernel.clock.at(at, () => call.withdraw(error()));
    queued(call);
  }
  return promise;
}

/** A place at work: two callbacks, made once and used for call after call, so a call costs no closure. */
export class Slot {
  call: QueuedCall | undefined;
  readonly ok: (value: unknown) => void;
  readonly no: (error: unknown) => void;

  /** @param settled called when the work in it has settled */
  constructor(settled: (slot: Slot, call: QueuedCall) => void) {
    this.ok = (value) => {
      const { call } = this;
      if (call === undefined) return;
      this.call = undefined;
      call.resolve(value);
      settled(this, call);
    };
    this.no = (error) => {
      const { call } = this;
      if (call === undefined) return;
      this.call = undefined;
      call.reject(error);
      settled(this, call);
    };
  }
}

const nobody: CallOwner = { label: '', shown: '', calling: 0, withdrawn: nothing };
keepShape(new QueuedCall(nobody, nothing, [], PLAIN, rootToken));
