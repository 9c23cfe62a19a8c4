/**
 * The Cause behind an error. Errors stay as they were thrown, so it is kept beside them.
 *
 * @module
 */
import type { Cause } from 'effect/Cause';

const causes = new WeakMap<object, Cause<unknown>>();

/** Keeps the cause that an error was taken from. A failure that is no object cannot have one. */
export function keepCause(error: unknown, cause: Cause<unknown>): void {
  if ((typeof error === 'object' && error !== null) || typeof error === 'function') {
    causes.set(error, cause);
  }
}

/**
 * The Cause of an error that came out of a fiber: which of its failures were expected and which were defects, those of finalizers and of
 * parallel fibers, annotations. Undefined for what did not come out of a fiber, and for a failure that is no object.
 *
 * @example
 * ```ts
 * import { map } from 'skein';
 * import { causeOf, fibers } from 'skein/fiber';
 * import * as Cause from 'effect/Cause';
 * import * as Effect from 'effect/Effect';
 * import assert from 'node:assert/strict';
 *
 * const broken = new Error('no');
 * const error = await map([1], () => Effect.die(broken), { engine: fibers() }).catch((e: unknown) => e);
 * assert.equal(error, broken);
 * assert.equal(Cause.hasDies(causeOf(error) ?? Cause.empty), true);
 * ```
 */
export function causeOf(error: unknown): Cause<unknown> | undefined {
  return causes.get(error as object);
}
