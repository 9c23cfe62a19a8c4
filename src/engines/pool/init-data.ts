/**
 * What the options of a pool said its workers should have.
 *
 * @module
 */

/** One place for all copies of this package in a worker. */
const KEY = Symbol.for('skein.engines.init');
const holder = globalThis as { [KEY]?: unknown };

/**
 * Gives the `init` data of the pool whose worker this is: a clone, the same object for all calls in one worker. Undefined anywhere else.
 *
 * @example
 * ```ts
 * import { initData, task, threads } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const engine = threads({ size: 1, init: { region: 'north' } });
 * // Self-contained, so it finds the module by itself; a declared task would import it at the top.
 * const region = await engine.submit(() => import('skein').then((skein) => skein.initData()), [], {});
 * assert.deepEqual(region, { region: 'north' });
 * await engine[Symbol.asyncDispose]();
 * ```
 */
export function initData<T = unknown>(): T | undefined {
  return holder[KEY] as T | undefined;
}

/** Keeps it, when a worker starts. */
export function setInitData(data: unknown): void {
  holder[KEY] = data;
}
