/**
 * What an input may be. A promise or a task among the inputs of a limited call is already running, so no limit can apply to it:
 * it is refused, with its position.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import type { Context, MaybePromise, Thunk } from '../core/context.ts';
import { RunningTask } from '../core/task.ts';

/** A function without arguments of its own, of any result type. */
// biome-ignore lint/suspicious/noExplicitAny: of any result type.
export type AnyThunk = Thunk<any>;

/** The body of a flow over functions. */
export function callThunk<T>(thunk: Thunk<T>, context: Context): MaybePromise<T> {
  return thunk(context);
}

/** Refuses an input that is not a function. */
export function refuseNonFunction(item: unknown, index: number): void {
  if (typeof item === 'function') return;
  const refusal = new TypeError(
    `Cannot run input ${index} as it is not a function: got ${show(item)}`,
  );
  refusals.add(refusal);
  throw refusal;
}

const refusals = new WeakSet<object>();

/** Whether an error says of an input that it cannot be run: whoever passes it on need not say so again. */
export function isRefusal(error: unknown): error is TypeError {
  return refusals.has(error as object);
}

/** Refuses a value that stands for work which is already running. */
export function refuseRunning(item: unknown, index: number): void {
  if (typeof item !== 'object' || !isRunning(item)) return;
  throw new TypeError(`Expected input ${index} to be a value: got ${show(item)}`);
}

function isRunning(item: unknown): boolean {
  return item instanceof Promise || item instanceof RunningTask;
}

function show(item: unknown): string {
  const what = item instanceof RunningTask ? 'a task' : describe(item);
  return isRunning(item) ? `${what}, which is already running, so no limit can apply to it` : what;
}
