/**
 * How a flow must end. It gives all or it rejects; it rejects with the first thing that went wrong; it has closed its source; it has
 * started nothing in vain, nothing twice, and no more at once than it was told.
 *
 * @module
 */
import { ConcurrentExecutionError, ConcurrentIteratorError } from 'skein';
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
  timesOut,
} from './causes.ts';
import { type Item, itemsOf } from './flow-items.ts';
import { judgeTaken, listFits } from './flow-results.ts';
import { FlowRun } from './flow-run.ts';
import { abandons } from './left.ts';
import type { Flow } from './model.ts';
import { closedAt, failsWhenRead, judgeClosed, type Reading } from './reading.ts';
import { DEFAULT_GRACE, mayBeStuck } from './stuck.ts';
import { SHARED } from './world.ts';

/** What an engine has to end a worker, besides the grace. */
const ENGINE_MARGIN = 1000;

/** Judges one flow. */
export function judgeFlow(call: Call<Flow>): void {
  const [reading] = call.sources as [Reading];
  const run = FlowRun.of(call);
  const items = itemsOf(call);
  judgeStarts(call, run, items);
  judgeListeners(call);
  if (wasStarted(call) && !abandons(call.work)) judgeClosed(call as unknown as Call, reading);
  const isStream = call.work.consumer !== undefined;
  if (isStream) judgeTaken(call, run, items);
  const isLeft = run.leftAt !== undefined;
  const causes = isLeft ? [left(call, run), ...ofClosing(reading)] : causesOf(call, items);
  const isReady = isLeft ? -1 : Math.min(run.readyAt, call.home.cancelledAt ?? Infinity);
  if (abandons(call.work)) {
    const { notes } = reading;
    const tellsLate = notes.failed || notes.closedBadly === true;
    // The failure of a stream is seen when it is read again.
    const read = failsWhenRead(reading) ? [] : items.map(({ at }) => (at < Infinity ? at : -1));
    const toldAt = tellsLate ? Math.max(notes.endedAt ?? -1, notes.closedAt ?? -1, ...read) : -1;
    decide(call, causes, Math.max(isReady, toldAt));
    return;
  }
  decide(call, causes, Math.max(lastOf(call.parts), closedAt(reading), isReady));
  judgeGrace(call, reading, causes);
}

/** Who reads a deaf source that cannot be closed waits for exactly his grace, and no longer. */
function judgeGrace(call: Call<Flow>, { node, made }: Reading, causes: readonly Cause[]): void {
  const { work, settledAt = -1 } = call;
  if (node.of !== 'deaf' || made.left() === undefined || work.bodies.some(mayBeStuck)) return;
  const since = Math.min(...causes.map(({ at }) => at).filter((at) => at >= 0));
  const grace = (work.grace ?? DEFAULT_GRACE) + (work.engine === undefined ? 0 : ENGINE_MARGIN);
  const last = lastOf(call.parts);
  const due = Math.max(since + grace, last, FlowRun.of(call).readyAt);
  // As long as others below have a grace of their own, it looks again after the same time.
  const step = Math.max(grace, 1);
  const looksAgain = last >= since + grace && (settledAt - since - grace) % step === 0;
  if (settledAt === due || due === Infinity || (looksAgain && settledAt <= last + step)) return;
  call.blame('grace', `it ended at ${settledAt} ms instead of ${due} ms`);
}

/** Who leaves it gets what he wants, whatever else has happened. */
function left({ work }: Call<Flow>, { leftAt = -1, error }: FlowRun): Cause {
  return work.consumer?.leaves?.by === 'throw'
    ? throws(leftAt, 'what its consumer threw', (e) => e === error)
    : gives(leftAt, 'what was taken', () => true);
}

/** It was not cancelled before it could begin. */
function wasStarted({ beganCancelled, abort }: Call<Flow>): boolean {
  return !beganCancelled && abort?.before !== true;
}

/**
 * What it may end with. Whoever consumes a stream sees its end when he looks, and his own cancellation comes at once if he is doing something
 * else. If he waits for a result, the first thing that ended the stream counts; but as long as there are results that he has not got, his
 * cancellation may take them from him, and the end that comes behind them.
 */
