/**
 * What the attempts before the last one failed with. The last error is thrown as it is, so the others are kept beside it: a frozen error
 * can have them too, and no field of somebody's class is overwritten.
 *
 * @module
 */

/** The most that are kept of one series of attempts: the first, and the last ones. */
const MOST_KEPT = 100;

const attempts = new WeakMap<object, readonly unknown[]>();

/** Adds an error to those of a series. */
export function addAttempt(errors: unknown[], error: unknown): void {
  if (errors.length === MOST_KEPT) errors.splice(1, 1);
  errors.push(error);
}

/** Keeps the errors of a series beside the one that is thrown, as long as that one lives. */
export function keepAttempts(thrown: unknown, errors: readonly unknown[]): void {
  if (typeof thrown === 'object' ? thrown !== null : typeof thrown === 'function') {
    attempts.set(thrown as object, errors);
  }
}

/**
 * The errors of all attempts that ended with this one, first to last: what `retry`, or the `retry` option of a flow, had failed with before
 * it threw this. Of more than a hundred the first and the last 99. An error of something that was not retried is alone.
 *
 * They are kept by the identity of the error: text and numbers that were thrown stand alone too, an instance that is thrown again and again
 * has those of its last time, and where one retry is inside another the outer one counts.
 *
 * @example
 * ```ts
 * import { attemptsOf, retry } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const fail = async ({ attempt }: { attempt: number }) => {
 *   throw new Error(`no. ${attempt}`);
 * };
 * const error: unknown = await retry(fail, { retries: 2, backoff: 1 }).catch((e: unknown) => e);
 * assert.deepEqual(attemptsOf(error).map(String), ['Error: no. 1', 'Error: no. 2', 'Error: no. 3']);
 * ```
 */
export function attemptsOf(error: unknown): readonly unknown[] {
  return attempts.get(error as object) ?? [error];
}
