/**
 * Functions that stand for others: they take the arguments and the `this` of the one that was wrapped, and have its name and its number of
 * parameters, for stack traces, logs and frameworks that look at them.
 *
 * @module
 */
import { requireFunction } from './arguments.ts';
import type { Arguments } from './body.ts';
import type { Thunk } from './context.ts';
import { functionName } from './function-name.ts';

/** A function to be wrapped. Its last parameter may be the context. */
export type Wrappable<T, P extends readonly unknown[], R> = (this: T, ...args: P) => R;

/** What stands for it. */
export type Wrapped<T, P extends readonly unknown[], R> = (
  this: T,
  ...args: Arguments<P>
) => Promise<Awaited<R>>;

/** Gives `wrapper` the name and the length of `fn`. */
export function likeness<F extends object>(wrapper: F, fn: object): F {
  const { length } = fn as { readonly length?: unknown };
  return Object.defineProperties(wrapper, {
    name: { value: functionName(fn), configurable: true },
    length: { value: length, configurable: true },
  });
}

/**
 * Gives a function that calls `fn` through `run`, with the context behind the arguments.
 *
 * @param run gets the call and its arguments
 */
export function wrapped<T, P extends readonly unknown[], R>(
  fn: Wrappable<T, P, R>,
  run: (call: Thunk<unknown>, args: readonly unknown[]) => Promise<unknown>,
): Wrapped<T, P, R> {
  requireFunction(fn, 'fn');
  function wrapper(this: T, ...args: readonly unknown[]): Promise<unknown> {
    return run((context) => Reflect.apply(fn, this, [...args, context]), args);
  }
  return likeness(wrapper as unknown as Wrapped<T, P, R>, fn);
}
