/**
 * The `limit` of a scope: lets so many of its tasks run at once, first in, first out. A task that is cancelled while it stands in line keeps
 * its place and the limit, and then runs to its first wait as every task does: somebody may have handed it what only it gives back. That
 * holds also where its scope has left its work behind meanwhile.
 *
 * @module
 */
import type { CapturedContext } from '../runtime/context.ts';
import { touch } from './kernel.ts';
import { Ring } from './ring.ts';
import type { Runner } from './runner.ts';
import type { RunningTask } from './task.ts';
import { captureContext, type Token } from './token.ts';

/** Starts tasks while there is room. */
export interface TaskGate {
  /** Calls `start` when there is room, unless the task has been dropped by then. */
  enter(task: RunningTask<unknown>, start: () => void): void;
  /** A task has ended; one that was dropped in line had no place. */
  leave(task: RunningTask<unknown>): void;
}

/** A gate for a number, or one that asks a limiter. None where there is no limit. */
export function taskGate(
  limit: number | Runner | undefined,
  scope: { readonly token: Token },
): TaskGate | undefined {
  if (limit === undefined || limit === Number.POSITIVE_INFINITY) return undefined;
  return typeof limit === 'number' ? new CountingGate(limit, scope) : new RunnerGate(limit);
}

/** A task in line, and how it is started in the context of whoever spawned it. */
interface Standing {
  readonly task: RunningTask<unknown>;
  readonly start: () => void;
  readonly submitter: CapturedContext;
}

class CountingGate implements TaskGate {
  readonly #scope: { readonly token: Token };
  #free: number;
  readonly #line = new Ring<Standing>();
  readonly #waiting = new Set<RunningTask<unknown>>();

  constructor(limit: number, scope: { readonly token: Token }) {
    this.#free = limit;
    this.#scope = scope;
  }

  enter(task: RunningTask<unknown>, start: () => void): void {
    if (this.#free > 0) {
      this.#free--;
      start();
      return;
    }
    this.#line.push({ task, start, submitter: captureContext() });
    this.#waiting.add(task);
  }

  leave(task: RunningTask<unknown>): void {
    // Whose end lets the next one in is decided by the order of the ends.
    touch(this.#scope.token);
    if (this.#waiting.delete(task)) return;
    this.#free++;
    while (this.#free > 0 && this.#waiting.size > 0) {
      const next = this.#line.shift() as Standing;
      if (!this.#waiting.delete(next.task)) continue;
      this.#free--;
      next.submitter.runInAsyncScope(next.start);
    }
  }
}

class RunnerGate implements TaskGate {
  readonly #runner: Runner;
  readonly #waiting = new Set<RunningTask<unknown>>();
  /** Those that were cancelled in line have left the limiter's: they run one after the other. */
  #cancelled: Promise<unknown> = Promise.resolve();

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  enter(task: RunningTask<unknown>, start: () => void): void {
    const submitter = captureContext();
    const letIn = (): Promise<unknown> | undefined => {
      if (this.#waiting.delete(task)) submitter.runInAsyncScope(start);
      return task.done ? undefined : task.settled();
    };
    this.#waiting.add(task);
    const letInAtLast = (): void => {
      if (this.#waiting.has(task)) this.#cancelled = this.#cancelled.then(letIn);
    };
    // No limiter lets anything in that comes from a cancelled scope.
    if (task.token.effective !== undefined) {
      letInAtLast();
      return;
    }
    task.token.onCancel = letInAtLast;
    // In the name of the task that waits to be let in, which is not the one that spawned it.
    const asked = task.token.run(async () =>
      this.#runner.run(letIn, { signal: task.token.signal }),
    );
    const refuse = (error: unknown): void => {
      // One that was cancelled is let in all the same, whatever its limiter says of that.
      if (task.token.effective !== undefined || !this.#waiting.delete(task)) return;
      task.refuse(error);
    };
    asked.then(
      () =>
        refuse(new TypeError('Expected run of the limiter to call the function that it was given')),
      refuse,
    );
  }

  leave(task: RunningTask<unknown>): void {
    // The limiter sees the end of the task by itself.
    this.#waiting.delete(task);
  }
}
