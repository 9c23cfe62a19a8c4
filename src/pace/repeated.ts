/**
 * Calls of a limiter with a time-out or a retry. Each attempt stands in line for itself: between two it has no place.
 *
 * @module
 */
import type { Thunk } from '../core/context.ts';
import { currentToken } from '../core/token.ts';
import { isStoppedBy } from '../core/under-signal.ts';
import type { CallSite } from '../runtime/call-site.ts';
import { Attempt } from './attempt.ts';
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

/** What is known of one call. */
export interface CallFacts {
  /** Under which it runs. */
  readonly signal?: AbortSignal | undefined;
  /** Where it was made, if there is a time limit. */
  readonly site?: CallSite | undefined;
}

/** Runs a function through a limiter, as often as its rules allow. */
export function runByRules<R>(
  turnstile: Turnstile,
  fn: Thunk<R>,
  ask: Ask,
  { timeout, retry }: CallRules,
  { signal, site }: CallFacts,
): Promise<R> {
  const attempt = new Attempt(turnstile, fn, ask, { timeout, site });
  if (retry === undefined) return attempt.timed(1);
  const course = retry.begin(site);
  const deadline = retry.isTimed ? course : undefined;
  return turnstile.series(() => repeat(turnstile, attempt, { course, deadline, signal }));
}

/** What the attempts of one call have in common. */
interface Series {
  readonly course: Course;
  /** The same, where it has a deadline. */
  readonly deadline: Course | undefined;
  readonly signal: AbortSignal | undefined;
}

async function repeat<R>(
  turnstile: Turnstile,
  attempt: Attempt<R>,
  { course, deadline, signal }: Series,
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
      if (currentToken().effective !== undefined) throw stopped(course, signal, error);
      // What the line says of a call that never started is no failure of the function.
      if (!attempt.begun) throw course.endedBy(error);
      const pause = course.delayAfter(error);
      await turnstile.rest(pause).catch((refusal: unknown) => {
        const { effective } = currentToken();
        throw effective === undefined
          ? course.endedBy(refusal)
          : stopped(course, signal, effective);
      });
      // Another attempt would have to wait for one of its own, which may be for ever.
      if (attempt.atWork > 0 && turnstile.isFull) throw course.endedBy(error);
    }
  }
}

/** What a call rejects with that was cancelled. */
function stopped(course: Course, signal: AbortSignal | undefined, error: unknown): unknown {
  const bySignal = signal !== undefined && isStoppedBy(signal, currentToken());
  return bySignal ? course.stoppedBy(signal.reason, error) : error;
}
