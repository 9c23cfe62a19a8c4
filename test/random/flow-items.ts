/**
 * What became of each item of a flow.
 *
 * @module
 */
import { isCancelled, TimedOut } from 'skein';
import type { Call } from './call.ts';
import { type Cause, endsAs, lastOf, timesOut } from './causes.ts';
import { isKeptOpen, keptEnd } from './kept.ts';
import { abandons } from './left.ts';
import type { Flow } from './model.ts';
import { mayBeStuck } from './stuck.ts';

/** One item and all attempts at it. */
export interface Item {
  readonly index: number;
  readonly attempts: readonly Call[];
  /** When the last attempt ended; Infinity while it is at work. */
  readonly at: number;
  /** Given a value for good, failed for good, cut short by the end of the flow, or to be tried again. */
  readonly state: 'value' | 'error' | 'cut' | 'open';
  /** The attempt ended in the instant of its time-out. */
  readonly close: boolean;
  readonly value: unknown;
  /** How it may have failed. */
  readonly errors: readonly Cause[];
}

/** The items that have been begun, by index. */
export function itemsOf(call: Call<Flow>): Item[] {
  const attempts: Call[][] = [];
  for (const body of call.partsAs('body')) {
    const { place = 0 } = body.part;
    attempts[place] ??= [];
    attempts[place]?.push(body);
  }
  return Array.from(attempts, (all, index) => itemOf(call, index, all ?? []));
}

function itemOf(call: Call<Flow>, index: number, attempts: Call[]): Item {
  const last = attempts.at(-1);
  const limit = call.work.call === 'asCompleted' ? Infinity : (call.work.timeout ?? Infinity);
  const item = { index, attempts, value: last?.value };
  const expiry = (last?.startedAt ?? 0) + limit;
  const leaves = abandons(call.work) || (last?.end === undefined && mayBeStuck(call.work));
  const isBehind = leaves && (last?.settledAt ?? Infinity) > expiry;
  if (
    last !== undefined &&
    isBehind &&
    (last.home.cancelledAt ?? Infinity) >= expiry &&
    expiry <= call.world.now
  ) {
    // Handles that were opened in it are stopped among its clean-ups.
    const { scope } = last.home.token;
    if (isKeptOpen({ parts: [last] }, scope, ['handle']))
      return { ...item, at: Infinity, state: 'open', close: false, errors: [] };
    const at = Math.max(expiry, keptEnd({ parts: [last] }, scope, ['handle']));
    const isFinal = attempts.length > (call.work.retries ?? 0);
    return {
      ...item,
      at,
      state: isFinal ? 'error' : 'open',
      close: false,
      errors: isFinal ? [timesOut(at, limit)] : [],
    };
  }
  if (last?.end === undefined)
    return { ...item, at: Infinity, state: 'open', close: false, errors: [] };
  const settledAt = last.settledAt as number;
  // A limit of time makes a scope, which waits for what was left to it; but the time is over when the body is.
  const at = limit === Infinity ? settledAt : lastOf([last]);
  // A cancellation that came before the time-out has stopped its clock.
  const { cancelledAt = Infinity, token } = last.home;
  const isByOthers = token.effective !== token.own;
  // On an engine the attempt hears of both in the same way.
  const isKnown = call.work.engine === undefined && isByOthers;
  const stopped = cancelledAt < expiry || (cancelledAt === expiry && isKnown);
  const late = stopped ? -1 : settledAt - last.startedAt - limit;
  const isOver = late > 0 || (late === 0 && isStoppedBy(last, limit));
  const close = late === 0 && !isOver;
  const errors: Cause[] = [];
  if (late >= 0) errors.push(timesOut(at, limit, isOver));
  if (last.failed && !isOver) errors.push(endsAs(last, !close && !isCancelled(last.error)));
  if (late < 0 && !last.failed) return { ...item, at, state: 'value', close, errors };
  if (late < 0 && last.interrupted) return { ...item, at, state: 'cut', close, errors: [] };
  const isLast =
    attempts.length > (call.work.retries ?? 0) || (late < 0 && isCancelled(last.error));
  return {
    ...item,
    at,
    state: close ? 'open' : isLast ? 'error' : 'open',
    close,
    errors: isLast ? errors : [],
  };
}

/** Its time was over, and that has ended it. */
function isStoppedBy({ error, home }: Call, after: number): boolean {
  const { effective } = home.token;
  return (
    error === effective && effective?.reason instanceof TimedOut && effective.reason.after === after
  );
}

/** Whether one error is that of an item. */
export function isErrorOf(item: Item, error: unknown): boolean {
  return item.errors.some(({ fits }) => fits({ error }));
}
