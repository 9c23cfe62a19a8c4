/**
 * The attempts at one thing: one call of `retry`, or one item of a flow. Keeps count, the deadline over all attempts, and what they
 * failed with.
 *
 * @module
 */

import { isA } from '../core/arguments.ts';
import type { MaybePromise } from '../core/context.ts';
import { Cancelled, isCancelled, StuckTasks, TimedOut } from '../core/errors.ts';
import { now } from '../core/kernel.ts';
import { OpenScope } from '../core/open-scope.ts';
import type { ScopeOptions } from '../core/scope.ts';
import { currentToken } from '../core/token.ts';
import { isStoppedBy } from '../core/under-signal.ts';
import type { CallSite } from '../runtime/call-site.ts';
import { addAttempt, keepAttempts } from './attempts.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** How somebody makes attempts, one after the other. */
export interface Repeating<R> {
  /** Under which all of them are made. */
  readonly signal: AbortSignal | undefined;
  readonly make: (attempt: number) => Promise<R>;
  /** Waits for the next one. */
  readonly rest: (ms: number) => Promise<void>;
  /** Whether it was the attempt that has failed. Default: it was. */
  readonly hasFailed?: () => boolean;
  /** Whether there may be another one after the rest. Default: there may. */
  readonly mayRepeat?: () => boolean;
}

/** Where the attempts at one thing have got to. */
export class Course {
  /** The one at work or waited for; from 1. */
  attempt = 1;
  readonly #policy: RetryPolicy;
  readonly #site: CallSite | undefined;
  #name = '';
  readonly #errors: unknown[] = [];
  /** Set when the first attempt starts. */
  #deadline: number | undefined;
  /** What the backoff gave last. */
  #backedOff = 0;
  #timedOut: TimedOut | undefined;

  /** @param site where they were asked for: the stack of a `TimedOut` */
  constructor(policy: RetryPolicy, site: CallSite | undefined) {
    this.#policy = policy;
    this.#site = site;
  }

  /**
   * Runs an attempt in a scope of its own, which has the deadline of all.
   *
   * @throws TimedOut when the deadline has passed; the attempt has not started, or has been cancelled
   */
  async run<R>(options: ScopeOptions, body: (scope: OpenScope) => MaybePromise<R>): Promise<R> {
    this.#name = options.name ?? '';
    this.#deadline ??= now() + this.#policy.totalTimeout;
    if (now() >= this.#deadline) throw this.timeIsUp();
    let opened: OpenScope | undefined;
    try {
      const limited = { ...options, deadline: this.#deadline };
      const opening = (scope: OpenScope): MaybePromise<R> => {
        opened = scope;
        return body(scope);
      };
      return await OpenScope.run(limited, opening, this.#site);
    } catch (error) {
      const cutShort = opened?.timedOut !== undefined && error === opened.timedOut;
      throw cutShort ? this.timeIsUp() : error;
    }
  }

  /** Makes attempts until one gives a value, or there is to be no other. */
  async repeat<R>({ signal, make, rest, hasFailed, mayRepeat }: Repeating<R>): Promise<R> {
    const stopped = (error: unknown): unknown =>
      signal !== undefined && isStoppedBy(signal, currentToken())
        ? this.stoppedBy(signal.reason, error)
        : error;
    for (;;) {
      try {
        const value = await make(this.attempt);
        this.succeeded();
        return value;
      } catch (error) {
        if (currentToken().effective !== undefined) throw stopped(error);
        if (hasFailed?.() === false) throw this.endedBy(error);
        const refusal = await rest(this.delayAfter(error)).catch((reason: unknown) => ({ reason }));
        // The cancellation may also have come when the time was over already.
        const { effective } = currentToken();
        if (effective !== undefined) throw stopped(effective);
        if (refusal !== undefined) throw this.endedBy(refusal.reason);
        if (mayRepeat?.() === false) throw this.endedBy(error);
      }
    }
  }

  /** The attempt has succeeded. */
  succeeded(): void {
    this.#policy.budget?.deposit();
  }

  /**
   * Milliseconds to wait before the next attempt.
   *
   * @param error what this one has failed with
   * @throws what all of them have failed with, if there is to be no other: this error, `TimedOut`, or what the user's policy threw
   */
  delayAfter(error: unknown): number {
    // A cancellation is everybody's, and no failure of this attempt.
    if (error === this.#timedOut || isA(error, Cancelled)) throw error;
    addAttempt(this.#errors, error);
    try {
      return this.#decide(error);
    } catch (last) {
      keepAttempts(last, this.#errors);
      throw last;
    }
  }

  #decide(error: unknown): number {
    const policy = this.#policy;
    if (this.attempt > policy.retries || isCancelled(error) || !policy.accepts(error)) throw error;
    this.#backedOff = policy.backoff(this.attempt, error, this.#backedOff);
    const wait = Math.max(this.#backedOff, policy.least(error));
    if (wait === Number.POSITIVE_INFINITY) throw error;
    if (this.#deadline !== undefined && now() + wait >= this.#deadline) throw this.timeIsUp();
    if (policy.budget?.tryWithdraw() === false) throw error;
    this.attempt++;
    return wait;
  }

  /**
   * There is no further attempt because the signal of the call has aborted: gives its reason, with what the attempts have failed with kept
   * beside it. If all had ended before, what they have ended with; and work that was left behind is said.
   *
   * @param error what the last one, or the wait for the next one, has failed with
   */
  stoppedBy(reason: unknown, error: unknown): unknown {
    if (error === this.#timedOut || error instanceof StuckTasks) return error;
    if (!isCancelled(error) && error !== reason) addAttempt(this.#errors, error);
    if (this.#errors.length > 0) keepAttempts(reason, this.#errors);
    return reason;
  }

  /** There is no further attempt because of this error: gives it, with what the attempts have failed with kept beside it. */
  endedBy(error: unknown): unknown {
    if (this.#errors.length === 0) return error;
    // A cancellation is shared by all who were cancelled, and each of them has attempts of its own.
    const own = isA(error, Cancelled)
      ? Cancelled.create(error.reason, error.scope, error.requestedBy)
      : error;
    keepAttempts(own, this.#errors);
    return own;
  }

  /** The end of all attempts, or Infinity. */
  get deadline(): number {
    return this.#deadline ?? Number.POSITIVE_INFINITY;
  }

  /** What is thrown when the deadline has passed. */
  timeIsUp(): TimedOut {
    if (this.#timedOut === undefined) {
      const { totalTimeout } = this.#policy;
      this.#timedOut = TimedOut.at(this.#site, totalTimeout, this.#name, this.#errors.at(-1));
      keepAttempts(this.#timedOut, this.#errors);
    }
    return this.#timedOut;
  }
}
