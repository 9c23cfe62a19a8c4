/**
 * What travels on the line of a call. Messages are small arrays that begin with what they are; the arrays in them are made for them.
 *
 * A worker asks (`ASK`) for something that takes time and gets one answer, or tells (`TELL`) something that needs none. It may want a
 * question back (`CANCEL`): then the answer says which of the two came first, because that is decided where the object is.
 *
 * @module
 */
import type { EncodedThrown } from '../../shipping/encoded.ts';
import type { Packed } from './pack.ts';

/** From the worker: `[ASK, question, object, method, args]`. */
export const ASK = 0;
/** From the worker: `[TELL, object, method, args]`. */
export const TELL = 1;
/** From the worker: `[CANCEL, question]`. */
export const CANCEL = 2;
/** From the worker, `[ARRIVED, question]`: what was given is there now; until then it would come back if the worker died. */
export const ARRIVED = 3;

export type FromWorker =
  | readonly [
      typeof ASK,
      question: number,
      object: number,
      method: string,
      args: readonly unknown[],
    ]
  | readonly [typeof TELL, object: number, method: string, args: readonly unknown[]]
  | readonly [typeof CANCEL, question: number]
  | readonly [typeof ARRIVED, question: number];

/** To the worker, `[GIVEN, question, values, holes]`: what `pack` made of the one value. */
export const GIVEN = 0;
/** To the worker, `[ENTRUSTED, question, values, holes]`: the same, and its arrival is to be confirmed. */
export const ENTRUSTED = 1;
/** To the worker: `[FAILED, question, error]`. */
export const FAILED = 2;
/** To the worker, `[WITHDRAWN, question]`: it was cancelled and had no effect. */
export const WITHDRAWN = 3;
/** To the worker, `[EVENT, object, what]`: without a question. */
export const EVENT = 4;

export type ToWorker =
  | readonly [typeof GIVEN, question: number, values: readonly unknown[], holes: Packed['holes']]
  | readonly [
      typeof ENTRUSTED,
      question: number,
      values: readonly unknown[],
      holes: Packed['holes'],
    ]
  | readonly [typeof FAILED, question: number, error: EncodedThrown]
  | readonly [typeof WITHDRAWN, question: number]
  | readonly [typeof EVENT, object: number, what: unknown];