export function causesOf(call: Call<Flow>, items: readonly Item[]): Cause[] {
  const seen = [...aborted(call), ...ofIteration(call), ...ofSource(call), ...ofItems(call, items)];
  const [outer] = cancelled(call);
  if (outer === undefined) return seen;
  if (call.work.consumer === undefined) return [outer, ...seen];
  const isPaused = FlowRun.of(call).pausedAt(outer.at);
  if (isPaused === true) return [outer];
  const hasMore = items.some(({ state, at }) => state !== 'cut' && at >= outer.at && at < Infinity);
  if (isPaused === false && !hasMore) return [outer, ...seen];
  const early = seen.filter(({ at }) => at <= outer.at);
  return [outer, ...early.map((cause) => ({ ...cause, sure: false }))];
}

/** The time limit of `asCompleted` is one for the whole. */
function ofIteration({ work, startedAt }: Call<Flow>): Cause[] {
  const { timeout, call } = work;
  return call === 'asCompleted' && timeout !== undefined
    ? [timesOut(startedAt + timeout, timeout)]
    : [];
}

/**
 * A source that fails while it is closed may be told of, where there is nothing else to tell. So may one that has failed, which nobody had
 * seen: a stream says so when it is closed.
 */
function ofClosing(reading: Reading): Cause[] {
  if (reading.flow !== undefined) return reading.flow.sources.flatMap(ofClosing);
  const { notes, error } = reading;
  const wasUnseen = notes.failed && !failsWhenRead(reading);
  if (notes.closedBadly !== true && !wasUnseen) return [];
  return [throws(-1, 'the error of its closing', (e) => e === error, false)];
}

function ofSource(call: Call<Flow>): Cause[] {
  const [reading] = call.sources as [Reading];
  const wrapped = (error: unknown): unknown =>
    call.work.call === 'concurrent' && error instanceof ConcurrentIteratorError
      ? error.cause
      : error;
  const { notes, error, flow } = reading;
  const causes = ofClosing(reading);
  if (notes.failed) {
    const at = notes.endedAt ?? -1;
    const isSeen = failsWhenRead(reading);
    const fits = (e: unknown): boolean => wrapped(e) === error;
    causes.push({ ...throws(at, 'the error of its source', fits, isSeen), isUnseen: !isSeen });
  }
  if (flow === undefined) return causes;
  // A flow that is a source tells of its end when all in it has ended, also to one that would not wait for that itself.
  const read = itemsOf(call).map(({ at }) => (at < Infinity ? at : -1));
  const since = abandons(call.work) ? Math.max(closedAt(reading), ...read) : -1;
  for (const each of causesOf(flow, itemsOf(flow))) {
    const cause = { ...each, at: Math.max(each.at, since) };
    const fits: Cause['fits'] = (end) =>
      'error' in end && cause.fits({ error: wrapped(end.error) });
    causes.push({ ...cause, sure: false, fits });
  }
  return causes;
}

function ofItems(call: Call<Flow>, items: readonly Item[]): Cause[] {
  const { work } = call;
  const wrapped = (error: unknown): unknown =>
    work.call === 'concurrent' && error instanceof ConcurrentExecutionError ? error.cause : error;
  const errors = items
    .flatMap((item) => item.errors)
    .map(
      (cause): Cause => ({
        ...cause,
        fits: (end) => 'error' in end && cause.fits({ error: wrapped(end.error) }),
      }),
    );
  const values = items.filter(({ state }) => state === 'value');
  if (work.call === 'race') return [...errors, ...winners(call, items)];
  if (work.call === 'firstSuccess' && values.length > 0) return winners(call, items);
  const goesOn = work.goesOn === true || work.call === 'firstSuccess' || takesErrors(work);
  // A stream whose consumer is busy may not have looked whether there is more.
  const { readyAt } = FlowRun.of(call);
  const end = wholeAt(call, items, goesOn);
  const looks = work.consumer !== undefined && work.call !== 'asCompleted';
  const whole = end === undefined || !looks ? end : Math.max(end, readyAt);
  const some = goesOn ? [] : errors;
  if (whole === undefined) return some;
  const failed = items.filter(({ state, close }) => state !== 'value' || close);
  const surely = items.filter(({ state }) => state === 'error');
  const asValue = gives(whole, 'all results', (value) => listFits(call, items, value));
  const asError = throws(whole, 'an AggregateError', (error) => holds(error, failed, wrapped));
  const mayRepeat = items.some(
    ({ close, attempts }) => close && attempts.length <= (work.retries ?? 0),
  );
  const outcomes = (takesErrors(work) || failed.length === 0 ? [asValue] : [asError]).map(
    (cause) => ({ ...cause, sure: !mayRepeat }),
  );
  if (!takesErrors(work) && failed.length > 0 && surely.length === 0)
    outcomes.push({ ...asValue, sure: !mayRepeat });
  return [...some, ...outcomes, ...allTheSame(call, outcomes)];
}

