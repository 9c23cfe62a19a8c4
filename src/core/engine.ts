/**
 * The contract of an engine: where a function runs. It lives in core so that flows can use an engine without knowing any.
 *
 * @module
 */

import type { CallSite } from '../runtime/call-site.ts';
import { availableCores } from '../runtime/runtime.ts';
import {
  describe,
  requireBoolean,
  requireFunction,
  requireInteger,
  requireSignal,
  requireString,
} from './arguments.ts';
import type { Arguments, Received } from './body.ts';
import type { Context, MaybePromise } from './context.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { type NamesOf, requireOptions } from './known-options.ts';

/** What an engine is told about one call besides the function and its arguments. */
export interface Call {
  /** Asks the body to stop. When it has, the call rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** From the start of the body. */
  readonly timeout?: Duration | undefined;
  /** Time to stop in, before the body is reported as stuck, or killed where the engine can. */
  readonly grace?: Duration | undefined;
  /** What errors and traces call the body. */
  readonly name?: string | undefined;
  /** Position of the input, from 0. Default 0. */
  readonly index?: number | undefined;
  /** From 1. Default 1. */
  readonly attempt?: number | undefined;
  /** Moved instead of copied, where the engine has another memory: unusable here afterwards. */
  readonly transfer?: readonly Transferred[] | undefined;
  /** Runs the body in a worker of its own, for which the pool grows if it must. Default false. */
  readonly exclusive?: boolean | undefined;
  /** Further fields of the body's context; what can be shared across a boundary is shared as an argument is. */
  readonly extras?: Readonly<Record<string, unknown>> | undefined;
  /** @internal Where the work was asked for, if not where `submit` is called. */
  readonly site?: CallSite | undefined;
}

const CALL_NAMES: NamesOf<Call> = {
  signal: true,
  timeout: true,
  grace: true,
  name: true,
  index: true,
  attempt: true,
  transfer: true,
  exclusive: true,
  extras: true,
  site: false,
};

/** What can be moved from one memory to another. Ports are described by what they do, for callers without the types of Node. */
export type Transferred = ArrayBuffer | TransferredPort;

/** A `MessagePort`, of Node or of the web. */
export interface TransferredPort {
  postMessage(value: unknown, transfer?: readonly never[]): void;
  start(): void;
  close(): void;
}

/** What a flow calls for each item. */
export type Lane<T, R> = (item: T, context: Context) => MaybePromise<R>;

/** Runs functions somewhere. Their last argument is a Context. */
export interface Engine extends AsyncDisposable {
  /** `loop`, `threads` … */
  readonly name: string;
  /** How many bodies it runs at once: the default concurrency of a flow. */
  readonly capacity: number;
  /** Whether its bodies are plain calls on this event loop: whoever has a task for one may call it without asking. Default false. */
  readonly inPlace?: boolean;
  /**
   * How many calls of `fn` are worth having at hand beyond those that run, because they then travel together; 0 for one that is slow, or of
   * which nothing is known. A flow without a concurrency of its own hands over so many more.
   *
   * @param site where the work was asked for, if not where this is called
   * @throws what `submit` would reject with for a function that cannot run here
   */
  prefetch?(fn: (...args: never[]) => unknown, site?: CallSite): number;
  /**
   * Runs `fn(...args, context)` and gives its result; rejects with `Cancelled`, the reason of `signal` or `TimedOut` when it was stopped. Every parameter needs an
   * argument, but a last one that takes the context. An engine declares `submit<R>(fn: (...args: never) => MaybePromise<R>, args: readonly unknown[], call: Call)`.
   */
  submit<A extends Arguments<P>, R, P extends readonly unknown[] = Received<A>>(
    fn: (this: void, ...args: P) => MaybePromise<R>,
    args: readonly [...A],
    call: Call,
  ): Promise<R>;
  /**
   * Makes what a flow calls for each item in place of `submit`, once a flow: for an engine on this event loop, where a call costs more
   * than a small body. It is called in the frame of the flow, with its context, and gives the value itself where there is nothing to wait for.
   */
  laneOf?<T, R>(fn: Lane<T, R>, call: Call): Lane<T, R>;
}

/** Requires an engine. */
export function requireEngine(value: unknown, name: string): void {
  if (typeof (value as Engine | null | undefined)?.submit !== 'function') {
    throw new TypeError(`Expected ${name} to be an engine: got ${describe(value)}`);
  }
}

/** Checks what `submit` of any engine is given, at the call. */
export function checkSubmission(fn: unknown, args: unknown, call: Call): void {
  requireFunction(fn, 'fn');
  if (!Array.isArray(args)) {
    throw new TypeError(`Expected args to be an array: got ${describe(args)}`);
  }
  // One with a site was made by a function of ours: to look at its names would cost a tenth of a tiny call.
  if (call?.site === undefined) requireOptions(call, CALL_NAMES, 'submit');
  const { signal, timeout, grace, name, index, attempt, transfer, exclusive } = call;
  if (signal !== undefined) requireSignal(signal, 'signal');
  if (timeout !== undefined) toMilliseconds(timeout, 'timeout');
  if (grace !== undefined) toMilliseconds(grace, 'grace');
  if (name !== undefined) requireString(name, 'name');
  if (index !== undefined) requireInteger(index, 'index', 0);
  if (attempt !== undefined) requireInteger(attempt, 'attempt', 1);
  if (exclusive !== undefined) requireBoolean(exclusive, 'exclusive');
  if (transfer !== undefined && !Array.isArray(transfer)) {
    throw new TypeError(`Expected transfer to be an array: got ${describe(transfer)}`);
  }
}

/** How many bodies run at once in an event loop where nothing else is said: as many as in Python's thread pools, which flows replace. */
export function loopCapacity(): number {
  return Math.min(32, availableCores() + 4);
}
