/**
 * How the oracle decides: a call ends for a reason, the first one counts, and it ends in the instant in which the last of its parts has.
 *
 * What happens at one instant has no order that a program may rely on. So of several causes at the earliest instant each may have been the
 * first, and one that is not `sure` may be passed over.
 *
 * @module
 */
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { isCancelled, TimedOut } from 'skein';
import type { Call, End } from './call.ts';
import { keptEnd } from './kept.ts';
import { leavesBehind } from './left.ts';
import { closedAt } from './reading.ts';
import { mayBeStuck } from './stuck.ts';

/** Why a call may end, and how it then does. */
export interface Cause {
  readonly at: number;
  readonly what: string;
  readonly sure: boolean;
  /** It may be seen as late as at the first thing that is sure to end the call: nobody looked before. */
  readonly isUnseen?: boolean;
  /** Whether it ends with an error. */
  readonly isError: boolean;
  fits(end: End): boolean;
}

/** A cause that gives what `value` accepts. */
export function gives(
  at: number,
  what: string,
  value: (value: unknown) => boolean,
  sure = true,
): Cause {
  return { at, what, sure, isError: false, fits: (end) => 'value' in end && value(end.value) };
}

/** A cause that throws what `error` accepts. */
export function throws(
  at: number,
  what: string,
  error: (error: unknown) => boolean,
  sure = true,
): Cause {
  return { at, what, sure, isError: true, fits: (end) => 'error' in end && error(end.error) };
}

/** It ends as a part of it did. */
export function endsAs(part: Call, sure = true): Cause {
  const at = part.settledAt ?? Infinity;
  const what = `${part.failed ? 'the error' : 'the value'} of ${part.name}`;
  const fits = (end: End): boolean =>
    'error' in end
      ? part.failed && end.error === part.error
      : !part.failed && Object.is(end.value, part.value);
  return { at, what, sure, isError: part.failed, fits };
}

/** A time limit of so many milliseconds. */
export function timesOut(at: number, after: number, sure = true): Cause {
  return throws(
    at,
    `TimedOut after ${after} ms`,
    (e) => e instanceof TimedOut && e.after === after,
    sure,
  );
}

/** The call was cancelled from outside. */
export function cancelled(call: Call): Cause[] {
  const { token, cancelledAt } = call.home;
  if (cancelledAt === undefined) return [];
  const at = Math.max(cancelledAt, call.startedAt);
  return [throws(at, 'the Cancelled of what is around it', (e) => e === token.effective)];
}

/** Its signal was aborted. */
export function aborted(call: Call): Cause[] {
  const { abort } = call;
  if (abort?.abortedAt === undefined) return [];
  const at = Math.max(abort.abortedAt, call.startedAt);
  return [throws(at, "its signal's reason", (e) => e === abort.signal.reason)];
}

/** When the last of them ended, and all below them; Infinity while one is at work. */
export function lastOf(calls: readonly Call[]): number {
  const ends = calls.flatMap((call) => {
    const { settledAt = Infinity, parts, sources } = call;
    if (!leavesBehind(call)) return [settledAt, lastOf(parts), ...sources.map(closedAt)];
    // Nobody waits for what was left behind; but some of it belongs to a scope further out, as flows do that are a source.
    const { scope } = call.home.token;
    const kept =
      call.work.kind === 'flow' ? keptEnd(call, scope, ['handle', 'copies', 'flow']) : -1;
    return [settledAt, kept, ...sources.filter(({ flow }) => flow !== undefined).map(closedAt)];
  });
  return Math.max(-1, ...ends);
}

/** Compares how a call has ended with how it should have. `after` is when the last of what it waits for has ended. */
export function decide(call: Call, causes: readonly Cause[], after: number): void {
  const end = call.end as End;
  const first = causes.reduce((at, cause) => (cause.sure ? Math.min(at, cause.at) : at), Infinity);
  const possible = causes.filter(({ at }) => at <= first);
  const right = possible.filter((cause) => cause.fits(end));
  if (right.length === 0) {
    // Who has to tell of what was left behind, and what else became of it then, depends on who was cancelled.
    const isLenient = mayBeStuck(call.work) && ('error' in end || call.part.as === 'call');
    if (isLenient) return;
    const expected = possible.map(({ what, at }) => `${what} (${at} ms)`).join(', or ');
    call.blame(
      ruleOf(end, possible),
      `it ended with ${show(end)} instead of ${expected || 'waiting'}`,
    );
    return;
  }
  const latest = Math.max(...right.map(({ at }) => at));
  // What only its closing has brought to light was seen when it was stopped.
  const isUnseen = latest < 0 || right.some((cause) => cause.isUnseen === true);
  const seenAt = isUnseen && first < Infinity ? first : latest;
  const due = Math.max(call.startedAt, after, seenAt);
  const late = (call.settledAt as number) - due;
  if (late > 0 && !mayBeStuck(call.work))
    call.blame('late', `it ended ${late} ms late, at ${call.settledAt} ms`);
}

function ruleOf(end: End, possible: readonly Cause[]): string {
  const hasError = possible.some(({ isError }) => isError);
  const hasValue = possible.some(({ isError }) => !isError);
  if ('value' in end) return hasValue ? 'wrong value' : 'no error';
  if (!hasError) return 'error';
  return isCancelled(end.error) ? 'wrong cancellation' : 'wrong error';
}

/** An end in a few words. */
export function show(end: End | undefined): string {
  if (end === undefined) return 'nothing';
  if ('value' in end) return `the value ${inspect(end.value, { depth: 1, breakLength: Infinity })}`;
  const { error } = end;
  return error instanceof Error
    ? `${error.name}: ${error.message.split('\n')[0]}`
    : `the error ${inspect(error)}`;
}

/** Nobody listens to the signal of a call that has ended. */
export function judgeListeners(call: Call): void {
  const { signal, isShared = true } = call.abort ?? {};
  if (signal === undefined || isShared) return;
  const listeners = getEventListeners(signal, 'abort').length;
  if (listeners > 0 && !mayBeStuck(call.work))
    call.blame('listener', `${listeners} listeners are left at its signal`);
}
