/**
 * The `limit` of a scope: lets so many of its tasks run at once, first in, first out.
 *
 * @module
 */
import { touch } from './kernel.ts';
import { Ring } from './ring.ts';
import type { Runner } from './runner.ts';
import type { RunningTask } from './task.ts';
import { captureContext, type Token } from './token.ts';

/** Starts tasks while there is room. */
export interface TaskGate {
  /** Calls `start` when there is room, unless the task has been dropped by then. */
  enter(task: RunningTask<unknown>, start: () => void): void;
  /** A task that was let in has ended. */
  leave(): void;
}

/** A gate for a number, or one that asks a limiter. */
export function taskGate(limit: number | Runner, scope: { readonly token: Token }): TaskGate {
  return typeof limit === 'number' ? new CountingGate(limit, scope) : new RunnerGate(limit);
}

class CountingGate implements TaskGate {
  readonly #scope: { readonly token: Token };
  #free: number;
  readonly #waiting = new Ring<() => boolean>();

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
    let queued = true;
    const submitter = captureContext();
    this.#waiting.push(() => {
      queued = false;
      if (!task.done) submitter.runInAsyncScope(start);
      return task.done;
    });
    task.token.onCancel = (cancelled) => {
      if (!queued) return;
      // Its end gives a place back that it never had.
      this.#free--;
      task.drop(cancelled);
    };
  }

  leave(): void {
    // Whose end lets the next one in is decided by the order of the ends.
    touch(this.#scope.token);
    this.#free++;
    while (this.#free > 0 && this.#waiting.length > 0) {
      if (this.#waiting.shift()?.() === false) this.#free--;
    }
  }
}

class RunnerGate implements TaskGate {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  enter(task: RunningTask<unknown>, start: () => void): void {
    task.token.onCancel = (cancelled) => task.drop(cancelled);
    const submitter = captureContext();
    let called = false;
    const letIn = (): Promise<unknown> | undefined => {
      if (!called && !task.done) submitter.runInAsyncScope(start);
      called = true;
      return task.done ? undefined : task.settled();
    };
    // In the name of the task that waits to be let in, which is not the one that spawned it.
    const asked = task.token.run(async () =>
      this.#runner.run(letIn, { signal: task.token.signal }),
    );
    asked.then(
      () => {
        if (called) return;
        task.refuse(
          new TypeError('Expected run of the limiter to call the function that it was given'),
        );
      },
      (error: unknown) => task.refuse(error),
    );
  }

  leave(): void {
    // The limiter sees the end of the task by itself.
  }
}
