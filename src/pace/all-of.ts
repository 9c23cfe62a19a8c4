/**
 * Several limits for one call: a connection of the pool and a place at the tenant's limit and a start of the provider's rate.
 *
 * @module
 */

import { requireFunction } from '../core/arguments.ts';
import type { MaybePromise } from '../core/context.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { type Runner, requireRunner } from '../core/runner.ts';
import { show } from '../core/shown.ts';

/** The one order in which all calls of this process ask their limits: that of the first time each was given here. */
const ranks = new WeakMap<Runner, number>();
let lastRank = 0;
const LAST = 2 ** 50;

function rankOf(limit: Runner): number {
  let rank = ranks.get(limit);
  if (rank === undefined) {
    // A rate notes the start at its moment: nothing may be waited for between it and the function. Nobody waits for who has it.
    rank = ++lastRank + (limit.paces === true ? LAST : 0);
    ranks.set(limit, rank);
  }
  return rank;
}

/**
 * Combines limits: a function runs when it has all of them and holds them until it has settled. They are asked one after the other, in an
 * order that is the same for every `allOf` of the process, rates last, so two that name them in different order never wait for each other. A
 * call that is cancelled while it waits for one gives back those that it has.
 *
 * Options of a limiter such as its `timeout` hold for everything inside it, the wait for those that come after it too.
 *
 * @param limits limiters, semaphores, rates; each counts once
 *
 * @example
 * ```ts
 * import { allOf, limiter, Semaphore } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const [connections, tenant] = [new Semaphore(10), limiter(2)];
 * const query = allOf(connections, tenant);
 * assert.equal(await query.run(async () => 'row'), 'row');
 * ```
 */
export function allOf(...limits: Runner[]): Runner {
  for (const [index, limit] of limits.entries()) requireRunner(limit, `limits[${index}]`);
  const parts = limits.flatMap((limit) => (limit instanceof AllOf ? limit.parts : [limit]));
  const ranked = new Map(parts.map((limit) => [rankOf(limit), limit]));
  return new AllOf([...ranked].sort(([a], [b]) => a - b).map(([, limit]) => limit));
}

const RUN_NAMES: NamesOf<Parameters<Runner['run']>[1]> = { signal: true, key: true };

class AllOf implements Runner {
  readonly parts: readonly Runner[];

  constructor(parts: readonly Runner[]) {
    this.parts = parts;
  }

  async run<R>(
    fn: () => MaybePromise<R>,
    options?: { readonly signal?: AbortSignal; readonly key?: unknown },
  ): Promise<R> {
    requireFunction(fn, 'fn');
    if (options !== undefined) requireOptions(options, RUN_NAMES, 'a call of allOf');
    const enter = (index: number): MaybePromise<R> => {
      const limit = this.parts[index];
      return limit === undefined ? fn() : limit.run(() => enter(index + 1), options);
    };
    return enter(0);
  }
}

show(AllOf.prototype, ({ parts }) => ({ what: 'all of several limits', limits: parts.length }));
