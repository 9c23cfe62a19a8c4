/**
 * Makes engines of fibers.
 *
 * @module
 */
import type { Engine } from '../../core/engine.ts';
import { FiberEngine } from './fiber-engine.ts';
import { type FiberOptions, FiberServices } from './services.ts';

const SHARED: Engine = new FiberEngine(undefined);

/**
 * The engine that runs bodies as Effect fibers on this event loop. A body may return an Effect, be a generator function (`yield*` an
 * Effect, `yield` a promise), or an ordinary function. Without options it is the one engine of the process, which nobody closes.
 *
 * Being stopped is an interruption: `finally` and finalizers run, `catch` does not see it, and it is no error. The cancellation of
 * the scope interrupts the fiber; a fiber that was interrupted otherwise rejects with a `Cancelled`. A failure or defect is thrown
 * unchanged, and `causeOf` gives its Cause. Effects that sleep do so on the clock of the library. An async function is stopped as
 * everywhere, by its own waits.
 *
 * A body is a scope: what it starts ends before the call does. Disposal waits for the bodies at work, then releases the services; from
 * inside one of them it is a TypeError.
 *
 * The package `effect` (4.1 or later) is loaded when the first fiber is to run. Costs little more than `Effect.forEach`.
 *
 * @param options services for the fibers
 * @throws TypeError when more than one of the options is given
 * @throws EffectMissing, from the call that runs the first fiber, when `effect` is not installed
 *
 * @example
 * ```ts
 * import { concurrently } from 'skein';
 * import { fibers } from 'skein/fiber';
 * import * as Effect from 'effect/Effect';
 * import assert from 'node:assert/strict';
 *
 * const log: string[] = [];
 * const waiter = concurrently(1, { engine: fibers }, function* body() {
 *   try {
 *     yield* Effect.never;
 *   } catch {
 *     log.push('caught');
 *   } finally {
 *     log.push('finally');
 *   }
 * });
 * await new Promise((resolve) => setTimeout(resolve, 500));
 * await waiter.stop();
 * assert.deepEqual(log, ['finally']);
 * ```
 */
export function fibers(options?: FiberOptions): Engine {
  return options === undefined ? SHARED : new FiberEngine(new FiberServices(options));
}
