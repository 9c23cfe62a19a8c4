/**
 * Calls of a limiter with a time-out or a retry. Each attempt stands in line for itself: between two it has no place.
 *
 * @module
 */
import { CallContext, type Thunk } from '../core/context.ts';
import { OpenScope } from '../core/open-scope.ts';
import { currentToken } from '../core/token.ts';
import type { Ask } from './queued-call.ts';
import type { RetryPolicy } from './retry.ts';
import type { Turnstile } from './turnstile.ts';

/** What a call has beside its ask. */
export interface Course {
  /** Milliseconds from the start of an attempt; Infinity for none. */
  readonly timeout: number;
  readonly retry: RetryPolicy | undefined;
}

/** Runs a function through a limiter, as often as its course allows. */
export function runCourse<R>(
  turnstile: Turnstile,
  fn: Thunk<R>,
  ask: Ask,
  { timeout, retry }: Course,
): Promise<R> {
  const limited = timeout !== Number.POSITIVE_INFINITY;
  const once = (attempt: number, begun: () => void): Promise<R> => {
    if (limited) return timed(turnstile, fn, ask, timeout, attempt, begun);
    const body = (): unknown => {
      begun();
      return fn(new CallContext(currentToken(), 0, attempt));
    };
    return turnstile.enter<R>(body, [], ask);
  };
  return retry === undefined
    ? once(1, () => undefined)
    : turnstile.series(() => repeat(turnstile, once, retry));
}

/** The caller is told when its attempt is over; its place is free when the function has really settled. */
function timed<R>(
  turnstile: Turnstile,
  fn: Thunk<R>,
  ask: Ask,
  timeout: number,
  attempt: number,
  begun: () => void,
): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const body = async (): Promise<R> => {
      begun();
      let running: unknown;
      const outcome = OpenScope.attempt({ name: turnstile.label, timeout }, ({ token }) => {
        const result = fn(new CallContext(token, 0, attempt));
        running = result;
        return result;
      });
      resolve(outcome);
      await settled(outcome);
      await settled(running);
      return outcome;
    };
    turnstile.enter(body, [], ask).catch(reject);
  });
}

async function settled(work: unknown): Promise<void> {
  try {
    await work;
  } catch {
    // Whoever called is told of it.
  }
}

async function repeat<R>(
  turnstile: Turnstile,
  once: (attempt: number, begun: () => void) => Promise<R>,
  policy: RetryPolicy,
): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    let begun = false;
    try {
      return await once(attempt, () => {
        begun = true;
      });
    } catch (error) {
      // What the line says of a call that never started is no failure of the function.
      if (!begun || currentToken().effective !== undefined) throw error;
      const delay = policy.delayAfter(attempt, error);
      if (delay === undefined) throw error;
      await turnstile.rest(delay);
    }
  }
}
