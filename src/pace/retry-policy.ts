/**
 * Whether to try again, and when: the policy behind `retry` and behind the `retry` option of every flow.
 *
 * @module
 */
import { describe, isThenable, requireFunction } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { CallSite } from '../runtime/call-site.ts';
import { BACKOFF_NAMES, type Backoff, type BackoffOptions, backoffOf } from './backoff.ts';
import { answered, type RetryAfter, retryAfterOf } from './retry-after.ts';
import { RetryBudget } from './retry-budget.ts';
import { Course } from './retry-course.ts';

/** How failed attempts are repeated. A number is the same as `{ retries }`. */
export interface RetryOptions extends BackoffOptions {
  /** Attempts after the first: an integer from 0, or Infinity for no limit of their number. */
  readonly retries: number;
  /** Whether an error is worth another attempt. Default: all are. A cancellation never is, whatever this says. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /**
   * For all attempts and the waits between, from the start of the first; above 0. An attempt that is at work then is cancelled, and one
   * that could only start later is not waited for: it ends with `TimedOut` at once, whose `cause` is the last error. Default: none.
   */
  readonly totalTimeout?: Duration | undefined;
  /**
   * The least wait that an error asks for, a time from now or a point in time; the wait is this or that of the backoff, whichever
   * is longer. `max` does not shorten it. Default: what the error's `retryAfter` or its `Retry-After` header says.
   */
  readonly retryAfter?: ((error: unknown) => RetryAfter) | undefined;
  /**
   * Bounds all retries together, so that an outage does not multiply the load. A number is the `ratio` of a `RetryBudget` of this flow's
   * own; give several the same `RetryBudget` where they share a server. Default: none.
   */
  readonly budget?: number | RetryBudget | undefined;
}

/** Their names. */
export const RETRY_NAMES: NamesOf<RetryOptions> = {
  retries: true,
  retryIf: true,
  totalTimeout: true,
  retryAfter: true,
  budget: true,
  ...BACKOFF_NAMES,
};

/** A checked policy. */
export class RetryPolicy {
  readonly retries: number;
  readonly totalTimeout: number;
  /** Where the time limit was set, if there is one. */
  readonly site: CallSite | undefined;
  readonly budget: RetryBudget | undefined;
  /** Milliseconds that the backoff asks for. */
  readonly backoff: Backoff;
  readonly #retryIf: RetryOptions['retryIf'];
  readonly #retryAfter: RetryOptions['retryAfter'];
  readonly #prefix: string;

  /**
   * @param prefix what comes before the names of options in an error
   * @param names what may be said beside these options
   */
  constructor(
    options: RetryOptions,
    prefix: string,
    random?: () => number,
    names: NamesOf<RetryOptions> = RETRY_NAMES,
  ) {
    requireOptions(options, names, 'retry');
    const { retries, retryIf, retryAfter, budget } = options;
    requireCount(retries, `${prefix}retries`);
    if (retryIf !== undefined) requireFunction(retryIf, `${prefix}retryIf`);
    if (retryAfter !== undefined) requireFunction(retryAfter, `${prefix}retryAfter`);
    this.retries = retries;
    this.totalTimeout = requireSpan(options.totalTimeout, `${prefix}totalTimeout`);
    this.site = this.isTimed ? new CallSite(RetryPolicy as never) : undefined;
    this.budget = budgetOf(budget, `${prefix}budget`);
    this.backoff = backoffOf(options, prefix, random);
    this.#retryIf = retryIf;
    this.#retryAfter = retryAfter;
    this.#prefix = prefix;
  }

  /** Whether there is a deadline over all attempts, so that each must be made by `run` of its Course. */
  get isTimed(): boolean {
    return this.totalTimeout !== Number.POSITIVE_INFINITY;
  }

  /**
   * Starts counting the attempts at one thing.
   *
   * @param site where somebody asked for them, if that is not where the policy was made
   */
  begin(site: CallSite | undefined = this.site): Course {
    return new Course(this, site);
  }

  /** Whether an error is worth another attempt. */
  accepts(error: unknown): boolean {
    if (this.#retryIf === undefined) return true;
    const worthIt: unknown = this.#retryIf(error);
    if (!isThenable(worthIt)) return Boolean(worthIt);
    throw new TypeError(`Expected ${this.#prefix}retryIf to answer at once: got a promise`);
  }

  /** Milliseconds that the error asks for. */
  least(error: unknown): number {
    const asked =
      this.#retryAfter === undefined
        ? retryAfterOf(error)
        : answered(this.#retryAfter(error), `${this.#prefix}retryAfter`);
    return asked ?? 0;
  }
}

/** Checks the `retry` option. Undefined where nothing is repeated. */
export function retryPolicy(options: number | RetryOptions | undefined): RetryPolicy | undefined {
  if (options === undefined) return undefined;
  if (typeof options === 'object' && options !== null) return new RetryPolicy(options, 'retry.');
  requireCount(options, 'retry');
  return new RetryPolicy({ retries: options }, 'retry.');
}

/** Requires a number of attempts. */
export function requireCount(value: unknown, name: string): void {
  if (value === Number.POSITIVE_INFINITY) return;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return;
  const Wrong = typeof value === 'number' ? RangeError : TypeError;
  throw new Wrong(`Expected ${name} to be an integer >= 0 or Infinity: got ${describe(value)}`);
}

function requireSpan(duration: Duration | undefined, name: string): number {
  if (duration === undefined) return Number.POSITIVE_INFINITY;
  const ms = toMilliseconds(duration, name);
  if (ms === 0) throw new RangeError(`Expected ${name} to be a duration > 0: got 0`);
  return ms;
}

function budgetOf(budget: RetryOptions['budget'], name: string): RetryBudget | undefined {
  if (budget === undefined || budget instanceof RetryBudget) return budget;
  if (typeof budget !== 'number') {
    throw new TypeError(
      `Expected ${name} to be a number or a RetryBudget: got ${describe(budget)}`,
    );
  }
  if (budget >= 0 && budget < Number.POSITIVE_INFINITY) return new RetryBudget({ ratio: budget });
  throw new RangeError(`Expected ${name} to be a finite number >= 0: got ${budget}`);
}
