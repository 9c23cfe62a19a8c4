/**
 * What every function that the library calls gets as its last argument.
 *
 * @module
 */
import { kernel } from './kernel.ts';
import type { Token } from './token.ts';

/**
 * The last argument of every function that the library calls. It is a valid `init` of `fetch`, so `map(urls, fetch)` can be
 * cancelled as it stands.
 */
export interface Context {
  /** Aborted when the work should stop; made on first use, which costs nothing to those who never look. */
  readonly signal: AbortSignal;
  /** Position of the input in its source, from 0. */
  readonly index: number;
  /** 1 for the first attempt, 2 for the first repetition. */
  readonly attempt: number;
}

/** A function without arguments of its own. */
export type Thunk<T> = (context: Context) => MaybePromise<T>;

/** A value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Whatever has the signal of a body: mostly its token. */
type Signalling = Pick<Token, 'signal'>;

/** The context of one call. */
export class CallContext implements Context {
  readonly index: number;
  readonly attempt: number;
  readonly #token: Signalling;

  constructor(token: Signalling, index: number, attempt: number) {
    this.#token = token;
    this.index = index;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    kernel.poll?.();
    return this.#token.signal;
  }

  /** A context with further fields, which the caller of an engine has given. */
  static with(
    token: Signalling,
    index: number,
    attempt: number,
    extras: Readonly<Record<string, unknown>> | undefined,
  ): Context {
    const context = new CallContext(token, index, attempt);
    return extras === undefined ? context : Object.assign(context, extras);
  }
}
