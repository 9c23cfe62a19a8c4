/**
 * Bounds of a single wait. Inside a scope its cancellation and its deadline are enough; these are for code that lives outside
 * any scope, or that wants to give up on one wait only.
 *
 * @module
 */
import { watchAbort } from './abort-watch.ts';
import { requireSignal } from './arguments.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { Cancelled, TimedOut } from './errors.ts';
import { kernel } from './kernel.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import type { Wait } from './wait.ts';

/** Ends one wait early: the waiter leaves its line at once, and nothing it waited for is lost. */
export interface WaitBounds {
  /** Rejects with a `Cancelled` when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects with `TimedOut` after this time. Default: none. */
  readonly timeout?: Duration | undefined;
}

/** Their names. */
export const BOUND_NAMES: NamesOf<WaitBounds> = { signal: true, timeout: true };

/** What a waiting method gives its caller: the wait, bounded if bounds were asked for. */
export function bounded<T, A>(wait: Wait<T, A>, bounds: WaitBounds | undefined): Promise<T> {
  return bounds === undefined || wait.settled ? wait.promise : bind(wait, bounds);
}

/**
 * Turns away a wait whose bounds are wrong or over, before it is registered anywhere.
 *
 * @param names what may be said beside the bounds, where more may
 */
export function refuseLate<T, A>(
  wait: Wait<T, A>,
  bounds: WaitBounds | undefined,
  names: NamesOf<WaitBounds> = BOUND_NAMES,
): void {
  if (bounds === undefined || wait.settled) return;
  try {
    requireBounds(bounds, names, `a wait for ${wait.label}`);
    refuseAborted(wait, bounds);
  } catch (error) {
    wait.withdraw(error);
  }
}

/** The same for bounds that were looked at. */
export function refuseAborted<T, A>(wait: Wait<T, A>, { signal }: WaitBounds): void {
  if (signal?.aborted === true) wait.withdraw(abortOf(signal, wait.label));
}

/** Requires bounds as they should be; `owner` is what they were given to. */
export function requireBounds(bounds: WaitBounds, names: NamesOf<WaitBounds>, owner: string): void {
  requireOptions(bounds, names, owner);
  const { signal, timeout } = bounds;
  if (signal !== undefined) requireSignal(signal, 'signal');
  if (timeout !== undefined) toMilliseconds(timeout, 'timeout');
}

async function bind<T, A>(wait: Wait<T, A>, bounds: WaitBounds): Promise<T> {
  const release = hold(wait, bounds);
  try {
    return await wait.promise;
  } finally {
    release();
  }
}

/**
 * Withdraws a wait when its bounds say so.
 *
 * @returns a function that removes the listener and the timer
 */
export function hold<T, A>(wait: Wait<T, A>, { signal, timeout }: WaitBounds): () => void {
  const ms = timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout');
  const timer =
    ms === Number.POSITIVE_INFINITY
      ? undefined
      : kernel.clock.at(kernel.clock.now() + ms, () =>
          wait.withdraw(new TimedOut(ms, `waiting for ${wait.label}`)),
        );
  const unwatch = signal && watchAbort(signal, () => wait.withdraw(abortOf(signal, wait.label)));
  return () => {
    unwatch?.();
    timer?.stop();
  };
}

/** What a wait rejects with whose signal has aborted. */
export function abortOf(signal: AbortSignal, label: string): Cancelled {
  return Cancelled.create(signal.reason, label, undefined);
}
