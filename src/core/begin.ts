/**
 * Beginning a function of the user's whose turn has come, at a lock or a limiter.
 *
 * @module
 */
import { CallContext, type MaybePromise, type Thunk } from './context.ts';
import { currentToken, type Token } from './token.ts';

/**
 * Calls a function with its context.
 *
 * @param attempt how often it has been called, this call included
 * @throws Cancelled in a cancelled scope, where nothing is started: the cancellation may have come after the turn
 */
export function begin<R>(fn: Thunk<R>, attempt = 1): MaybePromise<R> {
  return fn(contextOf(currentToken(), attempt));
}

/** The context of a function that is about to begin. */
export function contextOf(token: Token, attempt = 1): CallContext {
  if (token.effective !== undefined) throw token.effective;
  return new CallContext(token, 0, attempt);
}
