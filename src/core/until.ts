/**
 * Waits for the world outside the library: promises, and functions that take a signal. Events are in `once.ts`.
 *
 * @module
 */
import { requireFunction } from './arguments.ts';
import { isCancelled } from './errors.ts';
import { countOutside } from './outside.ts';
import { currentToken } from './token.ts';
import { Join, Wait } from './wait.ts';

/**
 * Makes any promise a cancellation point. On cancellation the promise is left, not stopped: `onCancel` may stop what it stands for.
 *
 * @param onCancel called at once when the wait is cancelled
 * @throws Cancelled when the ambient scope is cancelled first; whatever the promise rejects with
 *
 * @example
 * ```ts
 * import { moveOnAfter, until } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * assert.equal(await moveOnAfter(1, () => until(new Promise(() => {})), 'left'), 'left');
 * ```
 */
export async function until<T>(promise: PromiseLike<T>, onCancel?: () => void): Promise<T> {
  if (onCancel !== undefined) requireFunction(onCancel, 'onCancel');
  const wait = new Wait<T>('until');
  if (!wait.settled) {
    const finished = countOutside();
    wait.undo = () => {
      finished();
      onCancel?.();
    };
    follow(
      promise,
      (value) => {
        finished();
        wait.ok(value);
      },
      (error) => {
        finished();
        wait.fail(error);
      },
    );
  } else {
    // Nobody will look at it: its failure is not this caller's any more.
    follow(promise, ignore, ignore);
    wait.promise.catch(ignore);
    onCancel?.();
  }
  return wait.promise;
}

/** Hears of a promise. It may be of somebody's own class, whose `then` throws, calls back at once, or more than once. */
function follow<T>(
  promise: PromiseLike<T>,
  kept: (value: T) => void,
  broken: (error: unknown) => void,
): void {
  try {
    Promise.resolve(promise).then(kept, broken);
  } catch (error) {
    broken(error);
  }
}

function ignore(): void {}

/**
 * Calls a function that takes a signal. On cancellation the signal aborts and the call ends when the function has: nothing runs on.
 * A value that it gives all the same is kept.
 *
 * @throws Cancelled when the ambient scope was cancelled and the function stopped
 *
 * @example
 * ```ts
 * import { cancellable } from 'skein';
 * import { setTimeout } from 'node:timers/promises';
 * import assert from 'node:assert/strict';
 *
 * assert.equal(await cancellable((signal) => setTimeout(1, 'value', { signal })), 'value');
 * ```
 */
export async function cancellable<T>(start: (signal: AbortSignal) => PromiseLike<T>): Promise<T> {
  requireFunction(start, 'start');
  const token = currentToken();
  if (token.effective !== undefined) return new Wait<T>('cancellable').promise;
  const join = new Join<T>('cancellable');
  const finished = countOutside();
  const started = (async () => start(token.signal))();
  started.then(
    (value) => {
      finished();
      join.ok(value);
    },
    (error: unknown) => {
      finished();
      join.fail(token.effective !== undefined && isCancelled(error) ? token.effective : error);
    },
  );
  return join.promise;
}
