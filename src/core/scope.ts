/**
 * What a scope is to its users: the interface and its options. A scope owns tasks; it ends when they have ended, and what ends
 * it ends them. It is Trio's nursery and cancel scope (https://trio.readthedocs.io) in one, as in Java's structured task scopes.
 *
 * @module
 */
import {
  describe,
  requireBoolean,
  requireInteger,
  requireOneOf,
  requireSignal,
} from './arguments.ts';
import type { Cleanup } from './cleanups.ts';
import type { Thunk } from './context.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import type { Ready, Starter } from './ready.ts';
import { type Runner, requireRunner } from './runner.ts';
import type { Task } from './task.ts';

/** How a scope behaves. */
export interface ScopeOptions {
  /** What errors and the task tree call it. Default `scope`. */
  readonly name?: string | undefined;
  /** Time until it is cancelled and rejects with `TimedOut`, when its work has ended, also if that gave a value all the same. Default: none. */
  readonly timeout?: Duration | undefined;
  /** The same as a point of `now()`'s clock, in milliseconds. Default: none. */
  readonly deadline?: number | undefined;
  /** Hides the cancellation of outer scopes; its own deadline stays. Default false. */
  readonly shield?: boolean | undefined;
  /** Cancels the scope when it aborts, which then rejects with the signal's `reason` itself; the link is removed at the end. */
  readonly signal?: AbortSignal | undefined;
  /** What a failing task does to the others: `cancel` them (default) or let them `continue`. Its error surfaces in both cases. */
  readonly onError?: 'cancel' | 'continue' | undefined;
  /** `first` (default) throws the first error unchanged; `aggregate` always an AggregateError, even of one. */
  readonly errors?: 'first' | 'aggregate' | undefined;
  /** How many tasks run at once; further ones are `queued`. A number from 1, or anything with a `run` method. Default: no limit. */
  readonly limit?: number | Runner | undefined;
  /** Time that cancelled work gets before it is reported as stuck and left behind. Default 5 s. */
  readonly grace?: Duration | undefined;
  /**
   * Settles at the moment of a cancellation, a failure or the deadline, and leaves behind, without a report, what does not stop at once.
   * Clean-ups of this scope run all the same. Whoever tests finds what was left by `assertNoLeaks`. Default false.
   */
  readonly abandon?: boolean | undefined;
}

/** Their names. */
export const SCOPE_NAMES: NamesOf<ScopeOptions> = {
  name: true,
  timeout: true,
  deadline: true,
  shield: true,
  signal: true,
  onError: true,
  errors: true,
  limit: true,
  grace: true,
  abandon: true,
};

/** How a task is spawned. */
export interface SpawnOptions {
  /** Default: the name of the function. */
  readonly name?: string | undefined;
  /** The scope does not wait for it: it is cancelled when the body and all other tasks have ended. Default false. */
  readonly daemon?: boolean | undefined;
}

const SPAWN_NAMES: NamesOf<SpawnOptions> = { name: true, daemon: true };

/** Owns tasks: nothing that was started in it outlives it. */
export interface Scope extends AsyncDisposable {
  /** Unique in this process. */
  readonly id: number;
  /** What errors and the task tree call it. */
  readonly name: string;
  /** `cancelling` from a cancellation, of this scope or of one around it, to the end. */
  readonly state: 'open' | 'cancelling' | 'closed';
  /** Aborted, with the `Cancelled` as reason, when the scope is cancelled. Made on first use. */
  readonly signal: AbortSignal;
  /** Whether a cancellation holds here, of this scope or of one around it. */
  readonly cancelled: boolean;
  /** What was given to the `cancel` that holds here. */
  readonly reason: unknown;
  /** On the clock of `now()`; setting it moves the deadline, Infinity removes it. */
  deadline: number;
  /** The earliest deadline that can reach this scope; -Infinity once it is cancelled. */
  readonly effectiveDeadline: number;
  /** The tasks that have not ended. */
  readonly tasks: ReadonlySet<Task<unknown>>;
  /** The errors so far, in the order of time. */
  readonly errors: readonly unknown[];
  /**
   * Starts a task in a microtask. Its failure cancels the scope (see `onError`). It runs to its first wait in any case, also where the scope
   * was cancelled before: so it can give back what it was handed.
   * @throws ScopeClosed when the scope has ended
   */
  spawn<T>(fn: Thunk<T>, options?: SpawnOptions | string): Task<T>;
  /**
   * Starts a task and waits until it calls `ready`. The task is wrapped with the value, because a promise of a task would wait
   * for its end. If it fails before it is ready, that error is thrown here and the scope does not hear of it.
   */
  start<V, T = void>(fn: Starter<V, T>, options?: SpawnOptions | string): Promise<Ready<V, T>>;
  /** Cancels the body and all tasks. The first reason stays. It changes nothing any more when the clean-ups run. */
  cancel(reason?: unknown): void;
  /**
   * Runs `cleanup` at the end: last deferred first, after all tasks, shielded from cancellation. It has `timeout`, or all the time it takes.
   * Scopes that were opened here as handles have their place in the same order: they are stopped as if that had been deferred when they were opened.
   */
  defer(cleanup: Cleanup, options?: { readonly timeout?: Duration }): void;
  /** Disposes of the resource at the end, as `defer` does. */
  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R;
  /**
   * Waits for the tasks and throws as the scope would. The handle of `openScope` is closed by it, its clean-ups included.
   * @throws TypeError in one of its tasks or clean-ups: it would wait for itself
   */
  join(): Promise<void>;
  /** Waits until no task is at work; the scope stays open. */
  idle(): Promise<void>;
}

/** Checks how a task is to be spawned; a text is its name. `owner` is what the user has called. */
export function spawnOptions(
  options: SpawnOptions | string | undefined,
  owner: string,
): SpawnOptions | undefined {
  if (typeof options === 'string') return { name: options };
  if (options !== undefined) requireOptions(options, SPAWN_NAMES, owner);
  return options;
}

/** Checks the options of a scope; see ScopeOptions for the bounds. */
export function checkScopeOptions(options: ScopeOptions): void {
  if (options.timeout !== undefined) toMilliseconds(options.timeout, 'timeout');
  if (options.grace !== undefined) toMilliseconds(options.grace, 'grace');
  if (options.signal !== undefined) requireSignal(options.signal, 'signal');
  if (options.abandon !== undefined) requireBoolean(options.abandon, 'abandon');
  if (options.onError !== undefined)
    requireOneOf(options.onError, 'onError', ['cancel', 'continue']);
  if (options.errors !== undefined) requireOneOf(options.errors, 'errors', ['first', 'aggregate']);
  if (typeof options.limit === 'number') requireInteger(options.limit, 'limit', 1);
  else if (options.limit !== undefined) requireRunner(options.limit, 'limit');
  if (options.deadline !== undefined) requirePoint(options.deadline, 'deadline');
}

/** Requires a point in time; Infinity is one. */
export function requirePoint(value: unknown, name: string): void {
  if (typeof value !== 'number') {
    throw new TypeError(
      `Expected ${name} to be a point in time in milliseconds: got ${describe(value)}`,
    );
  }
  if (Number.isNaN(value)) throw new RangeError(`Expected ${name} to be a point in time: got NaN`);
}
