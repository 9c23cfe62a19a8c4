/**
 * Outcomes in the order in which they happen.
 *
 * @module
 */

import type { Thunk } from '../core/context.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { requireSource } from '../core/source.ts';
import { refuseNonSource, runSource, type TaskSource } from './adopt.ts';
import { PumpedFlow } from './flow.ts';
import { planFlow } from './options.ts';
import type { Outcome } from './outcome.ts';

/** The options of `asCompleted`. */
export interface AsCompletedOptions {
  /** For the whole iteration, from its start. */
  readonly timeout?: Duration | undefined;
  /** Cancels all of them. */
  readonly signal?: AbortSignal | undefined;
  /** Settles at the moment, and leaves behind, without a report, what does not stop at once: as for flows. Default false. */
  readonly abandon?: boolean | undefined;
}

const AS_COMPLETED_NAMES: NamesOf<AsCompletedOptions> = {
  timeout: true,
  signal: true,
  abandon: true,
};

/**
 * Starts all functions, adopts all tasks, and gives how each of them ended, as it ends: an error comes at its turn, as an outcome,
 * and the rest goes on. Outcomes and not tasks, because an async iterator would await a task. Leaving early, and the time-out,
 * cancel what has not ended.
 *
 * @throws TimedOut from the iteration when the time is over; what had ended before was given first
 * @throws TypeError at once for an input of an array that is neither a function nor a task
 *
 * @example
 * ```ts
 * import { asCompleted, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const order: number[] = [];
 * for await (const outcome of asCompleted([() => sleep(20), () => sleep(1)])) order.push(outcome.index);
 * assert.deepEqual(order, [1, 0]);
 * ```
 */
export function asCompleted<T>(
  sources: Iterable<TaskSource<T>> | AsyncIterable<Thunk<T>>,
  options: AsCompletedOptions = {},
): AsyncIterable<Outcome<T>> & AsyncDisposable {
  requireOptions(options, AS_COMPLETED_NAMES, 'asCompleted');
  requireSource(sources, 'sources');
  if (Array.isArray(sources)) sources.forEach(refuseNonSource);
  const { timeout = Number.POSITIVE_INFINITY, ...rest } = options;
  const within = toMilliseconds(timeout, 'timeout');
  const all = { ...rest, signal: options.signal, concurrency: -1, onError: 'continue' } as const;
  const plan = planFlow(all, 'asCompleted');
  const work = { source: sources, body: runSource<T>, check: refuseNonSource };
  const flow = new PumpedFlow<TaskSource<T>, T>(plan, work, {
    order: 'completion',
    as: 'outcomes',
    within,
  });
  return flow as unknown as AsyncIterable<Outcome<T>> & AsyncDisposable;
}
