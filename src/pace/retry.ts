/**
 * Trying again what has failed, outside a flow.
 *
 * @module
 */
import { describe, requireFunction, requireInteger } from '../core/arguments.ts';
import { CallContext, type Thunk } from '../core/context.ts';
import { sleep } from '../core/sleep.ts';
import { currentToken } from '../core/token.ts';
import { type RetryOptions, RetryPolicy } from './retry-policy.ts';

/**
 * Calls `fn` until it succeeds, at most `retries` times more after the first. Each attempt has a scope of its own: what it has spawned
 * has ended before the next one starts. The options are those of the `retry` option of flows; waits grow exponentially from 100 ms to
 * 30 s and are drawn from the whole span, and a `Retry-After` that the error carries is honoured.
 *
 * A cancellation is never retried: neither ours nor any other error named `AbortError`. Nor is anything retried in a cancelled scope.
 *
 * @param fn gets a Context whose `attempt` counts from 1
 * @param options see RetryOptions; a number is `{ retries }`. A `budget` here must be a `RetryBudget`, because one for a single call
 *   would bound nothing
 * @throws the last error, unchanged; `attemptsOf(error)` has those of all attempts
 * @throws TimedOut when `totalTimeout` was over, or the next attempt could only have started later; its `cause` is the last error
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
export async function retry<R>(fn: Thunk<R>, options: number | RetryOptions): Promise<R> {
  requireFunction(fn, 'fn');
  const name = `retry ${fn.name || 'fn'}`;
  const course = policyOf(options).begin();
  for (;;) {
    const { attempt } = course;
    try {
      const value = await course.run({ name }, ({ token }) =>
        fn(new CallContext(token, 0, attempt)),
      );
      course.succeeded();
      return value;
    } catch (error) {
      if (currentToken().effective !== undefined) throw error;
      await sleep(course.delayAfter(error));
    }
  }
}

function policyOf(options: number | RetryOptions): RetryPolicy {
  if (typeof options !== 'object' || options === null) {
    requireInteger(options, 'retries', 0);
    return new RetryPolicy({ retries: options }, '');
  }
  if (typeof options.budget === 'number') {
    throw new TypeError(
      `Expected budget to be a RetryBudget, which calls of retry share: got ${describe(options.budget)}`,
    );
  }
  return new RetryPolicy(options, '');
}
