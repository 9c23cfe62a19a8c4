/**
 * The everyday limiter: a function that runs other functions, so many at once, so often, in the order of their priority. What people use
 * p-limit, p-queue and bottleneck for.
 *
 * @module
 */

import { requireFunction, requireLimit } from '../core/arguments.ts';
import type { WaitBounds } from '../core/bounds.ts';
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import type { Runner } from '../core/runner.ts';
import { show } from '../core/shown.ts';
import { currentToken } from '../core/token.ts';
import {
  askOf,
  type CallOptions,
  type LimiterOptions,
  planLimiter,
  rulesOf,
} from './limiter-options.ts';
import { type AnyFunction, PLAIN } from './queued-call.ts';
import { type CallRules, runByRules } from './repeated.ts';
import { Turnstile } from './turnstile.ts';

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
export interface CallableLimiter extends Runner, AsyncDisposable {
  /**
   * Runs `fn(...args)` when it is its turn, one microtask after the call at the earliest, in the async context of the call.
   *
   * @throws Cancelled when the ambient scope is cancelled, the line cleared or the limiter closed before it has started
   * @throws WouldBlock when the line is full
   * @throws TimedOut when an attempt took longer than `timeout`
   */
  <A extends unknown[], R>(fn: (...args: A) => MaybePromise<R>, ...args: A): Promise<R>;
  /** The same with options for this call; `fn` gets a Context, whose signal aborts with the ambient scope and with the time-out. */
  run<R>(fn: Thunk<R>, options?: CallOptions): Promise<R>;
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
  /** Waits until nothing is at work and nobody waits. */
  idle(bounds?: WaitBounds): Promise<void>;
  /** How busy it is. */
  stats(): CallableLimiterStats;
  /** Takes no more calls, clears the line, and waits for those at work. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a limiter: `limit(fn, ...args)` runs `fn` when it is its turn and gives its result.
 *
 * A time-out starts with the attempt, and its place stays taken until the function has really settled. A call whose scope is cancelled, or
 * whose signal aborts, leaves the line at once. Calls keep their async context, wherever they are started from.
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
  const turnstile = new Turnstile(plan);
  const { rules } = plan;
  const limit = isPlain(rules)
    ? (fn: AnyFunction, ...args: unknown[]) =>
        typeof fn === 'function' ? turnstile.enter(fn, args.length === 0 ? NONE : args) : refuse(fn)
    : (fn: AnyFunction, ...args: unknown[]) =>
        typeof fn === 'function'
          ? runByRules(turnstile, () => fn(...args), PLAIN, rules)
          : refuse(fn);
  const { gate } = plan;
  const paces = gate?.rate !== undefined || (gate?.spacing ?? 0) > 0;
  const parts: Parts = { turnstile, rules, paces, bounded: gate?.limit !== undefined };
  Object.defineProperty(limit, PARTS, { value: parts });
  Object.defineProperty(limit, 'name', { value: plan.label });
  return Object.setPrototypeOf(limit, Methods.prototype) as CallableLimiter;
}

/** No arguments: shared, because an empty list for each call that waits would be kept. */
const NONE: readonly unknown[] = [];

async function refuse(fn: unknown): Promise<never> {
  requireFunction(fn, 'fn');
  return undefined as never;
}

interface Parts {
  readonly turnstile: Turnstile;
  readonly rules: CallRules;
  /** It counts starts in a time. */
  readonly paces: boolean;
  /** Its concurrency is that of another limiter. */
  readonly bounded: boolean;
}

const PARTS: unique symbol = Symbol('parts');

/** What all limiters inherit, functions though they are. */
class Methods {
  declare readonly [PARTS]: Parts;

  async run<R>(fn: Thunk<R>, options?: CallOptions): Promise<R> {
    requireFunction(fn, 'fn');
    const { turnstile, rules } = this[PARTS];
    const ask = askOf(options);
    const own = rulesOf(options, rules);
    if (this[PARTS].bounded && ask.weight !== 1) {
      throw new RangeError(
        `Expected weight to be 1 where concurrency is a limiter: got ${ask.weight}`,
      );
    }
    if (ask.weight > turnstile.concurrency) throw turnstile.tooHeavy(ask.weight);
    return isPlain(own)
      ? turnstile.enter<R>(callWithContext, [fn], ask)
      : runByRules(turnstile, fn, ask, own);
  }

  get paces(): boolean {
    return this[PARTS].paces;
  }

  get concurrency(): number {
    return this[PARTS].turnstile.concurrency;
  }

  set concurrency(concurrency: number) {
    if (this[PARTS].bounded) {
      throw new TypeError('Cannot set concurrency: it is that of the limiter that was given');
    }
    this[PARTS].turnstile.concurrency = requireLimit(concurrency, 'concurrency', 1);
  }

  get active(): number {
    return this[PARTS].turnstile.active;
  }

  get waiting(): number {
    return this[PARTS].turnstile.waiting;
  }

  pause(): void {
    this[PARTS].turnstile.pause();
  }

  resume(): void {
    this[PARTS].turnstile.resume();
  }

  clear(reason?: unknown): number {
    return this[PARTS].turnstile.clear(reason);
  }

  ready(bounds?: WaitBounds): Promise<void> {
    return this[PARTS].turnstile.ready(bounds);
  }

  idle(bounds?: WaitBounds): Promise<void> {
    return this[PARTS].turnstile.idle(bounds);
  }

  stats(): CallableLimiterStats {
    const { active, waiting, concurrency, paused } = this[PARTS].turnstile;
    return { active, waiting, concurrency, paused };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { turnstile } = this[PARTS];
    turnstile.close();
    await turnstile.ended();
  }
}

Object.setPrototypeOf(Methods.prototype, Function.prototype);

show(Methods.prototype, ({ [PARTS]: { turnstile } }) => ({
  what: turnstile.label,
  state: turnstile.paused ? 'paused' : undefined,
  running: turnstile.active,
  of: turnstile.concurrency,
  waiting: turnstile.waiting,
}));

function isPlain({ retry, timeout }: CallRules): boolean {
  return retry === undefined && timeout === Number.POSITIVE_INFINITY;
}

function callWithContext<R>(fn: Thunk<R>): MaybePromise<R> {
  return fn(new CallContext(currentToken(), 0, 1));
}
