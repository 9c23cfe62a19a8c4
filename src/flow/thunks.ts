/**
 * Inputs that are functions without arguments.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import type { Context, MaybePromise, Thunk } from '../core/context.ts';

/** The body of a flow over thunks. */
export function callThunk<T>(thunk: Thunk<T>, context: Context): MaybePromise<T> {
  return thunk(context);
}

/** Refuses an input that is not a function, and says why a promise cannot be one. */
export function refuseNonFunction(item: unknown, index: number): void {
  if (typeof item === 'function') return;
  const why =
    item instanceof Promise ? ', which is already running, so no limit can apply to it' : '';
  throw new TypeError(
    `Cannot run input ${index} as it is not a function: got ${describe(item)}${why}`,
  );
}
