/**
 * What decides about the schedules of an exploration. A strategy sees only points of choice and finished runs; how a run is made is
 * the business of execution.ts.
 *
 * @module
 */
import type { Choice } from './schedule-trace.ts';
import type { Step } from './step.ts';

/** How many ways go on without a cancellation. Where nothing is ready there is one: time moves to the next timer. */
export function waysOn(ready: readonly Step[]): number {
  return Math.max(ready.length, 1);
}

/** A run that has ended. */
export interface Run {
  readonly steps: readonly Step[];
  /** One for each point with more than one way. */
  readonly choices: readonly Choice[];
  /** What it failed with, if it did. */
  readonly failure: { readonly error: unknown } | undefined;
  /** It waited for something outside the library: the same choices may not give the same run again. */
  readonly outside: boolean;
}

/** Chooses the schedules, one run after the other. */
export interface Strategy {
  /** Begins a run; false when there is nothing left to run. */
  begin(run: number): boolean;
  /**
   * The way to go, where there is more than one: below `waysOn` the ready entry with this index, from there on the cancellation of a task.
   *
   * @param ready what is ready, in the order in which it became so
   * @param cancellable how many tasks could be cancelled instead
   * @param steps those taken so far
   */
  pick(ready: readonly Step[], cancellable: number, steps: readonly Step[]): number;
  /** One of `count` ways to go on inside the last of `steps`. */
  choose(count: number, steps: readonly Step[]): number;
  /** A run has ended. */
  end(run: Run): void;
  /** No schedule is left that has not been run, or is equivalent to one. */
  readonly complete: boolean;
  /** Whether all that is ready goes on in one turn, without choices. Default false. */
  readonly together?: boolean;
  /** Whether steps must record what they touch. */
  readonly footprints: boolean;
}
