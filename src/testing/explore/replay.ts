/**
 * Runs a test once, under a schedule that an exploration has found.
 *
 * @module
 */
import { requireFunction } from '../../core/arguments.ts';
import { parseTrace } from './schedule-trace.ts';
import { explorationOf } from './session.ts';
import { Prescribed } from './strategies/prescribed.ts';

/**
 * Runs `body` under the schedule of a trace, and throws what it throws: the place for a debugger. The empty trace is the default
 * schedule, in which whoever became ready first goes on first.
 *
 * @param trace of a `ScheduleFailed`
 * @throws Deadlock when every task waits and no timer is pending
 * @throws Error when the trace does not fit the body, or inside another `explore` or `virtual`
 *
 * @example
 * ```ts
 * import { scope } from 'skein';
 * import { replay } from 'skein/testing';
 * import assert from 'node:assert/strict';
 *
 * const log: string[] = [];
 * await replay(async () => {
 *   await scope(async (s) => {
 *     for (const name of ['ann', 'bob', 'cyd']) s.spawn(() => void log.push(name), name);
 *   });
 * }, '2.1');
 * assert.deepEqual(log, ['cyd', 'bob', 'ann']);
 * ```
 */
export async function replay(body: () => unknown, trace: string): Promise<void> {
  requireFunction(body, 'body');
  const choices = parseTrace(trace);
  const cancelAnywhere = choices.some(({ kind }) => kind === 'cancel');
  const strategy = new Prescribed(choices);
  const setting = { body, cancelAnywhere, maxSteps: Number.POSITIVE_INFINITY };
  await explorationOf(setting, async (runOnce) => {
    const { failure } = await runOnce(strategy);
    const { problem } = strategy;
    if (problem !== undefined) {
      throw new Error(`Cannot replay '${trace}': ${problem}`, { cause: failure?.error });
    }
    if (failure !== undefined) throw failure.error;
  });
}
