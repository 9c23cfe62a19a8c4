/**
 * The everyday limiter: a function that runs other functions, so many at once, so often, in the order of their priority. What people use
 * p-limit, p-queue and bottleneck for.
 *
 * @module
 */

import { requireFunction, requireLimit } from '../core/arguments.ts';
import type { Arguments } from '../core/body.ts';
import type { WaitBounds } from '../core/bounds.ts';
import type { Context, MaybePromise, Thunk } from '../core/context.ts';
import { type Wrappable, type Wrapped, wrapped } from '../core/likeness.ts';
import type { ContextRunner } from '../core/runner.ts';
import { show } from '../core/shown.ts';
import { hasSignal, underSignal } from '../core/under-signal.ts';
import { CallSite } from '../runtime/call-site.ts';
import { type CallRules, runByRules } from './attempt.ts';
import { LimiterAdmission } from './limiter-admission.ts';
import {
  askOf,
  type CallOptions,
  type LimiterOptions,
  type LimiterPlan,
  planLimiter,
  rulesOf,
} from './limiter-options.ts';
import { type AnyFunction, NONE, PLAIN } from './queued-call.ts';

/** The parameters of a function that says nothing of them, for the arguments `A`. */
type WithContext<A> = A extends readonly unknown[] ? [...A, context: Context] : never;

/** How busy a limiter is. */
export interface CallableLimiterStats {
  /** Calls at work. */
  readonly active: number;
  /** Calls that wait for their turn, or for their next attempt. */
  readonly waiting: number;
  /** Infinity for no limit of its own. */
  readonly concurrency: number;
  readonly paused: boolean;
}

/** A limiter; made by `limiter`. */
export interface CallableLimiter extends ContextRunner, AsyncDisposable {
  /**
   * Runs `fn(...args, context)` when it is its turn, one microtask after the call at the earliest, in the async context of the call. The
   * signal in the context aborts with the ambient scope and with the time-out. All parameters must be given, but a last one that takes
   * the context.
   *
   * @throws Cancelled when the ambient scope is cancelled, the line cleared or the limiter closed before it has started
   * @throws WouldBlock when the line is full
   * @throws TimedOut when an attempt took longer than `timeout`
   */
  <A extends Arguments<P>, R, P extends readonly unknown[] = WithContext<A>>(
    fn: (...args: P) => MaybePromise<R>,
    ...args: A
  ): Promise<R>;
  /**
   * The same with options for this call.
   *
   * @throws the reason of `signal`, as it is, when that has aborted before the call has started, or has stopped it
   */
  run<R>(fn: Thunk<R>, options?: CallOptions): Promise<R>;
  /** Gives a function that waits for its turn at each call, with the name, the length and the `this` of `fn`. */
  wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R>;
  /** Calls at work at once. May be set at any time: more start at once, fewer as those at work end. */
  concurrency: number;
  /** Calls at work. */
  readonly active: number;
  /** Calls that wait for their turn, or for their next attempt. */
  readonly waiting: number;
  /** Starts nothing more until `resume`. */
  pause(): void;
  resume(): void;
  /**
   * Rejects all who wait with a `Cancelled`, those that wait for their next attempt too. Calls at work go on, and a call that found room
   * is at work from then on, though its function is called a microtask later.
   *
   * @returns how many it were
   */
  clear(reason?: unknown): number;
  /**
   * Waits until a call would start without waiting, or, where there is a `maxWaiting` above 0, until the line has room. With a `rate`, a
   * `spacing` or a shared limiter it waits until nobody is in line: when the next call may start, only these know. One that waits here is let
   * go for each place. For producers: `await limit.ready()` before the next call bounds what is in line.
   *
   * @throws Cancelled when the limiter is closed
   */
  ready(bounds?: WaitBounds): Promise<void>;
  /**
   * Waits until nothing is at work and nobody waits.
   *
   * @throws TypeError inside one of its calls, where that is known: in the synchronous part of its function, and in all of a call that has
   *   a signal or a time limit. It would wait for itself
   */
  idle(bounds?: WaitBounds): Promise<void>;
  /** How busy it is. */
  stats(): CallableLimiterStats;
  /**
   * Takes no more calls, clears the line, and waits for those at work.
   *
   * @throws TypeError inside one of its calls, as `idle` does
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a limiter: `limit(fn, ...args)` runs `fn` when it is its turn and gives its result.
 *
 * A time-out starts with the attempt, and its place stays taken until the function has really settled. A call whose scope is cancelled, or
 * whose signal aborts, leaves the line at once; a function that is at work is told by the signal in its context, and the call settles when the
 * function has. Calls keep their async context, wherever they are started from.
 *
 * A call from inside a call of the same limiter waits for its turn as any other: with all places taken by calls that wait for
 * such calls, nothing goes on. Nothing can tell that from calls that are merely put in line, so nothing is refused; `run`
 * and `virtual` report the standstill as a `Deadlock`.
 *
 * @param options how many at once, or see LimiterOptions
 * @throws RangeError, TypeError when an option is unknown or out of its bounds
 *
 * @example
 * ```ts
 * import { limiter } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const limit = limiter(2);
 * const double = async (n: number) => 2 * n;
 * assert.deepEqual(await Promise.all([1, 2, 3].map((n) => limit(double, n))), [2, 4, 6]);
 * ```
 */
export function limiter(options: number | LimiterOptions): CallableLimiter {
  const plan = planLimiter(options);
  const admission = new LimiterAdmission(plan);
  const { rules } = plan;
  const limit: (fn: AnyFunction, ...args: unknown[]) => Promise<unknown> = isPlain(rules)
    ? (fn: AnyFunction, ...args: unknown[]) =>
        typeof fn === 'function' ? admission.enter(fn, args.length === 0 ? NONE : args) : refuse(fn)
    : (fn: AnyFunction, ...args: unknown[]) =>
        typeof fn === 'function'
          ? runByRules(admission, (context) => fn(...args, context), PLAIN, rules, {
              site: siteOf(rules, limit),
            })
          : refuse(fn);
  const parts: Parts = { admission, plan };
  Object.defineProperty(limit, PARTS, { value: parts });
  Object.defineProperty(limit, 'name', { value: plan.label });
  return Object.setPrototypeOf(limit, Methods.prototype) as CallableLimiter;
}

/** A limiter that was made without a concurrency may have been given one since. */
function requirePlaces(plan: LimiterPlan, admission: LimiterAdmission, weight: number): void {
  if (Math.min(plan.concurrency, admission.concurrency) < Number.POSITIVE_INFINITY) return;
  const why = plan.bounded ? 'concurrency is a limiter' : 'there is no concurrency';
  throw new RangeError(`Expected weight to be 1 where ${why}: got ${weight}`);
}

async function refuse(fn: unknown): Promise<never> {
  requireFunction(fn, 'fn');
  return undefined as never;
}

interface Parts {
  readonly admission: LimiterAdmission;
  readonly plan: LimiterPlan;
}

const PARTS: unique symbol = Symbol('parts');

/** Whether something was made by `limiter`. */
export function isLimiter(value: object): boolean {
  return PARTS in value;
}

/** What all limiters inherit, functions though they are. */
class Methods {
  declare readonly [PARTS]: Parts;

