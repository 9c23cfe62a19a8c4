/**
 * Bounds of a single wait. Inside a scope its cancellation and its deadline are enough; these are for code that lives outside
 * any scope, or that wants to give up on one wait only.
 *
 * @module
 */
import { describe, requireSignal } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { Cancelled, TimedOut } from '../core/errors.ts';
import { kernel } from '../core/kernel.ts';
import type { Wait } from '../core/wait.ts';

/** Ends one wait early: the waiter leaves its line at once, and nothing it waited for is lost. */
export interface WaitBounds {
  /** Rejects with a `Cancelled` when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects with `TimedOut` after this time. Default: none. */
  readonly timeout?: Duration | undefined;
}

/** What a waiting method gives its caller: the wait, bounded if bounds were asked for. */
export function bounded<T, A>(wait: Wait<T, A>, bounds: WaitBounds | undefined): Promise<T> {
  return bounds === undefined || wait.settled ? wait.promise : bind(wait, bounds);
}

/** Turns away a wait whose bounds are wrong or over, before it is registered anywhere. */
export function refuseLate<T, A>(wait: Wait<T, A>, bounds: WaitBounds | undefined): void {
  if (bounds === undefined || wait.settled) return;
  try {
    if (typeof bounds !== 'object' || bounds === null) {
      throw new TypeError(
        `Expected bounds to be an object with signal or timeout: got ${describe(bounds)}`,
      );
    }
    const { signal, timeout } = bounds;
    if (signal !== undefined) requireSignal(signal, 'signal');
    if (timeout !== undefined) toMilliseconds(timeout, 'timeout');
    if (signal?.aborted === true) wait.withdraw(abortOf(signal, wait.label));
  } catch (error) {
    wait.withdraw(error);
  }
}

async function bind<T, A>(wait: Wait<T, A>, { signal, timeout }: WaitBounds): Promise<T> {
  const abort = (): void => {
    wait.withdraw(abortOf(signal as AbortSignal, wait.label));
  };
  const ms = timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout');
  const timer =
    ms === Number.POSITIVE_INFINITY
      ? undefined
      : kernel.clock.at(kernel.clock.now() + ms, () =>
          wait.withdraw(new TimedOut(ms, `waiting for ${wait.label}`)),
        );
  signal?.addEventListener('abort', abort);
  try {
    return await wait.promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    timer?.stop();
  }
}

function abortOf(signal: AbortSignal, label: string): Cancelled {
  return Cancelled.create(signal.reason, label, undefined);
}
