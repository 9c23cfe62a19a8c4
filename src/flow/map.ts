/**
 * A function over a source: all results in input order, or a stream of them.
 *
 * @module
 */

import { requireFunction, requireOneOf } from '../core/arguments.ts';
import { functionName } from '../core/function-name.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { requireSource, type Source } from '../core/source.ts';
import { ListCollector, runToEnd } from './collected.ts';
import { type Flow, PumpedFlow } from './flow.ts';
import { refuseRunning } from './inputs.ts';
import { FLOW_NAMES, type FlowOptions, type FlowPlan, type Mapper, planFlow } from './options.ts';
import type { Work } from './work.ts';

/**
 * Calls `fn` for every item, some at a time, and gives the results in input order. Items are read when there is room for them, so
 * the source may be infinite or asynchronous; a new one starts as soon as one ends.
 *
 * The first error stops the flow: nothing further starts, the running are cancelled, and when they have ended and the source is
 * closed the call rejects with that error, unchanged. Cancellation does the same, also while the source is silent: it is closed at once, in the
 * way of its kind, and the call never gives a part of the results. Costs about what a loop written by hand costs.
 *
 * @param source an iterable or async iterable; promises in it are refused, because no limit can apply to what already runs
 * @param fn gets the item, then a Context; may be synchronous
 * @throws the first error of `fn` or of the source
 * @throws AggregateError with `onError: 'continue'`, when all have ended and some failed
 * @throws Cancelled when the ambient scope or `signal` was cancelled first
 * @throws StuckTasks when the source or a call was alive `grace` after a cancellation and there is no other error
 * @throws TypeError, RangeError at once when an option is unknown or out of its bounds, `fn` no function or `source` not iterable
 *
 * @example
 * ```ts
 * import { map, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const lengths = await map(['a', 'bb', 'ccc'], async (text) => {
 *   await sleep(1);
 *   return text.length;
 * }, { concurrency: 2 });
 * assert.deepEqual(lengths, [1, 2, 3]);
 * ```
 */
export async function map<T, R>(
  source: Source<T>,
  fn: Mapper<T, R>,
  options: FlowOptions = {},
): Promise<R[]> {
  requireOptions(options, MAP_NAMES, 'map');
  const plan = planMap(source, fn, options, 'map');
  return runToEnd(
    plan,
    mapWork(plan, source, fn),
    new ListCollector<R>(Array.isArray(source) ? source.length : 0),
  );
}

const MAP_NAMES: NamesOf<FlowOptions> = { concurrency: true, buffer: true, ...FLOW_NAMES };

/** How a stream of results is delivered. */
export interface StreamOptions extends FlowOptions {
  /** `input` (default): in the order of the source; a slow item holds the later results, and `buffer` says how many. `completion`: as they come. */
  readonly order?: 'input' | 'completion' | undefined;
}

const STREAM_NAMES: NamesOf<StreamOptions> = { ...MAP_NAMES, order: true };

/**
 * The same as `map`, as a stream with back-pressure: memory is bounded by `buffer`, not by the source.
 *
 * @example
 * ```ts
 * import { mapStream, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const seen: number[] = [];
 * for await (const value of mapStream([30, 1], (ms) => sleep(ms).then(() => ms), { order: 'completion' })) {
 *   seen.push(value);
 * }
 * assert.deepEqual(seen, [1, 30]);
 * ```
 */
export function mapStream<T, R>(
  source: Source<T>,
  fn: Mapper<T, R>,
  options: StreamOptions = {},
): Flow<R> {
  requireOptions(options, STREAM_NAMES, 'mapStream');
  const { order = 'input' } = options;
  requireOneOf(order, 'order', ['input', 'completion']);
  const plan = planMap(source, fn, options, 'mapStream');
  return new PumpedFlow(plan, mapWork(plan, source, fn), { order });
}

function planMap(source: unknown, fn: unknown, options: FlowOptions, name: string): FlowPlan {
  requireSource(source, 'source');
  requireFunction(fn, 'fn');
  return planFlow(options, `${name}(${functionName(fn) || 'fn'})`);
}

function mapWork<T, R>(plan: FlowPlan, source: Source<T>, body: Mapper<T, R>): Work<T, R> {
  const limited = plan.limit !== Number.POSITIVE_INFINITY || plan.runner !== undefined;
  return limited ? { source, body, check: refuseRunning } : { source, body };
}
