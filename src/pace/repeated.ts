/**
 * Calls of a limiter with a time-out or a retry. Each attempt stands in line for itself: between two it has no place.
 *
 * @module
 */
import { isThenable } from '../core/arguments.ts';
import { CallContext, type MaybePromise, type Thunk } from '../core/context.ts';
import { OpenScope } from '../core/open-scope.ts';
import { currentToken } from '../core/token.ts';
import { LineDeadline } from './line-deadline.ts';
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
      if (currentToken().effective !== undefined) throw error;
      // What the line says of a call that never started is no failure of the function.
      if (!attempt.begun) throw course.endedBy(error);
      const pause = course.delayAfter(error);
      await turnstile.rest(pause, attempt.signal).catch((refusal: unknown) => {
        throw currentToken().effective ?? course.endedBy(refusal);
      });
      // Another attempt would have to wait for one of its own, which may be for ever.
      if (attempt.atWork > 0 && turnstile.isFull) throw course.endedBy(error);
    }
  }
}

/** One function, as often as it is called. */
class Attempt<R> {
  readonly timeout: number;
  /** Whether the function has been called. */
  begun = false;
  /** How many attempts hold a place, though their time may be up. */
  atWork = 0;
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

  /** The caller is told when its attempt is over or its time is up; its place is free when the function has really settled. */
  timed(number: number, course?: Course): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const body = async (): Promise<R> => {
        limit?.stop();
        this.begun = true;
        this.atWork++;
        const work: Work = { running: undefined, timeIsUp: reject };
        const outcome = this.#attempt(number, work, course);
        outcome.then(resolve, reject);
        await settled(outcome);
        await settled(work.running);
        this.atWork--;
        return outcome;
      };
      const limit = course && this.#lineDeadline(course);
      const ask = limit === undefined ? this.#ask : { ...this.#ask, signal: limit.signal };
      this.#turnstile.enter(body, [], ask).catch((error: unknown) => {
        limit?.stop();
        reject(limit?.passed === true ? course?.timeIsUp() : error);
      });
    });
  }

  /** The first attempt stands in line for as long as it takes. */
  #lineDeadline({ deadline }: Course): LineDeadline | undefined {
    if (deadline === Number.POSITIVE_INFINITY || this.signal?.aborted === true) return undefined;
    return new LineDeadline(deadline, this.signal);
  }

  get signal(): AbortSignal | undefined {
    return this.#ask.signal;
  }

  /** In a scope with the time-out, which is inside one with the deadline of all attempts. */
  #attempt(number: number, work: Work, course: Course | undefined): Promise<R> {
    const { label } = this.#turnstile;
    const once = (whole?: OpenScope): Promise<R> =>
      OpenScope.run({ name: label, timeout: this.timeout }, (scope) => {
        const late = new Promise<never>((_, leave) => {
          whenCancelled(scope, () => {
            const expired = whole?.timedOut ?? scope.timedOut;
            if (expired === undefined) return;
            work.timeIsUp(whole?.timedOut === undefined ? expired : course?.timeIsUp());
            leave(expired);
          });
        });
        late.catch(nothing);
        const result = this.#fn(new CallContext(scope.token, 0, number));
        work.running = result;
        // A function that ignores its signal is left to itself: were it waited for, it would be reported as stuck.
        return isThenable(result) ? Promise.race([result as R, late]) : result;
      });
    return course === undefined ? once() : course.run({ name: label }, once);
  }
}

/** What is known of an attempt at work. */
interface Work {
  /** What the function gave. */
  running: unknown;
  /** Tells the caller. */
  readonly timeIsUp: (error: unknown) => void;
}

/** Beside what the scope itself does then. */
function whenCancelled({ token }: OpenScope, fn: () => void): void {
  const { onCancel } = token;
  token.onCancel = (cancelled) => {
    onCancel?.(cancelled);
    fn();
  };
}

function nothing(): void {}

async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch {
    // Whoever called is told of it.
  }
}
