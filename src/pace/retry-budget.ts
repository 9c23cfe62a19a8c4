/**
 * A budget for attempts after the first, so that an outage does not multiply the load that has caused it: with three retries, a server
 * that fails everything gets four times its usual load at the worst moment.
 *
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
 * @module
 */

import { requireFinite } from '../core/arguments.ts';
import { now, touch } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { show } from '../core/shown.ts';

/** How a budget fills. */
export interface RetryBudgetOptions {
  /** Retries that each success earns; from 0. Default 0.1: one for ten successes. */
  readonly ratio?: number | undefined;
  /** Retries a second that need not be earned, so that a quiet client may retry at all; from 0. Default 1. */
  readonly minPerSecond?: number | undefined;
  /** Retries that can be saved up, and are there at the start; from 1. Default 10. */
  readonly burst?: number | undefined;
}

const NAMES: NamesOf<RetryBudgetOptions> = { ratio: true, minPerSecond: true, burst: true };

/** What a budget has done. */
export interface RetryBudgetStats {
  /** Retries that may be made now. */
  readonly tokens: number;
  readonly granted: number;
  readonly refused: number;
}

/**
 * Bounds the retries of all who share it: in any time there are no more than `burst`, plus `minPerSecond` for each second, plus `ratio`
 * for each success. Where it is used up, an error is final as if there were no attempts left.
 *
 * Give the same one to flows and to calls of `retry` that talk to the same server.
 *
 * @example
 * ```ts
 * import { map, RetryBudget } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const budget = new RetryBudget({ ratio: 0.1, minPerSecond: 0, burst: 5 });
 * let calls = 0;
 * const outage = async () => {
 *   calls++;
 *   throw new Error('out of service');
 * };
 * await map(Array(100).keys(), outage, { onError: 'continue', retry: { retries: 3, backoff: 0, budget } }).catch(() => undefined);
 * assert.equal(calls, 105); // without a budget: 400
 * ```
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #perMillisecond: number;
  readonly #burst: number;
  #tokens: number;
  #filled: number = now();
  #granted = 0;
  #refused = 0;

  /** @throws RangeError, TypeError when an option is out of its bounds */
  constructor(options: RetryBudgetOptions = {}) {
    requireOptions(options, NAMES, 'a retry budget');
    const { ratio = 0.1, minPerSecond = 1, burst = 10 } = options;
    requireFinite(ratio, 'ratio', 0);
    requireFinite(minPerSecond, 'minPerSecond', 0);
    requireFinite(burst, 'burst', 1);
    this.#ratio = ratio;
    this.#perMillisecond = minPerSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Counts a success. */
  deposit(): void {
    touch(this);
    this.#fill(this.#ratio);
  }

  /** Takes one retry out, if there is one. */
  tryWithdraw(): boolean {
    touch(this);
    this.#fill(0);
    // Ten tenths are not quite one in binary.
    const isThere = this.#tokens > 1 - 1e-9;
    if (isThere) {
      this.#tokens--;
      this.#granted++;
    } else this.#refused++;
    return isThere;
  }

  /** What is left, and what was given out. */
  stats(): RetryBudgetStats {
    touch(this);
    this.#fill(0);
    return { tokens: this.#tokens, granted: this.#granted, refused: this.#refused };
  }

  #fill(earned: number): void {
    const time = now();
    // A budget may live longer than the virtual clock it was made under.
    const passed = Math.max(0, time - this.#filled);
    this.#filled = time;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned + passed * this.#perMillisecond);
  }

  static {
    show(RetryBudget.prototype, (budget) => ({
      what: 'retry budget',
      granted: budget.#granted,
      refused: budget.#refused,
    }));
  }
}