/** A cancellation that has cut nothing short may have come too late. */
function allTheSame(call: Call<Flow>, outcomes: readonly Cause[]): Cause[] {
  const cancellations = [...cancelled(call), ...aborted(call)];
  return cancellations.length === 0
    ? []
    : outcomes.map((cause) => ({ ...cause, at: -1, sure: false }));
}

function winners(call: Call<Flow>, items: readonly Item[]): Cause[] {
  const values = items.filter(({ state }) => state === 'value').map(valueIn);
  const isCut = items.some(({ state }) => state === 'cut') || items.length < call.work.source.items;
  return isCut ? values : [...values, ...allTheSame(call, values)];
}

function valueIn({ at, value, close }: Item): Cause {
  return gives(at, 'the value of an item', (given) => Object.is(given, value), !close);
}

/** Its consumer is given errors as results. */
export function takesErrors({ call, consumer }: Flow): boolean {
  return call === 'asCompleted' || consumer?.how === 'settled';
}

/** When all items of the source had their outcome, if they have. */
function wholeAt(call: Call<Flow>, items: readonly Item[], goesOn: boolean): number | undefined {
  const [reading] = call.sources as [Reading];
  const count = wholeCount(reading);
  const isOver = ({ state, close }: Item): boolean =>
    state === 'value' || close || (goesOn && state === 'error');
  if (count !== items.length || !items.every(isOver)) return undefined;
  const ends = items.map(({ at }) => at);
  const { notes, flow } = reading;
  const sourceEnd = flow === undefined ? notes.endedAt : wholeEnd(flow);
  return Math.max(call.startedAt, sourceEnd ?? -1, closedAt(reading), ...ends);
}

/** When a flow that is a source had given all. */
function wholeEnd(flow: Call<Flow>): number | undefined {
  return wholeAt(flow, itemsOf(flow), flow.work.goesOn === true);
}

/** How many items a source has, if it comes to an end by itself. */
function wholeCount({ node, notes, flow }: Reading): number | undefined {
  if (flow === undefined) {
    const hasEnded = node.of === 'array' || (notes.endedAt !== undefined && !notes.failed);
    return hasEnded ? node.items : undefined;
  }
  const items = itemsOf(flow);
  const goesOn = flow.work.goesOn === true;
  if (wholeAt(flow, items, goesOn) === undefined) return undefined;
  return items.every(({ state }) => state === 'value') ? items.length : undefined;
}

function holds(
  error: unknown,
  failed: readonly Item[],
  wrapped: (error: unknown) => unknown,
): boolean {
  if (!(error instanceof AggregateError) || error.errors.length > failed.length) return false;
  return error.errors.every((each) =>
    failed.some(({ errors }) => errors.some(({ fits }) => fits({ error: wrapped(each) }))),
  );
}

function judgeStarts(call: Call<Flow>, { most }: FlowRun, items: readonly Item[]): void {
  const { work } = call;
  if (!wasStarted(call) && items.length > 0)
    call.blame('started in vain', `it was cancelled, and has begun ${items.length} items`);
  const limit = work.shares === undefined ? (work.concurrency ?? Infinity) : SHARED;
  // A time limit leaves an attempt behind, and its place is free.
  const leaves = abandons(work) && work.timeout !== undefined;
  if (most > limit && !mayBeStuck(work) && !leaves)
    call.blame('too many', `${most} items were at work at once`);
  for (const { index, attempts } of items) {
    if (attempts.length === 0) call.blame('order', `item ${index} was left out`);
    if (attempts.length > 1 + (work.retries ?? 0))
      call.blame('twice', `item ${index} was done ${attempts.length} times`);
    attempts.forEach(({ startedAt }, i) => {
      const before = attempts[i - 1]?.settledAt ?? -1;
      if (startedAt < before && !mayBeStuck(work) && !leaves)
        call.blame('twice', `two attempts at item ${index} at once`);
    });
  }
}
