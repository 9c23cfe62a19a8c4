/**
 * What whoever started copies holds: a function that waits for them.
 *
 * @module
 */

import { BOUND_NAMES, requireBounds, type WaitBounds } from '../core/bounds.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { show } from '../core/shown.ts';
import type { Copies, UnfinishedItem } from './copies.ts';

/** How to wait for copies. */
export interface WaiterOptions extends WaitBounds {
  /** Errors of copies are not thrown; they are in `exceptions`. Default false. */
  readonly suppressErrors?: boolean | undefined;
  /** The first error of a copy stops the others, and is thrown, unchanged, when they have ended. `suppressErrors` does not touch it. Default false. */
  readonly failHard?: boolean | undefined;
}

const WAITER_NAMES: NamesOf<WaiterOptions> = {
  ...BOUND_NAMES,
  suppressErrors: true,
  failHard: true,
};

/** How to stop copies. */
export interface StopOptions {
  /** Time that the copies get to end in, before they are killed where the engine can, or reported and left behind. Default: that of `concurrently`. */
  readonly grace?: Duration | undefined;
}

const STOP_NAMES: NamesOf<StopOptions> = { grace: true };

/**
 * The handle of copies of one body. Calling it waits until all have ended, as often as one likes, with the same result each time.
 * It belongs to whoever has it: what the copies throw is told here and nowhere else. Errors that nobody has asked for when the scope
 * ends become a warning of the process.
 */
export interface Waiter extends AsyncDisposable {
  /**
   * Waits until all copies have ended. Being cancelled, `signal` and `timeout` end this wait only; the copies go on.
   *
   * @throws UnhandledErrors when copies have failed, with their errors in the order of the copies
   * @throws the first error in time, unchanged, with `failHard`
   * @throws Cancelled when the copies were cut short by the end of their scope, its cancellation or the `signal` of `concurrently`;
   *   after `stop` it completes
   * @throws TypeError when it is called inside one of the copies: it would wait for itself
   */
  (options?: WaiterOptions): Promise<void>;
  /** What the copies have thrown so far, in the order of the copies. One array, which grows. */
  readonly exceptions: readonly unknown[];
  /** Items that a copy had taken when it failed, was stopped or died: each was handed out once and is handed to nobody else. Complete when all have ended. */
  readonly unfinished: readonly UnfinishedItem[];
  /**
   * Stops the copies and waits until they have ended, whatever they threw. One that has not started never does. Repeating it is fine. From
   * inside a copy it stops that one too, so the wait is ended by a `Cancelled`.
   *
   * @throws StuckTasks when copies were alive after the grace and the engine cannot kill
   */
  stop(options?: StopOptions): Promise<void>;
  /** Stops the copies; throws `UnhandledErrors` when there are errors that nobody has asked for. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes the handle. */
export function waiterOf<X>(copies: Copies<X>): Waiter {
  const wait = async (options: WaiterOptions = {}): Promise<void> => {
    requireBounds(options, WAITER_NAMES, 'the waiter');
    await copies.join(options);
  };
  const stop = async (options: StopOptions = {}): Promise<void> => {
    requireOptions(options, STOP_NAMES, 'stop');
    const { grace } = options;
    await copies.stop(grace === undefined ? undefined : toMilliseconds(grace, 'grace'));
  };
  const dispose = (): Promise<void> => copies.dispose();
  copies.handle = wait;
  show(wait, () => copies.facts);
  return Object.defineProperties(wait, {
    name: { value: `waiter of ${copies.name}` },
    exceptions: { get: () => copies.read(), enumerable: true },
    unfinished: { get: () => copies.unfinished, enumerable: true },
    stop: { value: stop },
    [Symbol.asyncDispose]: { value: dispose },
  }) as unknown as Waiter;
}
