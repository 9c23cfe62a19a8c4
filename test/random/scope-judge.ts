/**
 * How a scope must end: rules S1 to S5 of the design. Everything in it has ended, each task was begun and each clean-up has run once; the
 * first error is thrown, whatever came before it; a cancellation that comes while only clean-ups are at work changes nothing.
 *
 * @module
 */
import { TimedOut } from 'skein';
import type { Call } from './call.ts';
import { type Cause, cancelled, decide, endsAs, gives, judgeListeners, throws } from './causes.ts';
import { abandons } from './left.ts';
import type { Block, Handle } from './model.ts';
import { Ended } from './scope-ended.ts';
import { mayBeStuck } from './stuck.ts';

/** Judges a block. */
export function judgeBlock(call: Call<Block>): void {
  const scope = new Ended(call);
  judgeParts(call, scope);
  judgeListeners(call);
  const errors = errorsOf(call, scope);
  if (scope.body === undefined) call.blame('not started', 'its body was never called');
  else if (hasSure(errors)) decide(call, errors, scope.last);
  else decide(call, [...errors, ...withoutErrors(call, scope, endsAs(scope.body))], scope.last);
}

/** Judges one of the ends of a handle. */
export function judgeEnd(end: Call<Handle>, of: Call<Handle>, how: 'join' | 'dispose'): void {
  of.world.look(of.home);
  for (const part of of.parts) {
    of.world.look(part.home);
    const runsOn = part.end === undefined && part.part.as !== 'end' && !mayBeStuck(of.work);
    if (runsOn) end.blame('outlived', `${how} has returned while ${part.name} is at work`);
  }
  const scope = new Ended(of);
  const nothing = gives(scope.last, 'nothing', () => true);
  const errors = errorsOf(of, scope);
  // Errors are told to whoever was the first to ask.
  const { settledAt = -1 } = end;
  if (how === 'dispose' && (of.work.ends.length > 1 || scope.endedByHome <= settledAt))
    errors.push({ ...nothing, at: -1, sure: false });
  // Who is cancelled while he waits for the end is told so, or what there is to tell of the scope.
  const causes = [...errors, ...cancelled(end).map((cause) => ({ ...cause, at: -1, sure: false }))];
  if (!hasSure(errors))
    causes.push(...(how === 'join' ? withoutErrors(of, scope, nothing) : [nothing]));
  decide(end, causes, scope.last);
}

/** Judges the whole handle when all its ends have returned. */
export function judgeHandle(call: Call<Handle>): void {
  judgeParts(call, new Ended(call));
  judgeListeners(call);
}

/** The errors that it has collected. */
function errorsOf(call: Call<Block> | Call<Handle>, scope: Ended): Cause[] {
  return [...scope.failures, ...scope.timedOut, ...ofCleanups(call)];
}

function hasSure(causes: readonly Cause[]): boolean {
  return causes.some(({ sure }) => sure);
}

function ofCleanups(call: Call<Block> | Call<Handle>): Cause[] {
  return call.partsAs('cleanup').flatMap((cleanup) => {
    const { startedAt, settledAt = Infinity, part } = cleanup;
    const { timeout = Infinity } = call.work.cleanups[part.place as number] ?? {};
    const late = settledAt - startedAt - timeout;
    const isOver = late > 0 || (late === 0 && cleanup.error === cleanup.home.token.effective);
    const own = cleanup.failed && !isOver ? [endsAs(cleanup, late < 0)] : [];
    const isTimeOut = (error: unknown): boolean =>
      error instanceof TimedOut && error.after === timeout;
    return late < 0
      ? own
      : [throws(settledAt, 'TimedOut of a clean-up', isTimeOut, isOver), ...own];
  });
}

/** Where there is no error it depends on who cancelled it, and on whether that has cut anything short. */
function withoutErrors(call: Call<Block> | Call<Handle>, scope: Ended, value: Cause): Cause[] {
  const { may, must } = scope.first;
  const bodyEnd = scope.body?.settledAt ?? (call.work.kind === 'scope' ? Infinity : -1);
  // A body that ended in the instant of a cancellation may have been left behind.
  const wasClose = bodyEnd === scope.leftAt;
  const returned = !value.isError && bodyEnd <= scope.workEnd;
  const outcomes: Cause[] = must || !returned ? [] : [value];
  const rejects = (what: string, error: (error: unknown) => boolean): void => {
    if (returned && !scope.cutShort('surely')) outcomes.push(value);
    if (!returned || wasClose || scope.cutShort('perhaps')) outcomes.push(throws(0, what, error));
  };
  for (const { by } of may) {
    if (by === 'signal') rejects("its signal's reason", (e) => e === call.abort?.signal.reason);
    if (by === 'outer') rejects('the Cancelled around it', (e) => e === call.home.token.effective);
    if (by !== 'itself') continue;
    if (returned) outcomes.push(value);
    if (!returned || wasClose)
      outcomes.push(throws(0, 'its own Cancelled', (e) => e === scope.body?.home.token.effective));
  }
  return outcomes.map((cause) => ({ ...cause, at: scope.last }));
}

/** Every task was begun; every clean-up has run once, one after the other, when all else had ended. */
function judgeParts(call: Call<Block> | Call<Handle>, scope: Ended): void {
  const { work } = call;
  const tasks = call.partsAs('task');
  const cleanups = call.partsAs('cleanup');
  // Who leaves work behind drops what stands in line behind its limit.
  const drops = mayBeStuck(work) || abandons(work);
  if (tasks.length !== work.tasks.length && !drops) {
    call.blame('not started', `${tasks.length} of ${work.tasks.length} tasks were begun`);
  }
  if (cleanups.length !== work.cleanups.length) {
    call.blame('clean-up', `${cleanups.length} of ${work.cleanups.length} clean-ups have run`);
  }
  let before = mayBeStuck(work) ? -1 : scope.workEnd;
  cleanups.forEach((cleanup, i) => {
    const isNext = cleanup.part.place === work.cleanups.length - 1 - i;
    if (!isNext) call.blame('clean-up', 'the clean-ups did not run in the order of a stack');
    if (cleanup.startedAt < before) call.blame('clean-up', `${cleanup.name} began too early`);
    before = cleanup.settledAt ?? Infinity;
  });
}
