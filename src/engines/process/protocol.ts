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
  /**
   * Then functions, if there are some that are new to the child or can be forgotten, runs of calls, perhaps sealed, and the first number and
   * how many.
   */
  calls: 1,
  /** Then the number of the call, and the reason as `encodeThrown` wrote it. */
  stop: 2,
  /** Then the number of the call, and the messages on its line, perhaps sealed. */
  line: 3,
  /** Then a list of numbers of calls that are wanted back, and the number of the recall. */
  recall: 4,
  /** The child, which has nothing to do, ends. */
  end: 5,
  /** Then a word, which the child says. */
  say: 6,
} as const;

/** What a message is. */
export const TO_POOL = {
  /** The child takes calls. */
  ready: 0,
  /** Then the milliseconds that bodies took since the start, whether the heap is too large, and ends of calls, one or many together. */
  outcomes: 1,
  /** Then the number of the call, and the messages on its line, perhaps sealed. */
  line: 2,
  /** Then the numbers of calls that will not start, and that of the `recall` that this answers, or `NO_RECALL`. */
  returned: 3,
  /** Then what nobody caught, as `encodeThrown` wrote it, and the function that began it and has ended; undefined: the child dies of it. */
  uncaught: 4,
  /** Then first and last number of the calls that may start now, and the time: only where there is no ledger. */
  began: 5,
  /** Then key and text of a warning. */
  warned: 6,
  /** Then first number and how many: calls that came in a message that cannot be read there. They have not started. */
  unread: 7,
  /** Then the number of a call on whose line something came that cannot be read there. */
  missed: 8,
  /** Then the word that the child was asked to say. */
  said: 9,
} as const;

/** What a child is started with. */
export interface StartData {
  readonly init: unknown;
  /** Bytes of heap, above which the child is to be replaced. */
  readonly heap: number | undefined;
  /** How many workers it is inside of. */
  readonly depth: number;
  /** What entries of the ledger are marked with. */
  readonly secret: number;
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

/** Words of an end of calls: what they are, the number of the first, and a list of them. */
export const END_WORDS = 3;

/** What is in that list. */
export const END = {
  /** What was thrown, as `encodeThrown` wrote it. */
  thrown: 0,
  value: 1,
  /** A value, sealed. */
  sealed: 2,
} as const;

/** Places of what the parent passes to its child beside input and output. */
export const FD = { channel: 3, life: 4, ledger: 5 } as const;
