/**
 * Starting a task and waiting until it says that it is ready: a server that listens, a worker that is connected.
 *
 * @module
 */

import { requireFunction } from './arguments.ts';
import type { Context, MaybePromise, Thunk } from './context.ts';
import { functionName } from './function-name.ts';
import type { RunningTask, Task } from './task.ts';
import { Wait } from './wait.ts';

/** A task that starts by calling `ready`. */
export type Starter<V, T> = (ready: (value: V) => void, context: Context) => MaybePromise<T>;

/** What the caller gets: the task is wrapped, because a promise of a task would wait for its end. */
export interface Ready<V, T> {
  /** What it called `ready` with. */
  readonly value: V;
  /** The task, which goes on. */
  readonly task: Task<T>;
}

/**
 * Launches `fn` and waits until it is ready. If it fails before, the error is thrown here and nobody else hears of it.
 *
 * @param launch puts the task into its scope
 */
export function untilReady<V, T>(
  fn: Starter<V, T>,
  name: string | undefined,
  launch: (body: Thunk<T>, name: string) => RunningTask<T>,
): Promise<Ready<V, T>> {
  requireFunction(fn, 'fn');
  const label = name ?? (functionName(fn) || 'task');
  let wait: Wait<V> | undefined;
  let forget: (() => void) | undefined;
  const body = async (context: Context): Promise<T> => {
    const ready = (first: V): void => {
      // From now on its failure is the business of its scope, whoever started it.
      forget?.();
      wait?.ok(first);
    };
    try {
      const value = await fn(ready, context);
      wait?.fail(new TypeError(`Expected ${label} to call ready before it ended`));
      return value;
    } catch (error) {
      if (wait?.fail(error) === true) return undefined as T;
      throw error;
    }
  };
  const task = launch(body, label);
  wait = new Wait<V>(`start of ${label}`);
  const stop = (): boolean => task.cancel('nobody waits for its start any more');
  if (wait.settled) stop();
  else wait.undo = stop;
  // Where the limiter of its scope refuses the task, the body never runs.
  forget = task.onEnd(() => task.status !== 'done' && wait.fail(task.exception()));
  return wait.promise.then((value) => ({ value, task }));
}
