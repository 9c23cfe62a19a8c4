/**
 * Several different things at once, as a tuple or a record.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import type { Settled } from '../core/task.ts';
import { type AnySource, refuseNonSource, runSource, type ValueOf } from './adopt.ts';
import { ListCollector, runToEnd, SettledCollector } from './collected.ts';
import { type FlowPlan, planFlow } from './options.ts';
import type { Work } from './work.ts';

/** The options of `gather`. */
export interface GatherOptions {
  /** `stop` (default): the first error cancels the others. `continue`: all finish, then one AggregateError. */
  readonly onError?: 'stop' | 'continue' | undefined;
  /** Cancels all of them. */
  readonly signal?: AbortSignal | undefined;
  /** Settles at the moment, and leaves behind, without a report, what does not stop at once: as for flows. Default false. */
  readonly abandon?: boolean | undefined;
}

const SETTLED_NAMES: NamesOf<Parameters<typeof gatherSettled>[1]> = { signal: true, abandon: true };
const GATHER_NAMES: NamesOf<GatherOptions> = { ...SETTLED_NAMES, onError: true };

/** Inputs by name. */
export type AnyRecord = Readonly<Record<string, AnySource>>;

/**
 * Starts all functions, waits for all tasks, and gives their values in argument order, as a tuple or a record like the input.
 * The first error in time is thrown, unchanged, when the others have been cancelled and have ended. Cancelling the call cancels all.
 *
 * @throws the first error; AggregateError with `onError: 'continue'`
 * @throws TypeError at once for an input that is neither a function nor a task
 *
 * @example
 * ```ts
 * import { gather } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const { user, posts } = await gather({ user: async () => 'Ada', posts: () => [1, 2] });
 * assert.deepEqual([user, posts], ['Ada', [1, 2]]);
 * ```
 */
export function gather<const S extends readonly AnySource[]>(
  sources: S,
  options?: GatherOptions,
): Promise<{ -readonly [K in keyof S]: ValueOf<S[K]> }>;
/** The same, for a record. */
export function gather<S extends AnyRecord>(
  sources: S,
  options?: GatherOptions,
): Promise<{ -readonly [K in keyof S]: ValueOf<S[K]> }>;
export async function gather(
  sources: readonly AnySource[] | AnyRecord,
  options: GatherOptions = {},
): Promise<unknown> {
  requireOptions(options, GATHER_NAMES, 'gather');
  const shape = shapeOf(sources);
  const values = await runToEnd(
    planGather(options, options.onError, 'gather'),
    shape.work,
    new ListCollector<unknown>(),
  );
  return shape.build(values);
}

/**
 * The same, but gives how each of them ended instead of failing.
 *
 * @example
 * ```ts
 * import { gatherSettled } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const [good, bad] = await gatherSettled([() => 1, () => Promise.reject(new Error('no'))]);
 * assert.deepEqual([good.status, bad.status], ['done', 'failed']);
 * ```
 */
export function gatherSettled<const S extends readonly AnySource[]>(
  sources: S,
  options?: Pick<GatherOptions, 'signal' | 'abandon'>,
): Promise<{ -readonly [K in keyof S]: Settled<ValueOf<S[K]>> }>;
/** The same, for a record. */
export function gatherSettled<S extends AnyRecord>(
  sources: S,
  options?: Pick<GatherOptions, 'signal' | 'abandon'>,
): Promise<{ -readonly [K in keyof S]: Settled<ValueOf<S[K]>> }>;
export async function gatherSettled(
  sources: readonly AnySource[] | AnyRecord,
  options: Pick<GatherOptions, 'signal' | 'abandon'> = {},
): Promise<unknown> {
  requireOptions(options, SETTLED_NAMES, 'gatherSettled');
  const shape = shapeOf(sources);
  const plan = planGather(options, 'continue', 'gatherSettled');
  const settled = await runToEnd(plan, shape.work, new SettledCollector<unknown>());
  return shape.build(settled);
}

function planGather(
  options: Omit<GatherOptions, 'onError'>,
  onError: GatherOptions['onError'],
  name: string,
): FlowPlan {
  const concurrency = Number.POSITIVE_INFINITY;
  return planFlow({ ...options, signal: options.signal, onError, concurrency }, name);
}

interface Gathering {
  readonly work: Work<AnySource, unknown>;
  build(results: readonly unknown[]): unknown;
}

/** A list of inputs and the way back to the shape they had. */
function shapeOf(sources: readonly AnySource[] | AnyRecord): Gathering {
  if (typeof sources !== 'object' || sources === null) {
    throw new TypeError(`Expected sources to be an array or a record: got ${describe(sources)}`);
  }
  if (Symbol.iterator in sources) {
    const list = [...(sources as readonly AnySource[])];
    list.forEach(refuseNonSource);
    return { work: { source: list, body: runSource }, build: (results) => results };
  }
  const keys = Object.keys(sources);
  for (const key of keys) refuseNonSource(sources[key], key);
  const list = keys.map((key) => sources[key] as AnySource);
  return {
    work: { source: list, body: runSource },
    build: (results) => Object.fromEntries(keys.map((key, index) => [key, results[index]])),
  };
}
