/**
 * A place in a line on behalf of somebody else: of a select, which stands in several, or of a loop that waits for its next item.
 *
 * @module
 */
import type { Token } from '../core/token.ts';
import type { Waiter, WaitQueue } from '../core/wait-queue.ts';
import type { Case } from './operation.ts';

/** Passes on what it is given. */
export class Entry<T> implements Case<T> {
  readonly token: Token;
  ask: unknown;
  undo: (() => void) | undefined;
  queue: WaitQueue<T, unknown> | undefined;
  ahead: Waiter<T, unknown> | undefined;
  behind: Waiter<T, unknown> | undefined;
  /** Whether it was given something, or turned away. */
  served = false;
  readonly #given: (value: T) => void;
  readonly #refused: (error: unknown) => void;

  constructor(
    token: Token,
    given: (value: T) => void,
    refused: (error: unknown) => void = noRefusal,
  ) {
    this.token = token;
    this.#given = given;
    this.#refused = refused;
  }

  give(value: T): void {
    this.served = true;
    this.#given(value);
  }

  refuse(error: unknown): void {
    this.served = true;
    this.#refused(error);
  }
}

function noRefusal(error: unknown): void {
  throw new TypeError('Expected nobody to be turned away here', { cause: error });
}
