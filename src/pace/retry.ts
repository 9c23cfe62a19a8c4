/**
 * Trying again what has failed, outside a flow.
 *
 * @module
 */

import { describe, requireFunction, requireSignal } from '../core/arguments.ts';
import { CallContext, type Thunk } from '../core/context.ts';
import { functionName } from '../core/function-name.ts';
import type { NamesOf } from '../core/known-options.ts';
import { sleep } from '../core/sleep.ts';
import { currentToken } from '../core/token.ts';
import { hasSignal, underSignal } from '../core/under-signal.ts';
import { Wait } from '../core/wait.ts';
import { RETRY_NAMES, type RetryOptions, RetryPolicy, requireCount } from './retry-policy.ts';

/** The options of `retry`. */
export interface RetryCallOptions extends RetryOptions {
  /**
   * Ends the wait between two attempts when it aborts, and aborts the signal of the one that is at work. The call rejects with its reason, as
   * it is, when that has ended, unless it has given a value all the same.
   */
  readonly signal?: AbortSignal | undefined;
}

const CALL_NAMES: NamesOf<RetryCallOptions> = { ...RETRY_NAMES, signal: true };

/**
 * Calls `fn` until it succeeds, at most `retries` times more after the first. Each attempt has a scope of its own: what it has spawned
 * has ended before the next one starts. The options are those of the `retry` option of flows; waits grow exponentially from 100 ms to
 * 30 s and are drawn from the whole span, and a `Retry-After` that the error carries is honoured.
 *
 * A cancellation is never retried: neither ours nor any other error named `AbortError`. In a cancelled scope, or with a signal that has
 * aborted, `fn` is not called, the first time neither.
 *
 * @param fn gets a Context whose `attempt` counts from 1
 * @param options see RetryOptions; a number is `{ retries }`. A `budget` here must be a `RetryBudget`, because one for a single call
 *   would bound nothing
 * @throws the last error, unchanged; `attemptsOf(error)` has those of all attempts
 * @throws TimedOut when `totalTimeout` was over, or the next attempt could only have started later; its `cause` is the last error
 * @throws Cancelled when the ambient scope was cancelled
 * @throws the reason of `signal`, as it is, when that has aborted; `attemptsOf(reason)` has the errors of the attempts until then
 * @throws RangeError, TypeError when an option is unknown or out of its bounds
 *
 * @example
 * ```ts
 * import { retry } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const flaky = async ({ attempt }: { attempt: number }) => {
 *   if (attempt < 3) throw new Error('not yet');
 *   return 'loaded';
 * };
 * assert.equal(await retry(flaky, { retries: 5, base: 1 }), 'loaded');
 * ```
 */
export async function retry<R>(fn: Thunk<R>, options: number | RetryCallOptions): Promise<R> {
  requireFunction(fn, 'fn');
  const name = `retry ${functionName(fn) || 'fn'}`;
  const course = policyOf(options).begin();
  const bounds = typeof options === 'object' ? options : undefined;
  if (bounds?.signal !== undefined) requireSignal(bounds.signal, 'signal');
  if (currentToken().effective !== undefined) return new Wait<R>(name).promise;
  const signal = hasSignal(bounds) ? bounds.signal : undefined;
  const make = (attempt: number): Promise<R> =>
    course.run({ name }, ({ token }) => fn(new CallContext(token, 0, attempt)));
  const attempts = (): Promise<R> => course.repeat({ signal, make, rest: sleep });
  return signal === undefined ? attempts() : underSignal(signal, name, attempts);
}

function policyOf(options: number | RetryOptions): RetryPolicy {
  if (typeof options !== 'object' || options === null) {
    requireCount(options, 'retries');
    return new RetryPolicy({ retries: options }, '');
  }
  if (typeof options.budget === 'number') {
    throw new TypeError(
      `Expected budget to be a RetryBudget, which calls of retry share: got ${describe(options.budget)}`,
    );
  }
  return new RetryPolicy(options, '', undefined, CALL_NAMES);
}
