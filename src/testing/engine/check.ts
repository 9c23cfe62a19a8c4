/**
 * What the cases of the engine contract check with.
 *
 * @module
 */
import { startHostTimer, stopHostTimer } from '../../runtime/runtime.ts';
import { type Assert, hostAssert } from './host.ts';

/** Requires that two values are deeply equal, class by class. */
export function equal(actual: unknown, expected: unknown, what?: string): void {
  const assert: Assert = hostAssert();
  if (what === undefined) assert.deepStrictEqual(actual, expected);
  else assert.deepStrictEqual(actual, expected, what);
}

/** Requires that something holds. */
export function holds(condition: boolean, what: string): void {
  const assert: Assert = hostAssert();
  assert.equal(condition, true, `Expected that ${what}`);
}

/** Requires that a text has a part that matches. */
export function matches(text: unknown, pattern: RegExp): void {
  const assert: Assert = hostAssert();
  assert.match(String(text), pattern);
}

/** Requires that a call ends with an error, which it gives; a call that throws instead of rejecting has broken its promise. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await settled(promise);
  if (outcome.status === 'rejected') return outcome.reason;
  throw new Error(`Expected a rejection: got the value ${String(outcome.value)}`);
}

/** The same, for an error object. */
export async function failure(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await rejection(promise);
  holds(thrown instanceof Error, `an Error was thrown, not ${String(thrown)}`);
  return thrown as Failure;
}

/** An error with whatever fields it may have. */
export type Failure = Error & { readonly [field: string]: unknown };

/** Waits for a promise and tells how it ended. */
export async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}

/** Tells whether a promise has settled by now. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = (): void => {
    pending = false;
  };
  promise.then(done, done);
  await new Promise<void>((resolve) => startHostTimer(resolve, 0));
  return pending;
}

/** Waits for a promise, but not for ever: a body that nobody ends must not hang the runner. */
export function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = startHostTimer(
      () => reject(new Error(`Expected ${what} to end within ${ms} ms`)),
      ms,
    );
    const stop = (): void => stopHostTimer(timer);
    promise.finally(stop).then(resolve, reject);
  });
}
