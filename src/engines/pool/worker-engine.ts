/**
 * An engine whose functions run in workers, as its users see it.
 *
 * @module
 */
import type { Engine } from '../../core/engine.ts';
import type { LateErrorListener } from './listeners.ts';

/** What `threads` and `processes` give: an engine that tells what its workers have to say to nobody else. */
export interface WorkerEngine extends Engine {
  /**
   * Adds a listener for what fails in a worker after the call had ended that began it. It keeps no process alive. `once(engine, 'lateError')` waits for
   * the next one.
   *
   * @throws TypeError when `event` is not `lateError` (or `error`, which no engine emits), or `listener` is no function
   *
   * @example
   * ```ts
   * import { type LateError, once, threads } from 'skein';
   * import assert from 'node:assert/strict';
   *
   * const engine = threads({ size: 1 });
   * const late = once<LateError>(engine, 'lateError');
   * const careless = (): void => {
   *   setTimeout(() => {
   *     throw new Error('nobody waits for me');
   *   }, 10);
   * };
   * await engine.submit(careless, [], {});
   * assert.equal((await late).functionName, 'careless'); // the process is warned, too
   * await engine[Symbol.asyncDispose]();
   * ```
   */
  on(event: 'lateError', listener: LateErrorListener): this;
  /** Removes a listener; one that is not there is fine. */
  off(event: 'lateError', listener: LateErrorListener): this;
}