  run<R>(fn: Thunk<R>, options?: CallOptions): Promise<R> {
    try {
      requireFunction(fn, 'fn');
      const { admission, plan } = this[PARTS];
      const ask = askOf(options);
      const own = rulesOf(options, plan.rules);
      if (ask.weight !== 1) requirePlaces(plan, admission, ask.weight);
      const signal = hasSignal(options) ? options.signal : undefined;
      const site = siteOf(own, Methods.prototype.run);
      const enter = (): Promise<R> =>
        isPlain(own)
          ? admission.enter<R>(fn, NONE, ask)
          : runByRules(admission, fn, ask, own, { signal, site });
      return signal === undefined
        ? enter()
        : underSignal(signal, admission.label, () => admission.inside(enter));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R> {
    return wrapped(fn, (call) => this.run(call));
  }

  get paces(): boolean {
    return this[PARTS].plan.paces;
  }

  get concurrency(): number {
    return this[PARTS].admission.concurrency;
  }

  set concurrency(concurrency: number) {
    if (this[PARTS].plan.bounded) {
      throw new TypeError('Cannot set concurrency: it is that of the limiter that was given');
    }
    this[PARTS].admission.concurrency = requireLimit(concurrency, 'concurrency', 1);
  }

  get active(): number {
    return this[PARTS].admission.active;
  }

  get waiting(): number {
    return this[PARTS].admission.waiting;
  }

  pause(): void {
    this[PARTS].admission.pause();
  }

  resume(): void {
    this[PARTS].admission.resume();
  }

  clear(reason?: unknown): number {
    return this[PARTS].admission.clear(reason);
  }

  ready(bounds?: WaitBounds): Promise<void> {
    return this[PARTS].admission.ready(bounds);
  }

  idle(bounds?: WaitBounds): Promise<void> {
    return this[PARTS].admission.idle(bounds);
  }

  stats(): CallableLimiterStats {
    const { active, waiting, concurrency, paused } = this[PARTS].admission;
    return { active, waiting, concurrency, paused };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { admission } = this[PARTS];
    admission.refuseInside(`the end of ${admission.label}`);
    admission.close();
    await admission.ended();
  }
}

Object.setPrototypeOf(Methods.prototype, Function.prototype);

/** Where a call was made that has a time limit: what a `TimedOut` should name. */
function siteOf(
  { retry, timeout }: CallRules,
  above: (...args: never[]) => unknown,
): CallSite | undefined {
  const isTimed = timeout !== Number.POSITIVE_INFINITY || retry?.isTimed === true;
  return isTimed ? new CallSite(above) : undefined;
}

show(Methods.prototype, ({ [PARTS]: { admission } }) => ({
  what: admission.label,
  state: admission.paused ? 'paused' : undefined,
  running: admission.active,
  of: admission.concurrency,
  waiting: admission.waiting,
}));

function isPlain({ retry, timeout }: CallRules): boolean {
  return retry === undefined && timeout === Number.POSITIVE_INFINITY;
}
