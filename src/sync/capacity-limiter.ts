/**
 * Tokens for borrowers, as in Trio and anyio.
 *
 * @module
 */

import { describe, requireLimit } from '../core/arguments.ts';
import { BOUND_NAMES, type WaitBounds } from '../core/bounds.ts';
import type { MaybePromise, Thunk } from '../core/context.ts';
import { touch } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import type { Lease, Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { beginHolding } from './circle.ts';
import { Limited, RUN_NAMES, type RunBounds } from './limited.ts';
import { labelOf, type NameOption } from './named.ts';
import {
  factsOfLease,
  type LimiterStats,
  ONE,
  ONE_IN_BLOCK,
  type Permit,
  UNLIMITED,
} from './permit.ts';
import { Permits } from './permits.ts';

/** Who has tokens and who waits for one. */
export interface CapacityStats extends LimiterStats {
  /** Those on whose behalf tokens were borrowed, where that was said. */
  readonly borrowers: readonly unknown[];
}

/** On whose behalf a token is borrowed, and how long one waits for it. */
export interface BorrowBounds extends WaitBounds {
  /** The borrower; by default the lease itself. */
  readonly onBehalfOf?: unknown;
}

const BORROW_NAMES: NamesOf<BorrowBounds> = { ...BOUND_NAMES, onBehalfOf: true };

const TRY_NAMES: NamesOf<Parameters<CapacityLimiter['tryAcquire']>[0]> = { onBehalfOf: true };

/**
 * Lends one token to each borrower, first come, first served: a limit on how many do something at once, which can tell who they are.
 * `total` can be changed at any time; a lower one takes effect as tokens come back.
 *
 * A borrower is whatever was named with `acquire({ onBehalfOf })`, and has one token at most. Without a name every lease is a borrower
 * of its own. A function run by `run` or `with` that wants a further token while all are held by functions that wait for it gets a
 * `Deadlock` instead of waiting for ever.
 *
 * @example
 * ```ts
 * import { CapacityLimiter, map } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const limiter = new CapacityLimiter(2);
 * const both = await Promise.all([
 *   map([1, 2, 3], async (n) => n, { concurrency: limiter }),
 *   map([4, 5, 6], async (n) => n, { concurrency: limiter }),
 * ]);
 * assert.deepEqual(both.flat(), [1, 2, 3, 4, 5, 6]);
 * ```
 */
export class CapacityLimiter extends Limited {
  readonly #permits: Permits;
  /** Those who were named; without a permit they wait for one. */
  readonly #borrowers = new Map<unknown, Permit | undefined>();
  #total: number;

  /**
   * @param total tokens, from 1; -1 or Infinity: no limit
   * @param options.name what errors and the task tree call it. Default `limiter`
   */
  constructor(total: number, options: NameOption = {}) {
    super();
    this.#total = requireLimit(total, 'total', 1);
    const label = labelOf('limiter', options);
    this.#permits = new Permits(label, finite(this.#total), { tracked: true, circle: 'all' });
  }

  /** How many tokens there are. Setting it to more lets waiting borrowers in at once. */
  get total(): number {
    touch(this.#permits);
    return this.#total;
  }

  set total(total: number) {
    const before = finite(this.#total);
    this.#total = requireLimit(total, 'total', 1);
    this.#permits.add(finite(this.#total) - before);
  }

  /** Tokens that are lent. */
  get borrowed(): number {
    touch(this.#permits);
    return finite(this.#total) - this.#permits.free;
  }

  /** Tokens that could be lent now; below 0 when `total` was lowered under what is lent. */
  get available(): number {
    return this.#total - this.borrowed;
  }

  /**
   * Waits for a token.
   *
   * @throws RangeError at once when the borrower has a token, or waits for one
   * @throws Deadlock when all tokens are held by functions that wait for this request
   * @throws Cancelled, TimedOut, the reason of `signal`; no token is held then
   */
  acquire(bounds?: BorrowBounds): Promise<Lease> {
    const borrower = bounds?.onBehalfOf;
    return borrower === undefined
      ? this.#permits.take(ONE, bounds, BORROW_NAMES)
      : this.#borrow(borrower, bounds);
  }

  async #borrow(borrower: unknown, bounds: WaitBounds | undefined): Promise<Lease> {
    this.#requireNew(borrower);
    this.#borrowers.set(borrower, undefined);
    try {
      return this.#lend(await this.#permits.take(ONE, bounds, BORROW_NAMES), borrower);
    } catch (error) {
      this.#borrowers.delete(borrower);
      throw error;
    }
  }

  /**
   * A token, if one is free and nobody waits.
   *
   * @throws RangeError when the borrower has a token, or waits for one
   */
  tryAcquire(options: { readonly onBehalfOf?: unknown } = {}): Lease | undefined {
    requireOptions(options, TRY_NAMES, 'tryAcquire');
    const { onBehalfOf } = options;
    if (onBehalfOf === undefined) return this.#permits.tryTake(ONE);
    this.#requireNew(onBehalfOf);
    const permit = this.#permits.tryTake(ONE);
    return permit === undefined ? undefined : this.#lend(permit, onBehalfOf);
  }

  #requireNew(borrower: unknown): void {
    touch(this.#permits);
    if (!this.#borrowers.has(borrower)) return;
    throw new RangeError(
      `Cannot lend ${this.#permits.label} to ${describe(borrower)}: it has a token, or waits for one`,
    );
  }

  #lend(permit: Permit, borrower: unknown): Lease {
    this.#borrowers.set(borrower, permit);
    return new Loan(permit, borrower, this.#borrowers);
  }

  protected enter(bounds: RunBounds | undefined): Promise<Lease> {
    return this.#permits.take(ONE_IN_BLOCK, bounds, RUN_NAMES);
  }

  protected override call<R>(lease: Lease, fn: Thunk<R>): MaybePromise<R> {
    return beginHolding(lease as Permit, fn);
  }

  protected get label(): string {
    return this.#permits.label;
  }

  /** Borrowing a token, as a case of `select`. */
  get acquired(): Op<Lease> {
    return this.#permits.operation(ONE);
  }

  /** Who has tokens and who waits. */
  stats(): CapacityStats {
    const borrowers = [...this.#borrowers].filter(([, permit]) => permit !== undefined);
    return { ...this.#permits.stats(), borrowers: borrowers.map(([borrower]) => borrower) };
  }

  static {
    show(CapacityLimiter.prototype, (limiter) => {
      const { label, waiting } = limiter.#permits;
      return { what: label, borrowed: limiter.borrowed, of: limiter.#total, waiting };
    });
  }
}

/** The lease of a borrower who was named. */
class Loan implements Lease {
  readonly #permit: Permit;
  readonly #borrower: unknown;
  readonly #borrowers: Map<unknown, Permit | undefined>;

  constructor(permit: Permit, borrower: unknown, borrowers: Map<unknown, Permit | undefined>) {
    this.#permit = permit;
    this.#borrower = borrower;
    this.#borrowers = borrowers;
  }

  release(): void {
    if (this.#borrowers.get(this.#borrower) === this.#permit)
      this.#borrowers.delete(this.#borrower);
    this.#permit.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  static {
    show(Loan.prototype, (loan) => ({
      ...factsOfLease(loan.#permit),
      onBehalfOf: describe(loan.#borrower),
    }));
  }
}

function finite(total: number): number {
  return Math.min(total, UNLIMITED);
}
