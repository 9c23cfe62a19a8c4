/**
 * Runs a test under many schedules. Concurrency bugs are orders of events that nobody thought of; here they are enumerated or drawn,
 * and the one that fails comes back as a short text.
 *
 * @module
 */
import { requireFunction } from '../../core/arguments.ts';
import { ScheduleFailed } from './failure.ts';
import { type ExploreOptions, type Plan, planOf, type StrategyName } from './options.ts';
import { formatTrace } from './schedule-trace.ts';
import { explorationOf, type RunOnce } from './session.ts';
import { shrink } from './shrink.ts';
import { Prescribed } from './strategies/prescribed.ts';
import { TOGETHER, Together } from './strategies/together.ts';
import type { Run } from './strategy.ts';

/** What an exploration that found nothing has done. */
export interface Exploration {
  readonly strategy: StrategyName;
  /** What `random` and `pct` started from; undefined for the others. */
  readonly seed: number | string | undefined;
  /** How many schedules were run. */
  readonly runs: number;
  /** How many steps they took together. */
  readonly steps: number;
  /**
   * Whether there is no other schedule: no other order of steps, each of which goes from one wait of the library to the next. False for `random` and `pct`, when `runs` or `depth` left some out, and when a run waited for a
   * promise, an event or I/O from outside the library, whose moment no schedule decides.
   */
  readonly complete: boolean;
}

/**
 * Runs `body` again and again, in virtual time, each time under another schedule, until one fails or there are no more. A schedule
 * decides which task goes on whenever more than one can: each runs until it waits for something of the library. After all schedules the
 * body runs once with nobody held back, as it would by itself.
 *
 * The body is called anew for every schedule and must build all it uses itself. An error that it throws, an unhandled failure of
 * one of its tasks, a deadlock and a live-lock fail the schedule; it is then shrunk to what the failure needs.
 *
 * @throws ScheduleFailed with the trace for `replay`, the steps, and the original error as `cause`
 * @throws Error inside another `explore` or `virtual`
 *
 * @example
 * ```ts
 * import { scope, sleep } from 'skein';
 * import { explore, type ScheduleFailed } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * const body = async () => {
 *   let balance = 0;
 *   const deposit = async () => {
 *     const before = balance;
 *     await sleep(1);
 *     balance = before + 1;
 *   };
 *   await scope(async (s) => {
 *     s.spawn(deposit, 'ann');
 *     s.spawn(deposit, 'bob');
 *   });
 *   assert.equal(balance, 2);
 * };
 * await assert.rejects(explore(body), (error: ScheduleFailed) => error.steps.includes('bob: start'));
 * ```
 */
export async function explore(
  body: () => unknown,
  options: ExploreOptions = {},
): Promise<Exploration> {
  requireFunction(body, 'body');
  const plan = planOf(options, 'explore');
  return explorationOf({ ...plan, body }, (run) => exploreAll(plan, run));
}

async function exploreAll(plan: Plan, runOnce: RunOnce): Promise<Exploration> {
  const strategy = plan.strategy();
  let runs = 0;
  let steps = 0;
  let outside = false;
  while (runs < plan.runs && strategy.begin(runs)) {
    const run = await runOnce(strategy);
    runs++;
    steps += run.steps.length;
    outside ||= run.outside;
    if (run.failure !== undefined) throw await report(run, runs, plan, runOnce);
    strategy.end(run);
  }
  const together = await runOnce(new Together());
  if (together.failure !== undefined) throw reportOf(together, TOGETHER, plan);
  outside ||= together.outside;
  // The last run allowed may have been the last there is.
  const complete = (strategy.complete || !strategy.begin(runs)) && strategy.complete && !outside;
  return { strategy: plan.name, seed: plan.seed, runs, steps, complete };
}

async function report(
  failed: Run,
  runs: number,
  { name, seed }: Plan,
  runOnce: RunOnce,
): Promise<ScheduleFailed> {
  const shrunk = await shrink(failed, (choices) => runOnce(new Prescribed(choices)));
  const shown = shrunk ?? failed;
  return new ScheduleFailed({
    strategy: name,
    seed,
    runs,
    trace: formatTrace(shown.choices),
    steps: shown.steps.map(String),
    repeatable: shrunk !== undefined,
    cause: shown.failure?.error,
  });
}

/** The run without choices has nothing to shrink. */
function reportOf({ steps, failure }: Run, trace: string, { name, seed }: Plan): ScheduleFailed {
  return new ScheduleFailed({
    strategy: name,
    seed,
    runs: 0,
    trace,
    steps: steps.map(String),
    repeatable: true,
    cause: failure?.error,
  });
}

/**
 * Makes a test function of a body: `test('two users', exploring(async () => { … }))` in vitest, node:test, Bun and Deno.
 *
 * @throws TypeError or RangeError at once, for a wrong option
 *
 * @example
 * ```ts
 * import { scope, sleep } from 'skein';
 * import { exploring } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * const testFunction = exploring(async () => {
 *   const log: string[] = [];
 *   await scope(async (s) => {
 *     s.spawn(() => sleep(1).then(() => log.push('ann')));
 *     s.spawn(() => sleep(1).then(() => log.push('bob')));
 *   });
 *   assert.deepEqual(log.sort(), ['ann', 'bob']);
 * });
 * await testFunction();
 * ```
 */
export function exploring(body: () => unknown, options: ExploreOptions = {}): () => Promise<void> {
  requireFunction(body, 'body');
  planOf(options, 'exploring');
  // Runners look at the number of parameters.
  return async () => {
    await explore(body, options);
  };
}
