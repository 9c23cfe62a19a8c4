/**
 * Bodies of fibers as the type checker sees them: a call gives what the fiber gives, not the Effect.
 *
 * @module
 */
import type { Effect } from 'effect/Effect';
import { requireFunction } from '../../core/arguments.ts';

/** What the fiber of a body gives. */
export type FiberValue<R> =
  // biome-ignore lint/suspicious/noExplicitAny: of whatever failures and services.
  R extends Effect<infer A, any, any>
    ? A
    : R extends Generator<unknown, infer A, never>
      ? Awaited<A>
      : Awaited<R>;

/** A body that an engine of fibers runs. */
export type FiberBody<A extends unknown[], R> = (...args: A) => Promise<FiberValue<R>>;

/**
 * Says that a function is the body of a fiber, which may be one that returns an Effect, or a generator function whose body may
 * `yield*` Effects and `yield` promises. It gives the same function with the type of what the fiber gives; only `fibers()` can run it.
 *
 * @example
 * ```ts
 * import { map } from 'skein';
 * import { fiber, fibers } from 'skein/fiber';
 * import * as Effect from 'effect/Effect';
 * import assert from 'node:assert/strict';
 *
 * const half = fiber(function* (n: number) {
 *   if (n % 2 !== 0) yield* Effect.fail(`${n} is odd`);
 *   return n / 2;
 * });
 * const halves: number[] = await map([2, 4], half, { engine: fibers() });
 * assert.deepEqual(halves, [1, 2]);
 * ```
 */
export function fiber<A extends unknown[], R>(body: (...args: A) => R): FiberBody<A, R> {
  requireFunction(body, 'body');
  return body as unknown as FiberBody<A, R>;
}
