/**
 * The conditions a caller may want to handle, each a class with a literal `code`. Match by `code` where errors may have crossed
 * a thread or come from a second copy of this package. Wrong use is a plain TypeError or RangeError instead.
 *
 * @module
 */
import type { CallSite } from '../runtime/call-site.ts';
import { isA, textOf } from './arguments.ts';
import { ownErrors } from './error-classes.ts';
import { framesOf, placeAt } from './placed.ts';

/** Makes an error without collecting a stack: collecting costs ten times the rest, and a cancellation has no place of its own. */
function withoutStack<E>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/**
 * Says that a scope or task was cancelled. Every wait in the cancelled scope rejects with the same instance, which is also the
 * `reason` of its signal. The name and code are those of a host's abort, so code that knows `fetch` knows this.
 */
export class Cancelled extends Error {
  /** Stable, for matching. */
  override readonly name = 'AbortError';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ABORT_ERR';
  /** What was given to `cancel`: an error, a text, anything. */
  readonly reason: unknown;
  /** Name of the scope, task or flow at which the cancellation started. */
  readonly scope: string;
  /** Name of the task that asked for it, or failed; undefined when it was none, as for a deadline or a signal. */
  readonly requestedBy: string | undefined;

  private constructor(reason: unknown, scope: string, requestedBy: string | undefined) {
    super(
      `Cancelled ${scope}${requestedBy === undefined ? '' : ` by ${requestedBy}`}: ${reasonText(reason)}`,
      isA(reason, Error) ? { cause: reason } : undefined,
    );
    this.reason = reason;
    this.scope = scope;
    this.requestedBy = requestedBy;
  }

  /**
   * Its stack is the place where a user asked for it, or that of the error which is its reason.
   *
   * @param asked the function by which the user asks now
   * @internal
   */
  static create(
    reason: unknown,
    scope: string,
    requestedBy: string | undefined,
    asked?: Asking,
  ): Cancelled {
    const cancelled = withoutStack(() => new Cancelled(reason, scope, requestedBy));
    if (asked !== undefined) Error.captureStackTrace?.(cancelled, asked);
    else if (isA(reason, Error)) placeAt(cancelled, () => framesOf(reason));
    return cancelled;
  }
}

/** A function that users call: its frame, and those of what it calls, are left out of a stack. */
export type Asking = (...args: never[]) => unknown;

function reasonText(reason: unknown): string {
  // What it could not finish has been named already.
  if (isA(reason, TimedOut)) return `its limit was ${reason.after} ms`;
  return reason === undefined ? 'no reason given' : textOf(reason);
}

/** Says that a deadline has passed. */
export class TimedOut extends Error {
  /** Stable, for matching. */
  override readonly name = 'TimeoutError';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_TIMED_OUT';
  /** How long the work was given, in milliseconds. */
  readonly after: number;

  /**
   * @param after milliseconds
   * @param what what had the limit, as the user calls it; where it has no name, nothing
   * @param options.cause what it failed with before, if anything
   */
  constructor(after: number, what?: string, options?: ErrorOptions) {
    const limit = `${Math.round(after * 1000) / 1000} ms`;
    super(
      what === undefined ? `Timed out after ${limit}` : `Could not finish ${what} within ${limit}`,
      options,
    );
    this.after = after;
  }

  /**
   * One whose stack is the place where the limit was set, not that of the timer.
   *
   * @internal
   */
  static at(site: CallSite | undefined, after: number, what?: string, cause?: unknown): TimedOut {
    const timedOut = withoutStack(
      () => new TimedOut(after, what, cause === undefined ? undefined : { cause }),
    );
    if (site !== undefined) placeAt(timedOut, () => site.frames);
    return timedOut;
  }
}

/** Says that a scope takes no more work because it has ended. */
export class ScopeClosed extends Error {
  /** Stable, for matching. */
  override readonly name = 'ScopeClosed';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_SCOPE_CLOSED';
}

/** Says that a task was asked for its result while it was still at work. */
export class TaskNotDone extends Error {
  /** Stable, for matching. */
  override readonly name = 'TaskNotDone';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_TASK_NOT_DONE';
}

/** Says that a queue or channel is closed: nothing can be put in, or everything has been taken out. */
export class ChannelClosed extends Error {
  /** Stable, for matching. */
  override readonly name = 'ChannelClosed';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_CHANNEL_CLOSED';
}

/** Says that something would have had to wait, where waiting was ruled out. */
export class WouldBlock extends Error {
  /** Stable, for matching. */
  override readonly name = 'WouldBlock';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_WOULD_BLOCK';
}

/** Says that a barrier was broken, or reset while somebody waited at it. */
export class BrokenBarrier extends Error {
  /** Stable, for matching. */
  override readonly name = 'BrokenBarrier';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_BROKEN_BARRIER';
}

