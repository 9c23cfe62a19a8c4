/**
 * Waiting for tasks that belong to somebody else.
 *
 * @module
 */
import { describe, requireOneOf, requireSignal } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { kernel, now } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { OpenScope } from '../core/open-scope.ts';
import { requireSource } from '../core/source.ts';
import { RunningTask, type Task } from '../core/task.ts';
import { suspend } from '../core/wait.ts';

/** The options of `wait`. */
export interface WaitOptions {
  /** Returns what is done by then. Default: none. */
  readonly timeout?: Duration | undefined;
  /** What to wait for: `all` (default), the `first` to end, or the `first-error`, or all if none fails; a cancelled task is no error. */
  readonly until?: 'all' | 'first' | 'first-error' | undefined;
  /** Ends the wait, not the tasks. */
  readonly signal?: AbortSignal | undefined;
}

const WAIT_NAMES: NamesOf<WaitOptions> = { timeout: true, until: true, signal: true };

/**
 * Waits for tasks and reports which are done. It only reports: it never throws the error of a task and never cancels one, not even
 * when it is cancelled itself. Use it on scheduled tasks where failures are expected; a spawned task tells its scope.
 *
 * @throws Cancelled when the ambient scope or `signal` is cancelled first
 * @throws TypeError when an input is not a task
 *
 * @example
 * ```ts
 * import { schedule, sleep, wait } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const quick = schedule(() => sleep(1));
 * const slow = schedule(() => sleep('1h'));
 * const { done, pending } = await wait([quick, slow], { until: 'first' });
 * assert.deepEqual([[...done], [...pending]], [[quick], [slow]]);
 * slow.cancel();
 * ```
 */
export async function wait<T>(
  tasks: Iterable<Task<T>>,
  options: WaitOptions = {},
): Promise<{ done: Set<Task<T>>; pending: Set<Task<T>> }> {
  requireOptions(options, WAIT_NAMES, 'wait');
  const { until = 'all', signal, timeout = Number.POSITIVE_INFINITY } = options;
  requireSource(tasks, 'tasks');
  requireOneOf(until, 'until', ['all', 'first', 'first-error']);
  if (signal !== undefined) requireSignal(signal, 'signal');
  const within = toMilliseconds(timeout, 'timeout');
  const all = [...new Set(tasks)];
  const list = all as unknown as RunningTask<unknown>[];
  list.forEach(refuseNonTask);
  const watch = (): Promise<void> => waitFor(list, until, within);
  await (signal === undefined ? watch() : OpenScope.run({ name: 'wait', signal }, watch));
  return {
    done: new Set(all.filter((task) => task.done)),
    pending: new Set(all.filter((task) => !task.done)),
  };
}

function refuseNonTask(item: unknown, index: number): void {
  if (!(item instanceof RunningTask)) {
    throw new TypeError(`Expected input ${index} of wait to be a task: got ${describe(item)}`);
  }
}

function waitFor(
  tasks: readonly RunningTask<unknown>[],
  until: 'all' | 'first' | 'first-error',
  within: number,
): Promise<void> {
  return suspend<void>((resume) => {
    let left = tasks.length;
    const cleanups: (() => void)[] = [];
    const finish = (): void => {
      for (const cleanup of cleanups) cleanup();
      resume.ok();
    };
    const seen = (task: RunningTask<unknown>): boolean => {
      left--;
      return (
        left === 0 || until === 'first' || (until === 'first-error' && task.status === 'failed')
      );
    };
    // Every task is looked at, not only up to the first that would do: those that are done count as such.
    const enough = tasks
      .filter((task) => task.done)
      .map(seen)
      .includes(true);
    if (enough || tasks.length === 0) {
      resume.ok();
      return;
    }
    for (const task of tasks) {
      if (!task.done) cleanups.push(task.onEnd(() => seen(task) && finish()));
    }
    const timer = kernel.clock.at(now() + within, finish);
    cleanups.push(() => timer.stop());
    return () => {
      for (const cleanup of cleanups) cleanup();
    };
  }, `wait for ${tasks.length} tasks`);
}
