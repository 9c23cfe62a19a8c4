/**
 * What became of one input.
 *
 * @module
 */
import { isA } from '../core/arguments.ts';
import { Cancelled } from '../core/errors.ts';
import type { Settled } from '../core/task.ts';

/** How one input ended, which one it was, and its value or error on demand. */
export type Outcome<T> = Settled<T> & {
  /** Position of the input, from 0. */
  readonly index: number;
  /** Gives the value or throws the error. */
  unwrap(): T;
};

class Done<T> {
  readonly status = 'done';
  readonly value: T;
  readonly index: number;

  constructor(value: T, index: number) {
    this.value = value;
    this.index = index;
  }

  unwrap(): T {
    return this.value;
  }
}

class Failed {
  readonly status: 'failed' | 'cancelled';
  readonly error: unknown;
  readonly index: number;

  constructor(error: unknown, index: number) {
    this.status = isA(error, Cancelled) ? 'cancelled' : 'failed';
    this.error = error;
    this.index = index;
  }

  unwrap(): never {
    throw this.error;
  }
}

/** The outcome of an input that gave a value. */
export function doneOutcome<T>(value: T, index: number): Outcome<T> {
  return new Done(value, index);
}

/** The outcome of an input that failed. */
export function failedOutcome<T>(error: unknown, index: number): Outcome<T> {
  return new Failed(error, index) as Outcome<T>;
}