/** One piece of work that did not end when it was cancelled. */
export interface StuckTask {
  /** Of the task, or of the flow and the index of its input. */
  readonly name: string;
  /** Milliseconds since it started. */
  readonly age: number;
  /** The library waits it is in; empty when it is busy or waits for a foreign promise. */
  readonly waitingFor: readonly string[];
}

/** So many of them a message names: there may be a hundred thousand. */
const MOST_SHOWN = 20;

/**
 * Says that work was still alive when the time of grace after a cancellation had passed, and was left behind. Where there is another
 * error to throw, it is in `errors` of the scope or flow, and a warning of the process.
 */
export class StuckTasks extends Error {
  /** Stable, for matching. */
  override readonly name = 'StuckTasks';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_STUCK_TASKS';
  /** What was left. */
  readonly tasks: readonly StuckTask[];

  /** @param grace milliseconds */
  constructor(tasks: readonly StuckTask[], grace: number) {
    const list = tasks
      .slice(0, MOST_SHOWN)
      .map(
        ({ name, age, waitingFor }) =>
          `${name} (${Math.round(age)} ms old, ${
            waitingFor.length === 0 ? 'in no library wait' : `in ${waitingFor.join(', ')}`
          })`,
      );
    const more = tasks.length > MOST_SHOWN ? `; and ${tasks.length - MOST_SHOWN} more` : '';
    super(`Left work behind ${grace} ms after its cancellation: ${list.join('; ')}${more}`);
    this.tasks = tasks;
  }
}

/** Says that every task waits and nothing is left that could wake one of them. */
export class Deadlock extends Error {
  /** Stable, for matching. */
  override readonly name = 'Deadlock';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_DEADLOCK';
  /** The live tasks and what each waits for, as text. */
  readonly tree: string;

  /** @param tree the live tasks */
  constructor(tree: string, what = 'every task waits and no timer is pending') {
    super(`Cannot go on: ${what}\n${tree}`);
    this.tree = tree;
  }
}

ownErrors(
  Cancelled,
  TimedOut,
  ScopeClosed,
  TaskNotDone,
  ChannelClosed,
  WouldBlock,
  BrokenBarrier,
  StuckTasks,
  Deadlock,
);

/**
 * Tells whether an error is a cancellation: one of ours, or the abort of a host function that was given our signal.
 *
 * @example
 * ```ts
 * import { isCancelled, scope, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const error = await scope(async (s) => {
 *   s.cancel('enough');
 *   await sleep('1h');
 * }).catch((e: unknown) => e);
 * assert.equal(isCancelled(error), true);
 * ```
 */
export function isCancelled(error: unknown): boolean {
  try {
    return (error as { name?: unknown } | null | undefined)?.name === 'AbortError';
  } catch {
    return false;
  }
}

/** A class of errors and what to do with those of its instances that were found. */
export type ErrorCase = readonly [
  new (
    // biome-ignore lint/suspicious/noExplicitAny: constructors of all shapes must fit.
    ...args: any[]
  ) => Error,
  // biome-ignore lint/suspicious/noExplicitAny: narrowed by the class beside it.
  (errors: any[]) => void,
];

/**
 * Handles the errors inside an `AggregateError` (or `SuppressedError`) by class, as `except*` does in Python. Each leaf goes to
 * the first case that matches; a case is called once, with all its errors. Leaves that no case matched are thrown again: the
 * original error if nothing was handled, the leaf itself if it is the only one, otherwise a new `AggregateError`.
 *
 * @example
 * ```ts
 * import { gather, handleErrors } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const seen: string[] = [];
 * const fail = (error: Error) => () => Promise.reject(error);
 * try {
 *   await gather([fail(new TypeError('a')), fail(new RangeError('b'))], { onError: 'continue' });
 * } catch (error) {
 *   handleErrors(error,
 *     [TypeError, (errors: TypeError[]) => seen.push(`${errors.length} wrong type`)],
 *     [RangeError, (errors: RangeError[]) => seen.push(`${errors.length} out of range`)]);
 * }
 * assert.deepEqual(seen, ['1 wrong type', '1 out of range']);
 * ```
 */
export function handleErrors(error: unknown, ...cases: readonly ErrorCase[]): void {
  const found = cases.map((): unknown[] => []);
  const rest: unknown[] = [];
  for (const leaf of leaves(error)) {
    const index = cases.findIndex(([type]) => leaf instanceof type);
    (found[index] ?? rest).push(leaf);
  }
  cases.forEach(([, handle], index) => {
    const errors = found[index] as unknown[];
    if (errors.length > 0) handle(errors);
  });
  if (rest.length === 0) return;
  if (found.every((errors) => errors.length === 0)) throw error;
  if (rest.length === 1) throw rest[0];
  throw new AggregateError(rest, `${rest.length} errors were not handled`);
}

function leaves(error: unknown): unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(leaves);
  if (error instanceof Error && error.name === 'SuppressedError') {
    const { error: later, suppressed } = error as Error & { error: unknown; suppressed: unknown };
    return [...leaves(suppressed), ...leaves(later)];
  }
  return [error];
}
