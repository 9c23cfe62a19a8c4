/**
 * Calls of a limiter with a time-out or a retry. Each attempt stands in line for itself: between two it has no place.
 *
 * @module
 */
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import { OpenScope } from '../core/open-scope.ts';
import { currentToken } from '../core/token.ts';
import type { Ask } from './queued-call.ts';
import type { Course } from './retry-course.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { Turnstile } from './turnstile.ts';

/** What a call is given beside its turn. */
export interface CallRules {
  /** Milliseconds from the start of an attempt; Infinity for none. */
  readonly timeout: number;
  readonly retry: RetryPolicy | undefined;
}

/** Runs a function through a limiter, as often as its rules allow. */
export function runByRules<R>(
  turnstile: Turnstile,
  fn: Thunk<R>,
  ask: Ask,
  { timeout, retry }: CallRules,
): Promise<R> {
  const attempt = new Attempt(turnstile, fn, ask, timeout);
  if (retry === undefined) return attempt.timed(1);
  const course = retry.begin();
  const deadline = retry.isTimed ? course : undefined;
  return turnstile.series(() => repeat(turnstile, attempt, course, deadline));
}

async function repeat<R>(
  turnstile: Turnstile,
  attempt: Attempt<R>,
  course: Course,
  deadline: Course | undefined,
): Promise<R> {
  for (;;) {
    attempt.begun = false;
    try {
      const timed = deadline !== undefined || attempt.timeout !== Number.POSITIVE_INFINITY;
      const value = await (timed
        ? attempt.timed(course.attempt, deadline)
        : attempt.plain(course.attempt));
      course.succeeded();
      return value;
    } catch (error) {
      // What the line says of a call that never started is no failure of the function.
      if (!attempt.begun || currentToken().effective !== undefined) throw error;
      await turnstile.rest(course.delayAfter(error));
    }
  }
}

/** One function, as often as it is called. */
class Attempt<R> {
  readonly timeout: number;
  /** Whether the function has been called. */
  begun = false;
  readonly #turnstile: Turnstile;
  readonly #fn: Thunk<R>;
  readonly #ask: Ask;

  constructor(turnstile: Turnstile, fn: Thunk<R>, ask: Ask, timeout: number) {
    this.timeout = timeout;
    this.#turnstile = turnstile;
    this.#fn = fn;
    this.#ask = ask;
  }

  plain(number: number): Promise<R> {
    const body = (): MaybePromise<R> => {
      this.begun = true;
      return this.#fn(new CallContext(currentToken(), 0, number));
    };
    return this.#turnstile.enter<R>(body, [], this.#ask);
  }

  /** The caller is told when its attempt is over; its place is free when the function has really settled. */
  timed(number: number, deadline?: Course): Promise<R> {
    const { label } = this.#turnstile;
    return new Promise<R>((resolve, reject) => {
      const body = async (): Promise<R> => {
        this.begun = true;
        let running: unknown;
        const call = ({ token }: OpenScope): MaybePromise<R> => {
          const result = this.#fn(new CallContext(token, 0, number));
          running = result;
          return result;
        };
        const once = (): Promise<R> =>
          OpenScope.attempt({ name: label, timeout: this.timeout }, call);
        const outcome = deadline === undefined ? once() : deadline.run({ name: label }, once);
        resolve(outcome);
        await settled(outcome);
        await settled(running);
        return outcome;
      };
      this.#turnstile.enter(body, [], this.#ask).catch(reject);
    });
  }
}

async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch {
    // Whoever called is told of it.
  }
}
