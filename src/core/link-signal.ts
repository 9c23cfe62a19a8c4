/**
 * The edge between an `AbortSignal` from outside and our tree. The listener is removed when the work ends: a signal that lives as
 * long as the process would otherwise keep everything that was ever started with it.
 *
 * @module
 */
import { watchAbort } from './abort-watch.ts';
import { isA } from './arguments.ts';
import type { Token } from './token.ts';

/** By which a signal is aborted: it tells its listeners at once. */
const ABORT = AbortController.prototype.abort;

/** Cancels `token` because `signal` has aborted. */
export function cancelBy(signal: AbortSignal, token: Token): void {
  token.cancel(signal.reason, undefined, isA(signal.reason, Error) ? undefined : ABORT);
}

/**
 * Cancels `token` when `signal` aborts, at once if it has already.
 *
 * @returns a function that removes the listener
 */
export function linkSignal(signal: AbortSignal, token: Token): () => void {
  const abort = (): void => cancelBy(signal, token);
  if (signal.aborted) {
    abort();
    return () => undefined;
  }
  return watchAbort(signal, abort);
}
