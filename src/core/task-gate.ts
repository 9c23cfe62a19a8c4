/**
 * The `limit` of a scope: lets so many of its tasks run at once, first in, first out.
 *
 * @module
 */
import { Ring } from './ring.ts';
import type { Runner } from './runner.ts';
import type { RunningTask } from './task.ts';

/** Starts tasks while there is room. */
export interface TaskGate {
  /** Calls `start` when there is room, unless the task has been dropped by then. */
  enter(task: RunningTask<unknown>, start: () => void): void;
  /** A task that was let in has ended. */
  leave(): void;
}

/** A gate for a number, or one that asks a limiter. */
export function taskGate(limit: number | Runner, refused: (error: unknown) => void): TaskGate {
  return typeof limit === 'number' ? new CountingGate(limit) : new RunnerGate(limit, refused);
}

class CountingGate implements TaskGate {
  #free: number;
  readonly #waiting = new Ring<() => boolean>();

  constructor(limit: number) {
    this.#free = limit;
  }

  enter(task: RunningTask<unknown>, start: () => void): void {
    if (this.#free > 0) {
      this.#free--;
      start();
      return;
    }
    let queued = true;
    this.#waiting.push(() => {
      queued = false;
      if (!task.done) start();
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
    this.#free++;
    while (this.#free > 0 && this.#waiting.length > 0) {
      if (this.#waiting.shift()?.() === false) this.#free--;
    }
  }
}

class RunnerGate implements TaskGate {
  readonly #runner: Runner;
  readonly #refused: (error: unknown) => void;

  constructor(runner: Runner, refused: (error: unknown) => void) {
    this.#runner = runner;
    this.#refused = refused;
  }

  enter(task: RunningTask<unknown>, start: () => void): void {
    task.token.onCancel = (cancelled) => task.drop(cancelled);
    this.#runner
      .run(() => {
        if (task.done) return;
        start();
        return task.settled();
      })
      .catch((error: unknown) => {
        if (task.done) return;
        this.#refused(error);
        task.cancel(error);
      });
  }

  leave(): void {
    // The limiter sees the end of the task by itself.
  }
}
