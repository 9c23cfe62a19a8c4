/**
 * How copies must end: each item went to one of them and is accounted for, the waiter tells what they have failed with, the source is closed.
 *
 * @module
 */
import { type CopyContext, ScopeClosed, UnhandledErrors, type Waiter } from 'skein';
import type { Call } from './call.ts';
import {
  aborted,
  type Cause,
  cancelled,
  decide,
  gives,
  judgeListeners,
  lastOf,
  throws,
} from './causes.ts';
import { itemsOf } from './flow-items.ts';
import { causesOf } from './flow-judge.ts';
import type { Copies } from './model.ts';
import { closedAt, judgeClosed, type Reading } from './reading.ts';
import { mayBeStuck } from './stuck.ts';

/** Judges what the caller gets. */
export function judgeCopies(call: Call<Copies>): void {
  const { end, copies, after } = call.work;
  if (end === 'forget') return;
  // Code that a limiter has given up goes on in a scope that has ended.
  if (call.error instanceof ScopeClosed && call.home.token.closed) return;
  const [reading] = call.sources as [Reading];
  const outer = cancelled(call);
  const stops = end === 'stop' || end === 'dispose';
  // Who is cancelled waits no longer; the copies are ended by their scope.
  if (outer.length > 0 && !stops) {
    const wereStopped = aborted(call).some(({ at }) => at <= (outer[0] as Cause).at);
    const areAll = call.parts.length === copies || wereStopped;
    const runsOn = !areAll || call.parts.some(({ end }) => end === undefined);
    const over = Math.max(call.startedAt, endOf(call), closedAt(reading));
    const perhaps = runsOn ? [] : verdicts(call, over).map((cause) => ({ ...cause, sure: false }));
    decide(call, [...outer, ...perhaps], -1);
    return;
  }
  judgeListeners(call);
  if (wasRead(call)) judgeClosed(call as unknown as Call, reading);
  const asked = call.startedAt + (stops ? after : 0);
  const over = Math.max(asked, endOf(call), closedAt(reading));
  decide(call, verdicts(call, over), over);
}

/** When the last copy had ended; those that stood behind the `limit` of their scope end with the abort. */
function endOf(call: Call<Copies>): number {
  const dropped = call.parts.length < call.work.copies ? aborted(call) : [];
  return Math.max(lastOf(call.parts), ...dropped.map(({ at }) => at));
}

/** A copy that was cancelled before it began, or in the same instant, may have asked for nothing. */
function wasRead({ parts }: Call): boolean {
  return parts.some(({ home, startedAt }) => (home.cancelledAt ?? Infinity) > startedAt);
}

/** How the caller learns of the end of all copies. */
function verdicts(call: Call<Copies>, over: number): Cause[] {
  const { end, copies } = call.work;
  const nothing = gives(over, 'nothing', () => true);
  if (end === 'stop') return [nothing];
  const failed = call.parts.filter((copy) => copy.failed);
  const surely = failed.filter((copy) => !copy.interrupted && !copy.perhapsInterrupted);
  // The waiter is the only one who could be told of it.
  const [reading] = call.sources as [Reading];
  const closing = reading.notes.closedBadly === true ? [reading.error] : [];
  // A stream that has failed, which nobody had seen, says so when it is closed.
  const perhapsClosing = reading.notes.failed ? [reading.error] : closing;
  const must = [...surely.map(({ error }) => error), ...closing];
  const may = [...failed.map(({ error }) => error), ...perhapsClosing];
  const mayTell = (error: unknown): boolean => may.includes(error) || isErrorOf(reading, error);
  const all = (e: unknown): boolean =>
    e instanceof UnhandledErrors &&
    must.every((each) => e.errors.includes(each)) &&
    e.errors.every(mayTell);
  const told = throws(over, 'all errors of the copies', all);
  const errors = end === 'failHard' ? firstOf(over, failed, surely, perhapsClosing) : [told];
  if (must.length > 0) return errors;
  const perhaps =
    may.length > 0 || reading.flow !== undefined
      ? errors.map((cause) => ({ ...cause, sure: false }))
      : [];
  if (end === 'dispose') return [...perhaps, nothing];
  const isShort = call.parts.length < copies || failed.length > 0;
  const stops = aborted(call).map((cause) => ({ ...cause, at: over }));
  return [...perhaps, ...(stops.length === 0 || !isShort ? [nothing] : stops)];
}

/** The first error in time; of those of one instant any may be. */
function firstOf(
  over: number,
  failed: readonly Call[],
  surely: readonly Call[],
  closing: readonly unknown[],
): Cause[] {
  const first = Math.min(...surely.map(({ settledAt = -1 }) => settledAt));
  const may = failed.filter(({ settledAt = -1 }) => settledAt <= first).map(({ error }) => error);
  const errors = surely.length === 0 ? [...may, ...closing] : may;
  return [throws(over, 'the first error', (e) => errors.includes(e))];
}

/** A flow that is the source may tell of its own end when it is closed. */
function isErrorOf({ flow }: Reading, error: unknown): boolean {
  return flow !== undefined && causesOf(flow, itemsOf(flow)).some(({ fits }) => fits({ error }));
}

/** Which copy had which item. */
export class Ledger {
  readonly given: unknown[] = [];
  readonly done: unknown[] = [];

  async copy(copy: Call<Copies>, { items, signal }: CopyContext<unknown>): Promise<void> {
    for await (const item of items) {
      this.given.push(item);
      await copy.do(copy.work.each, {
        as: 'body',
        place: this.given.length - 1,
        context: { signal, attempt: 1 },
      });
      this.done.push(item);
    }
  }
}

/** When all is over: every item that was taken from the source went to one copy, and is done or said to be unfinished. */
export function audit(
  call: Call<Copies>,
  reading: Reading,
  waiter: Waiter,
  { given, done }: Ledger,
): void {
  if (waiter.exceptions.length > 0) call.world.mayWarn = true;
  if (mayBeStuck(call.work)) return;
  if (call.parts.some(({ end }) => end === undefined))
    call.blame('outlived', 'copies are at work at the end of all');
  const wasJudged =
    call.end !== undefined && call.work.end !== 'forget' && call.home.cancelledAt === undefined;
  if (wasRead(call) && !wasJudged) judgeClosed(call as unknown as Call, reading);
  const unfinished = waiter.unfinished.map(({ item }) => item);
  const all = [...new Set([...done, ...unfinished])];
  // Values of a flow may be the same.
  if (reading.flow === undefined && new Set(given).size < given.length)
    call.blame('twice', 'an item went to two copies');
  if (reading.flow === undefined && new Set(unfinished).size < unfinished.length)
    call.blame('twice', 'an item is unfinished twice');
  const lost = given.filter((item) => !all.includes(item));
  if (lost.length > 0) call.blame('lost', `${lost.length} items are neither done nor unfinished`);
  const numbers = all.map((item) => reading.made.which(item)).filter((n) => n !== undefined);
  const isPrefix = numbers.length === 0 || Math.max(...numbers) === numbers.length - 1;
  if (!isPrefix)
    call.blame('lost', `of the items that were taken only ${numbers.toSorted()} are known`);
  const { node } = reading;
  const went = call.parts.length > 0 && call.parts.every(({ failed }) => !failed);
  const ended = node.last === 'end' && node.of !== 'every' && node.of !== 'flow';
  if (
    went &&
    ended &&
    call.end !== undefined &&
    !call.failed &&
    call.work.end === 'wait' &&
    numbers.length < node.items
  ) {
    call.blame('cut short', `${numbers.length} of ${node.items} items were done`);
  }
}
