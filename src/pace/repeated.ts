/**
 * Calls of a limiter with a time-out or a retry. Each attempt stands in line for itself: between two it has no place.
 *
 * @module
 */
import type { Thunk } from '../core/context.ts';
import type { CallSite } from '../runtime/call-site.ts';
import { Attempt } from './attempt.ts';
import type { LimiterAdmission } from './limiter-admission.ts';
import type { Ask } from './queued-call.ts';
import type { RetryPolicy } from './retry-policy.ts';

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
  admission: LimiterAdmission,
  fn: Thunk<R>,
  ask: Ask,
  { timeout, retry }: CallRules,
  { signal, site }: CallFacts,
): Promise<R> {
  const attempt = new Attempt(admission, fn, ask, { timeout, site });
  if (retry === undefined) return attempt.timed(1);
  const course = retry.begin(site);
  const deadline = retry.isTimed ? course : undefined;
  const isTimed = retry.isTimed || timeout !== Number.POSITIVE_INFINITY;
  return admission.series(() =>
    course.repeat({
      signal,
      make: (number) => (isTimed ? attempt.timed(number, deadline) : attempt.plain(number)),
      rest: (ms) => admission.rest(ms),
      // What the line says of a call that never started is no failure of the function.
      hasFailed: () => attempt.begun,
      // Another attempt would have to wait for one of its own, which may be for ever.
      mayRepeat: () => attempt.atWork === 0 || !admission.isFull,
    }),
  );
}
