/**
 * A wait for a result that is kept when the wait is cancelled.
 *
 * @module
 */
import type { Token } from '../../core/token.ts';
import { Wait } from '../../core/wait.ts';

/**
 * Waits for `result`. When the wait is cancelled first, `unused` gets the result for whoever asks next.
 */
export function waitFor<T>(
  result: Promise<T>,
  token: Token,
  unused: (result: Promise<T>) => void,
): Promise<T> {
  const wait = new Wait<T>('item of an iterator', token);
  result.then(
    (value) => wait.ok(value),
    (error: unknown) => wait.fail(error),
  );
  wait.undo = () => unused(result);
  return wait.promise;
}
