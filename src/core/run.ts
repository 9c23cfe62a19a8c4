/**
 * The entry of a program: a root scope that ends on Ctrl-C, and a report instead of silence when nothing can go on.
 *
 * @module
 */

import { CallSite } from '../runtime/call-site.ts';
import { requireFunction, requireOneOf } from './arguments.ts';
import type { MaybePromise } from './context.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { STOP_SIGNALS, type StopSignal } from './exit-codes.ts';
import { DEFAULT_GRACE } from './grace.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import { Program } from './program.ts';
import type { Scope } from './scope.ts';

/** How a program runs. */
export interface RunOptions {
  /** Which signals end it; false: none. Default SIGINT, SIGTERM and SIGHUP. */
  readonly signals?: readonly StopSignal[] | false | undefined;
  /** Time that all that is left has after a signal, clean-ups too. Default 5 s. */
  readonly grace?: Duration | undefined;
  /**
   * Exit with 128 + the number of the signal, as shells expect, and with 70 after a `Deadlock` that nobody catches. Default true;
   * false: after a signal `run` rejects with the `Cancelled`, or with `StuckTasks`, and the exit codes are Node's.
   */
  readonly exitCodes?: boolean | undefined;
}

const RUN_NAMES: NamesOf<RunOptions> = { signals: true, grace: true, exitCodes: true };

/**
 * Runs a program in a scope of its own. The first SIGINT, SIGTERM or SIGHUP cancels the scope, and the process exits with 130, 143
 * or 129 when the work and the clean-ups have ended, or when the grace is over. It bounds everything: clean-ups, shielded work, scopes
 * inside with a longer grace. Then those are cancelled too, clean-ups that have not begun are called, and what was left is printed
 * as one `StuckTasks`. A further signal exits at once. Errors that nobody can be told of any more are printed.
 *
 * When every task waits and nothing in the process could wake one, it rejects with `Deadlock` and the task tree, instead of ending
 * without a word; what waits is first cancelled, so that `finally` blocks and clean-ups run. If nobody catches it, the process exits
 * with 70. (On Node; in Bun and Deno a signal handler keeps a process alive.)
 *
 * @throws Deadlock when nothing can go on; what else had failed is its `cause`
 * @throws Cancelled, StuckTasks after a signal, where `exitCodes` is false
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
  const { grace = DEFAULT_GRACE, exitCodes = true } = options;
  const { signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] } = options;
  for (const name of signals || []) requireOneOf(name, 'signals', STOP_SIGNALS);
  const program = new Program<T>({
    signals: signals || [],
    grace: toMilliseconds(grace, 'grace'),
    exitCodes,
    site: new CallSite(run),
  });
  return program.run(main);
}
