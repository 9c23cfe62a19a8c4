/**
 * Bounds of a single wait. Inside a scope its cancellation and its deadline are enough; these are for code that lives outside
 * any scope, or that wants to give up on one wait only.
 *
 * @module
 */
import { CallSite } from '../runtime/call-site.ts';
import { watchAbort } from './abort-watch.ts';
import { requireSignal } from './arguments.ts';
import type { Timer } from './clock.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { TimedOut } from './errors.ts';
import { kernel } from './kernel.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import type { Wait } from './wait.ts';

/** Ends one wait early: the waiter leaves its line at once, and nothing it waited for is lost. */
export interface WaitBounds {
  /** Rejects with its reason, as it is, when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects with `TimedOut` after this time. Default: none. */
  readonly timeout?: Duration | undefined;
}

/** Their names. */
export const BOUND_NAMES: NamesOf<WaitBounds> = { signal: true, timeout: true };

/** What a waiting method gives its caller: the wait, bounded if bounds were asked for. */
export function bounded<T, A>(wait: Wait<T, A>, bounds: WaitBounds | undefined): Promise<T> {
  if (bounds === undefined || wait.settled) return wait.promise;
  return released(wait.promise, hold(wait, bounds, bounded));
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
  if (signal?.aborted === true) wait.withdraw(signal.reason);
}

/** Requires bounds as they should be; `owner` is what they were given to. */
export function requireBounds(bounds: WaitBounds, names: NamesOf<WaitBounds>, owner: string): void {
  requireOptions(bounds, names, owner);
  requireLimits(bounds);
}

/** The same for bounds of which the names were looked at. */
export function requireLimits({ signal, timeout }: WaitBounds): void {
  if (signal !== undefined) requireSignal(signal, 'signal');
  if (timeout !== undefined) toMilliseconds(timeout, 'timeout');
}

async function released<T>(promise: Promise<T>, release: () => void): Promise<T> {
  try {
    return await promise;
  } finally {
    release();
  }
}

/**
 * Withdraws a wait when its bounds say so.
 *
 * @param above the function below which the stack of a `TimedOut` begins
 * @returns a function that removes the listener and the timer
 */
export function hold<T, A>(
  wait: Wait<T, A>,
  { signal, timeout }: WaitBounds,
  above: (...args: never[]) => unknown = hold,
): () => void {
  const ms = timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout');
  const timer = ms === Number.POSITIVE_INFINITY ? undefined : expire(wait, ms, new CallSite(above));
  const unwatch = signal && watchAbort(signal, () => wait.withdraw(signal.reason));
  return () => {
    unwatch?.();
    timer?.stop();
  };
}

function expire<T, A>(wait: Wait<T, A>, ms: number, site: CallSite): Timer {
  return kernel.clock.at(kernel.clock.now() + ms, () =>
    wait.withdraw(TimedOut.at(site, ms, `waiting for ${wait.label}`)),
  );
}
