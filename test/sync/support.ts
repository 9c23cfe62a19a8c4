/**
 * What the tests of `src/sync` are written in.
 *
 * @module
 */
import { schedule, type Task } from 'skein';
import { idle } from 'skein/testing';

/** What a promise rejects with; fails when it does not. */
export async function failure(promise: PromiseLike<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`Expected a failure: got ${String(value)}`);
}

/** A controller that knows how many listeners its signal has. */
export class CountedAbort {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #listeners = new Set<unknown>();

  constructor() {
    this.signal = this.#controller.signal;
    const { addEventListener, removeEventListener } = this.signal;
    this.signal.addEventListener = (type: string, listener: () => void) => {
      this.#listeners.add(listener);
      addEventListener.call(this.signal, type, listener);
    };
    this.signal.removeEventListener = (type: string, listener: () => void) => {
      this.#listeners.delete(listener);
      removeEventListener.call(this.signal, type, listener);
    };
  }

  /** How many listen now. */
  get listeners(): number {
    return this.#listeners.size;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }
}

/** Starts functions one after the other, each when the ones before are blocked. */
export async function inLine<T>(
  fns: readonly (() => PromiseLike<T>)[],
): Promise<readonly Task<T>[]> {
  const tasks: Task<T>[] = [];
  for (const fn of fns) {
    tasks.push(schedule(async () => fn()));
    await idle();
  }
  return tasks;
}

/** Cancels tasks and waits until they have ended. */
export async function stop(...tasks: readonly Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  for (const task of tasks) await task.settled();
}

/** Reads to the end. */
export async function toArray<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Starts `fn` as a task and waits until it has made its first step, no longer. */
export async function begun<T>(fn: () => PromiseLike<T>): Promise<{ readonly task: Task<T> }> {
  let started = false;
  const task = schedule(async () => {
    started = true;
    return fn();
  });
  while (!started) await Promise.resolve();
  return { task };
}
