/**
 * What the two sides of a generator say to each other, on the line of the call in which it runs.
 *
 * @module
 */

/** The field of a call's context that makes its function a generator which is asked step by step. The function itself never sees it. */
export const STEPS = 'skein:steps';

/** What a generator is asked for. */
export const STEP = {
  /** `next(value)`. */
  next: 0,
  /** `throw(error)`; the error as `encodeThrown` wrote it. */
  throw: 1,
  /** `return(value)`. */
  return: 2,
  /** `next()`, as often as the value says. */
  more: 3,
} as const;

/** One of them. */
export type StepKind = (typeof STEP)[keyof typeof STEP];

/** What the owner is told. */
export interface StepEvents {
  /** The generator is there, and can be asked. */
  ready(): void;
  /** Values, in order. */
  gave(values: readonly unknown[]): void;
  /** Its call has ended; how, the call says. */
  ended(): void;
}
