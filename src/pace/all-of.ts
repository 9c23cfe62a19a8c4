/**
 * Several limits for one call: a connection of the pool and a place at the tenant's limit and a start of the provider's rate.
 *
 * @module
 */

import { requireFunction } from '../core/arguments.ts';
import { begin } from '../core/begin.ts';
import type { MaybePromise, Thunk } from '../core/context.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { type ContextRunner, type Runner, requireRunner } from '../core/runner.ts';
import { show } from '../core/shown.ts';
import { currentToken } from '../core/token.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';
import { Wait } from '../core/wait.ts';
import { Limited } from '../sync/limited.ts';
import { isLimiter } from './limiter.ts';
import { Paced } from './paced.ts';

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
 * The function gets its context; the signal in it aborts with the scope around, the `signal` of the call, and a time-out of any of the
 * limits. Options of a limiter such as its `timeout` hold for everything inside it, the wait for those that come after it too.
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
export function allOf(...limits: Runner[]): ContextRunner {
  for (const [index, limit] of limits.entries()) requireRunner(limit, `limits[${index}]`);
  const parts = limits.flatMap((limit) => (limit instanceof AllOf ? limit.parts : [limit]));
  const ranked = new Map(parts.map((limit) => [rankOf(limit), limit]));
  return new AllOf([...ranked].sort(([a], [b]) => a - b).map(([, limit]) => limit));
}

/** How one call is made. */
type Options = Parameters<Runner['run']>[1];

const RUN_NAMES: NamesOf<Options> = { signal: true, key: true };

const LABEL = 'all of several limits';

/** Whether what waits there is reached by the cancellation of its scope. */
function isOurs(limit: Runner): boolean {
  return limit instanceof Limited || limit instanceof Paced || isLimiter(limit);
}

class AllOf implements ContextRunner {
  /** Its last part may: what is waited for in between is its own. */
  readonly paces = false;
  readonly parts: readonly Runner[];

  constructor(parts: readonly Runner[]) {
    this.parts = parts;
  }

  async run<R>(fn: Thunk<R>, options?: Options): Promise<R> {
    requireFunction(fn, 'fn');
    if (options !== undefined) requireOptions(options, RUN_NAMES, 'a call of allOf');
    if (currentToken().effective !== undefined) return new Wait<R>(LABEL).promise;
    return hasSignal(options)
      ? underBounds(options, RUN_NAMES, LABEL, (others) => this.#enter(fn, others))
      : this.#enter(fn, options);
  }

  #enter<R>(fn: Thunk<R>, options: Options | undefined): MaybePromise<R> {
    let attempts = 0;
    const enter = (index: number): MaybePromise<R> => {
      const limit = this.parts[index];
      if (limit === undefined) return begin(fn, ++attempts);
      const next = (): MaybePromise<R> => enter(index + 1);
      // Nothing but a signal takes a call out of the line of somebody else's limit.
      return isOurs(limit)
        ? limit.run(next, options)
        : limit.run(next, { key: options?.key, signal: currentToken().signal });
    };
    return enter(0);
  }
}

show(AllOf.prototype, ({ parts }) => ({ what: 'all of several limits', limits: parts.length }));
