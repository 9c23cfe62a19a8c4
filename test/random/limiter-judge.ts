/**
 * How a call of a limiter must end.
 *
 * @module
 */
import { isCancelled, TimedOut } from 'skein';
import type { Call } from './call.ts';
import {
  aborted as aborts,
  type Cause,
  cancelled,
  decide,
  endsAs,
  judgeListeners,
  lastOf,
  throws,
  timesOut,
} from './causes.ts';
import type { Limited } from './model.ts';

/** Between two attempts. */
export const PAUSE = 2;

/** Judges one call. */
export function judgeCall(call: Call, of: Call<Limited>): void {
  const { retries = 0, timeout = Infinity } = of.work;
  judgeListeners(call);
  const stops = [...cancelled(call), ...aborts(call)];
  const levels = [...stops, ...turnedAway(of, of.work.disposeAfter)];
  for (const { startedAt } of call.parts) {
    if (call.beganCancelled || levels.some(({ at }) => at < startedAt)) {
      call.blame('started in vain', 'it was called after its cancellation');
    }
  }
  const aborted = call.abort?.abortedAt ?? Infinity;
  for (const { work, startedAt, settledAt = Infinity } of call.parts) {
    const listens = work.kind === 'leaf' && work.how === 'fetch';
    if (listens && startedAt <= aborted && aborted < settledAt) {
      call.blame('late', 'the abort of its signal has not reached the function');
    }
  }
  if (call.parts.length > retries + 1) {
    call.blame('retry', `${call.parts.length} attempts were made`);
  }
  const last = call.parts.at(-1);
  const cleared = turnedAway(of, of.work.clearAfter);
  if (last === undefined) {
    decide(call, [...levels, ...cleared], -1);
    return;
  }
  const mayRepeat = call.parts.length <= retries;
  // What was cancelled is not timed out any more; at one instant either may have been first.
  const expiry = last.startedAt + timeout;
  const { settledAt = Infinity } = last;
  const isStopped = stops.some(({ at }) => at < expiry && at < settledAt);
  const asIs = new Attempt(last, isStopped ? Infinity : timeout, timeout);
  // A function that was cancelled still has its time, and no more: then the caller is told of the cancellation.
  const first = Math.min(...stops.map(({ at }) => at));
  const givenUp =
    first <= expiry && expiry <= settledAt && expiry < Infinity
      ? stops.filter(({ at }) => at === first).map((stop) => ({ ...stop, at: expiry }))
      : [];
  if (isStopped && expiry < settledAt) {
    decide(call, givenUp, -1);
    return;
  }
  const causes = [...givenUp, ...asIs.causes(mayRepeat, levels, cleared)];
  if (givenUp.length > 0) {
    causes.push(...new Attempt(last, Infinity, timeout).causes(mayRepeat, levels, cleared));
    decide(
      call,
      causes.map((cause) => ({ ...cause, sure: false })),
      -1,
    );
  } else decide(call, causes, -1);
}

/** Who waits is turned away when the line is cleared, and when the limiter is closed. */
function turnedAway({ startedAt }: Call, after = Infinity): Cause[] {
  if (after === Infinity) return [];
  return [throws(startedAt + after, 'the Cancelled of its line', isCancelled)];
}

/** The last attempt of a call. */
class Attempt {
  readonly #call: Call;
  readonly #timeout: number;
  readonly #expiry: number;
  readonly #settledAt: number;
  /** When its caller hears of its end: what it has left to its scope is waited for, if there is a time limit, which makes one. */
  readonly #toldAt: number;

  /** @param limit how long it may take; Infinity where its clock was stopped */
  constructor(call: Call, limit: number, timeout: number) {
    this.#call = call;
    this.#timeout = timeout;
    this.#settledAt = call.settledAt ?? Infinity;
    this.#toldAt = timeout === Infinity ? this.#settledAt : lastOf([call]);
    this.#expiry = call.startedAt + limit;
  }

  /** @param levels cancellations that stay, and `cleared`, which is for those who wait in that moment */
  causes(mayRepeat: boolean, levels: readonly Cause[], cleared: readonly Cause[]): Cause[] {
    const late = cleared.filter(({ at }) => at >= this.#over);
    const refusals = [
      ...levels,
      // In the instant of its next attempt it may be on its way into the line.
      ...late.map((cause) => ({
        ...cause,
        sure: cause.at > this.#over && cause.at !== this.#over + PAUSE,
      })),
    ];
    const again = mayRepeat ? this.#again : 'never';
    const ends = again === 'surely' ? [] : this.#ends(refusals);
    if (again === 'never') return ends;
    return [...ends.map((cause) => ({ ...cause, sure: false })), ...this.#refused(refusals)];
  }

  /** When the caller was told of its end, or could have been. */
  get #over(): number {
    return this.#settledAt > this.#expiry ? this.#expiry : this.#toldAt;
  }

  /** Whether another one should follow. */
  get #again(): 'surely' | 'perhaps' | 'never' {
    const { failed, error } = this.#call;
    if (this.#settledAt > this.#expiry) return 'surely';
    const isClose = this.#settledAt === this.#expiry;
    if (failed && !isCancelled(error)) return isClose ? 'perhaps' : 'surely';
    return isClose ? 'perhaps' : 'never';
  }

  /** The limit of time is told at its moment, also while the function is at work. */
  #ends(refusals: readonly Cause[]): Cause[] {
    const causes: Cause[] = [];
    const at = this.#over;
    const isClose = this.#settledAt === this.#expiry;
    if (this.#settledAt <= this.#expiry) causes.push({ ...endsAs(this.#call, !isClose), at });
    if (this.#settledAt >= this.#expiry)
      causes.push(timesOut(Math.min(at, this.#expiry), this.#timeout, !isClose));
    // What has ended because of a cancellation may tell of it in its own way.
    const told = refusals.filter((cause) => cause.at <= at && this.#call.failed);
    return [...causes, ...told.map((cause) => ({ ...cause, at, sure: false }))];
  }

  /** It waits for another attempt, and is turned away. */
  #refused(refusals: readonly Cause[]): Cause[] {
    const { error } = this.#call;
    const fits = (e: unknown): boolean =>
      isCancelled(e) ||
      e === error ||
      e instanceof TimedOut ||
      refusals.some((cause) => cause.fits({ error: e }));
    const causes = refusals.map(({ at, what, sure }) =>
      throws(Math.max(this.#over, at), what, fits, sure),
    );
    // The next one would have to wait for this one, which has its place as long as it is at work.
    if (this.#timeout < Infinity) {
      causes.push(throws(this.#over + PAUSE, 'the error of the last attempt', fits, false));
    }
    return causes;
  }
}
