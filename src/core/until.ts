/**
 * Waits for the world outside the library: promises, events and functions that take a signal. The virtual clock does not jump
 * while one is pending, because only the outside can end it.
 *
 * @module
 */
import { requireFunction } from './arguments.ts';
import { isCancelled } from './errors.ts';
import { kernel } from './kernel.ts';
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
    Promise.resolve(promise).then(
      (value) => {
        finished();
        wait.ok(value);
      },
      (error: unknown) => {
        finished();
        wait.fail(error);
      },
    );
  } else {
    // Nobody will look at it: its failure is not this caller's any more.
    Promise.resolve(promise).catch(() => undefined);
    wait.promise.catch(() => undefined);
    onCancel?.();
  }
  return wait.promise;
}

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

/** Listens to events of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: emitters of all typings must fit.
export type Listener = (...args: any[]) => void;

/** An event source of either kind: an EventTarget or an EventEmitter. */
export type EventSource =
  | Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  | {
      on(event: string, listener: Listener): unknown;
      off(event: string, listener: Listener): unknown;
    };

/**
 * Waits for the next event: gives the event of an EventTarget, the first argument of an EventEmitter's. The listeners are
 * removed in every case. An emitter's `error` event rejects, unless it is the one waited for.
 *
 * @throws Cancelled when the ambient scope is cancelled first
 *
 * @example
 * ```ts
 * import { once } from 'skein';
 * import { EventEmitter } from 'node:events';
 * import assert from 'node:assert/strict';
 *
 * const emitter = new EventEmitter();
 * setImmediate(() => emitter.emit('ready', 7));
 * assert.equal(await once<number>(emitter, 'ready'), 7);
 * ```
 */
export async function once<T = unknown>(target: EventSource, event: string): Promise<T> {
  const listen = listenerOf(target);
  const wait = new Wait<T>(`once ${event}`);
  if (wait.settled) return wait.promise;
  const finished = countOutside();
  const stops: (() => void)[] = [];
  const stop = (): void => {
    finished();
    for (const each of stops) each();
  };
  stops.push(
    listen(event, (value: T) => {
      stop();
      wait.ok(value);
    }),
  );
  if ('on' in target && event !== 'error') {
    stops.push(
      listen('error', (error: unknown) => {
        stop();
        wait.fail(error);
      }),
    );
  }
  wait.undo = stop;
  return wait.promise;
}

/** Adds a listener to either kind of target; what it gives removes it. */
function listenerOf(target: EventSource): (event: string, listener: Listener) => () => void {
  if (typeof (target as { on?: unknown } | null)?.on === 'function') {
    const emitter = target as Extract<EventSource, { on: unknown }>;
    return (event, listener) => {
      emitter.on(event, listener);
      return () => emitter.off(event, listener);
    };
  }
  const events = target as EventTarget | null;
  requireFunction(events?.addEventListener, 'target.on or target.addEventListener');
  return (event, listener) => {
    events?.addEventListener(event, listener);
    return () => events?.removeEventListener(event, listener);
  };
}

/** Counts a wait for the outside; the function that it gives counts it off, once. */
function countOutside(): () => void {
  kernel.outside++;
  let pending = true;
  return () => {
    if (pending) kernel.outside--;
    pending = false;
  };
}
