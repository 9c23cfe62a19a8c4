/**
 * Functions and tasks as inputs of one call. A function belongs to the call; a task runs already and is adopted: a cancellation of
 * the call cancels it, and the call waits until it has ended.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import type { Context, Thunk } from '../core/context.ts';
import type { Cancelled } from '../core/errors.ts';
import { RunningTask, type Task } from '../core/task.ts';
import { Join } from '../core/wait.ts';

/** What `gather`, `race` and `asCompleted` take. */
export type TaskSource<T> = Thunk<T> | Task<T>;

/** Such an input, of any result type. */
// biome-ignore lint/suspicious/noExplicitAny: of any result type.
export type AnySource = TaskSource<any>;

/** The value of such an input. */
export type ValueOf<S> = S extends (...args: never[]) => infer T
  ? Awaited<T>
  : S extends Task<infer T>
    ? T
    : never;

/** Refuses what is neither. */
export function refuseNonSource(item: unknown, index: number | string): void {
  if (typeof item === 'function' || item instanceof RunningTask) return;
  const hint = item instanceof Promise ? ' (schedule(promise) makes it a task)' : '';
  throw new TypeError(
    `Cannot run input ${index} as it is not a function or a task: got ${describe(item)}${hint}`,
  );
}

/** The body of a flow over such inputs. A function is called in an async one, so that all have started before one can end the flow. */
export function runSource<T>(source: TaskSource<T>, context: Context): Promise<T> {
  return typeof source === 'function'
    ? (async () => source(context))()
    : new Adoption<T>(source as RunningTask<T>).promise;
}

/** A wait for a task that a cancellation does not end: it cancels the task, whose end ends the wait. */
class Adoption<T> extends Join<T> {
  readonly #task: RunningTask<T>;

  constructor(task: RunningTask<T>) {
    super(`task ${task.name}`);
    this.#task = task;
    if (task.done) this.#finish();
    else task.onEnd(() => this.#finish());
    if (this.token.effective !== undefined) this.cancel(this.token.effective);
  }

  override cancel(cancelled: Cancelled): void {
    this.#task.cancel(cancelled.reason);
  }

  #finish(): void {
    const task = this.#task;
    if (task.status === 'done') this.ok(task.result());
    else this.fail(task.exception());
  }
}
