/**
 * The two flows of aioextensions: `collect` gives all results, `resolve` streams them in input order with bounded look-ahead.
 *
 * @module
 */
import { requireInteger, requireLimit } from '../core/arguments.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { requireSource, type Source } from '../core/source.ts';
import type { ValueOf } from './adopt.ts';
import { ListCollector, runToEnd } from './collected.ts';
import { type Flow, PumpedFlow } from './flow.ts';
import { type AnyThunk, callThunk, refuseNonFunction } from './inputs.ts';
import { FLOW_NAMES, type FlowOptions, type FlowPlan, planFlow } from './options.ts';

/** The options of `collect`. */
export interface CollectOptions extends Omit<FlowOptions, 'concurrency' | 'buffer'> {
  /** Functions at work at once. From 1; -1 or Infinity: no limit. Default 1024. */
  readonly workers?: number | undefined;
}

const COLLECT_NAMES: NamesOf<CollectOptions> = { workers: true, ...FLOW_NAMES };

/**
 * Calls all functions, `workers` at a time, and gives their results in input order. Errors and cancellation are as in `map`.
 *
 * @throws RangeError when `workers` is below 1
 * @throws TypeError when an input is not a function; the message names its position
 *
 * @example
 * ```ts
 * import { collect, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const jobs = [3, 2, 1].map((ms) => () => sleep(ms).then(() => ms));
 * assert.deepEqual(await collect(jobs, { workers: 2 }), [3, 2, 1]);
 * ```
 */
export async function collect<F extends AnyThunk>(
  thunks: Source<F>,
  options: CollectOptions = {},
): Promise<ValueOf<F>[]> {
  requireOptions(options, COLLECT_NAMES, 'collect');
  const plan = planThunks(thunks, options, 'collect', Number.POSITIVE_INFINITY);
  return runToEnd(
    plan,
    { source: thunks, body: callThunk, check: refuseNonFunction },
    new ListCollector<ValueOf<F>>(Array.isArray(thunks) ? thunks.length : 0),
  );
}

/** The options of `resolve`. */
export interface ResolveOptions extends CollectOptions {
  /**
   * How far the workers may run ahead: at most `workers` x `greediness` results wait for the consumer. 0 (default): no bound, the
   * one flow whose memory the input bounds.
   */
  readonly greediness?: number | undefined;
}

const RESOLVE_NAMES: NamesOf<ResolveOptions> = { ...COLLECT_NAMES, greediness: true };

/**
 * Streams the results of functions in input order while the workers run ahead.
 *
 * @throws RangeError when `workers` is below 1 or `greediness` below 0
 *
 * @example
 * ```ts
 * import { resolve } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const flow = resolve([() => 'a', async () => 'b'], { workers: 2, greediness: 1 });
 * assert.deepEqual(await flow.toArray(), ['a', 'b']);
 * ```
 */
export function resolve<F extends AnyThunk>(
  thunks: Source<F>,
  options: ResolveOptions = {},
): Flow<ValueOf<F>> {
  requireOptions(options, RESOLVE_NAMES, 'resolve');
  const { greediness = 0, workers = DEFAULT_WORKERS } = options;
  requireInteger(greediness, 'greediness', 0);
  requireLimit(workers, 'workers', 1);
  const ahead =
    greediness === 0 ? Number.POSITIVE_INFINITY : requireLimit(workers, 'workers', 1) * greediness;
  const plan = planThunks(thunks, options, 'resolve', ahead);
  return new PumpedFlow(
    plan,
    { source: thunks, body: callThunk, check: refuseNonFunction },
    { order: 'input' },
  );
}

const DEFAULT_WORKERS = 1024;

function planThunks(
  thunks: unknown,
  options: CollectOptions,
  name: string,
  buffer: number,
): FlowPlan {
  requireSource(thunks, 'thunks');
  const { workers = DEFAULT_WORKERS, ...rest } = options;
  return planFlow(
    { ...rest, signal: options.signal, concurrency: workers, buffer },
    name,
    'workers',
  );
}
