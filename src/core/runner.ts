/**
 * What limiters, rate limiters and semaphores have in common, so that any of them can be a `concurrency`, a `pace` or a `limit`.
 *
 * @module
 */
import { describe } from './arguments.ts';
import type { MaybePromise, Thunk } from './context.ts';

/** Runs a function when there is room. */
export interface Runner {
  /** Whether it counts starts in a time: then nothing may be waited for between its turn and the function. Default false. */
  readonly paces?: boolean;
  /** Waits for room, calls `fn` itself, holds the room until the result has settled, and gives the result. */
  run<R>(
    fn: () => MaybePromise<R>,
    options?: { readonly signal?: AbortSignal | undefined; readonly key?: unknown },
  ): Promise<R>;
}

/** One of this library: the function gets its context. */
export interface ContextRunner extends Runner {
  /**
   * Waits for room, calls `fn`, holds the room until the result has settled, and gives the result. In a cancelled scope nothing is called.
   *
   * @param options.signal takes the call out of its line when it aborts, or aborts the signal in the context of `fn`; the call then rejects
   *   with the reason of the signal, as it is, when `fn` has ended, unless it has given a value all the same
   */
  run<R>(
    fn: Thunk<R>,
    options?: { readonly signal?: AbortSignal | undefined; readonly key?: unknown },
  ): Promise<R>;
}

/** Requires something with a `run` method. */
export function requireRunner(value: unknown, name: string): void {
  if (typeof (value as Runner | null | undefined)?.run !== 'function') {
    throw new TypeError(
      `Expected ${name} to be a number or to have a run method: got ${describe(value)}`,
    );
  }
}
