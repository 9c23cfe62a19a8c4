/**
 * The cases of a `select`, as primitives offer them: do it now, or stand in line for it.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import type { Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import type { Waiter, WaitQueue } from '../core/wait-queue.ts';

/** Says that an operation could not be done at once. */
export const NOTHING: unique symbol = Symbol('nothing');

/** Someone who stands in line by order of a select. What it asks for is decided by the operation. */
export interface Case<T> extends Omit<Waiter<T, unknown>, 'ask' | 'queue' | 'ahead' | 'behind'> {
  ask: unknown;
}

/** Puts a case in line. */
export function stand<T, A>(
  line: WaitQueue<T, A>,
  entry: Case<T>,
  ask: A,
  undo?: (() => void) | undefined,
): void {
  entry.ask = ask;
  entry.undo = undo;
  line.push(entry as unknown as Waiter<T, A>);
}

/** An operation of this library; only these are atomic. */
export class Operation<T> implements Op<T> {
  readonly #ready: () => boolean;
  /** Does it now, or gives NOTHING. */
  readonly poll: () => T | typeof NOTHING;
  /** Puts the case in line. */
  readonly enter: (entry: Case<T>) => void;

  constructor(
    ready: () => boolean,
    poll: () => T | typeof NOTHING,
    enter: (entry: Case<T>) => void,
  ) {
    this.#ready = ready;
    this.poll = poll;
    this.enter = enter;
  }

  get ready(): boolean {
    return this.#ready();
  }
}

show(Operation.prototype, ({ ready }) => ({
  what: 'operation',
  state: ready ? 'ready' : 'not ready',
}));

/** Requires an operation of this library. */
export function requireOperation(value: unknown, name: string): Operation<unknown> {
  if (value instanceof Operation) return value as Operation<unknown>;
  throw new TypeError(
    `Expected ${name} to be an operation such as queue.got or timer('5s'): got ${describe(value)}`,
  );
}
