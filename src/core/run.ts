/**
 * The entry of a program: a root scope that ends on Ctrl-C, and a report instead of silence when nothing can go on.
 *
 * @module
 */

import { hostProcess } from '../runtime/runtime.ts';
import { requireFunction, requireOneOf } from './arguments.ts';
import type { MaybePromise } from './context.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { Deadlock, isCancelled } from './errors.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import { OpenScope } from './open-scope.ts';
import type { Scope } from './scope.ts';
import { taskTree } from './tree.ts';

const NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
} as const;

/** A signal that can end a program. */
export type StopSignal = keyof typeof NUMBERS;

/** How a program runs. */
export interface RunOptions {
  /** Which signals end it; false: none. Default SIGINT and SIGTERM. */
  readonly signals?: readonly StopSignal[] | false | undefined;
  /** Time that cancelled work gets. Default 5 s. */
  readonly grace?: Duration | undefined;
  /** Exit with 128 + the number of the signal, as shells expect. Default true; false: `run` rejects with the `Cancelled`. */
  readonly exitCodes?: boolean | undefined;
}

const RUN_NAMES: NamesOf<RunOptions> = { signals: true, grace: true, exitCodes: true };

/**
 * Runs a program in a scope of its own. The first SIGINT or SIGTERM cancels the scope and the process exits with 130 or 143 when
 * the work has ended or its grace is over; the second exits at once. When every task waits and nothing in the process could wake
 * one, it rejects with `Deadlock` and the task tree, instead of ending without a word (on Node; Bun and Deno do not tell).
 *
 * @throws Deadlock when nothing can go on
 * @throws what `main` throws
 *
 * @example
 * ```ts
 * import { run, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const answer = await run(async (s) => {
 *   const task = s.spawn(() => sleep(1).then(() => 42));
 *   return task;
 * });
 * assert.equal(answer, 42);
 * ```
 */
export async function run<T>(
  main: (scope: Scope) => MaybePromise<T>,
  options: RunOptions = {},
): Promise<T> {
  requireFunction(main, 'main');
  requireOptions(options, RUN_NAMES, 'run');
  const { signals = ['SIGINT', 'SIGTERM'], grace = '5s', exitCodes = true } = options;
  toMilliseconds(grace, 'grace');
  for (const name of signals || []) requireOneOf(name, 'signals', Object.keys(NUMBERS));
  const host = hostProcess();
  let opened: OpenScope | undefined;
  let stoppedBy: string | undefined;
  let deadlock: Deadlock | undefined;

  const onSignal = (name: string): void => {
    if (stoppedBy !== undefined) host?.exit(exitCode(name));
    stoppedBy = name;
    opened?.cancel(name);
  };
  const onIdle = (): void => {
    if (deadlock !== undefined) return;
    deadlock = new Deadlock(taskTree(), 'every task waits and nothing is left that could wake one');
    opened?.cancel(deadlock);
  };
  for (const name of signals || []) host?.on(name, onSignal);
  host?.on('beforeExit', onIdle);
  try {
    return await OpenScope.run({ name: 'main', grace }, (s) => {
      opened = s;
      return main(s);
    });
  } catch (error) {
    // The process ends before anybody could handle or print it.
    if (stoppedBy !== undefined && exitCodes && !isCancelled(error)) console.error(error);
    throw deadlock ?? error;
  } finally {
    for (const name of signals || []) host?.off(name, onSignal);
    host?.off('beforeExit', onIdle);
    if (stoppedBy !== undefined && exitCodes) host?.exit(exitCode(stoppedBy));
  }
}

function exitCode(signal: string): number {
  return 128 + (NUMBERS[signal as StopSignal] ?? 0);
}
