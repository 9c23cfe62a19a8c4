/**
 * The messages between a pool and a child process. Each is an array that begins with `MARK` and its kind: what else is sent on the
 * channel belongs to somebody else.
 *
 * @module
 */
import type { Order } from '../pool/order.ts';

/** The first of every message. */
export const MARK = 'skein';

/** What a message is. */
export const TO_CHILD = {
  /** Then `StartData`: the first message. */
  start: 0,
  /** Then functions, if there are some that are new to the child or can be forgotten, and runs of calls. */
  calls: 1,
  /** Then the number of the call, and the reason as `encodeThrown` wrote it. */
  stop: 2,
  /** Then the number of the call, and the messages on its line. */
  line: 3,
  /** Then a list of numbers of calls that are wanted back, and the number of the recall. */
  recall: 4,
} as const;

/** What a message is. */
export const TO_POOL = {
  /** The child takes calls. */
  ready: 0,
  /** Then the milliseconds that bodies took since the start, whether the heap is too large, and ends of calls, one or many together. */
  outcomes: 1,
  /** Then the number of the call, and the messages on its line. */
  line: 2,
  /** Then the numbers of calls that will not start, and that of the `recall` that this answers, or `NO_RECALL`. */
  returned: 3,
  /** Then what the child dies of, as `encodeThrown` wrote it. */
  dying: 4,
  /** Then first and last number of the calls that may start now, and the time: only where there is no ledger. */
  began: 5,
  /** Then key and text of a warning. */
  warned: 6,
} as const;

/** What a child is started with. */
export interface StartData {
  readonly init: unknown;
  /** Bytes of heap, above which the child is to be replaced. */
  readonly heap: number | undefined;
}

/** How the calls of a run are written. */
export const FORM = {
  /** One value for each call: its only argument. */
  values: 0,
  /** An order for each. */
  orders: 1,
} as const;

/**
 * Words of a run of calls, which have one function, and numbers and indexes that follow each other: form, route, number of the first,
 * its index, attempt, the care that they want, and a list of one item for each.
 */
export const RUN_WORDS = 7;

/**
 * The care of calls: the milliseconds that they may take, `ANY_TIME` for those that have a signal of their own, or none. With care, each
 * is told to the pool before it starts, and what has ended before it too, because it may have to be killed.
 */
export const NO_CARE = -1;
export const ANY_TIME: number = Number.POSITIVE_INFINITY;

/** The time in the ledger of a call whose function is being loaded: its body has not started. */
export const LOADING = -1;

/** The index of calls that are in no flow. */
export const NO_INDEX = -1;

/** The index of the call that comes so many after one with this index. */
export function indexAfter(index: number, count: number): number {
  return index === NO_INDEX ? NO_INDEX : index + count;
}

/** What a call brings. */
export type CallOrder = Order | readonly unknown[];

/** Words of an end of calls: whether they are values, the number of the first, and the list of values, or of what was thrown. */
export const END_WORDS = 3;

/** Places of what the parent passes to its child beside input and output. */
export const FD = { channel: 3, life: 4, ledger: 5 } as const;
