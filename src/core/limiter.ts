/**
 * What a caller holds while it has something, and what gives it out. The shape is that of TC39's proposed Governor, plus
 * cancellation and a case for `select`.
 *
 * @module
 */
import type { Thunk } from './context.ts';
import type { Wrappable, Wrapped } from './likeness.ts';
import type { ContextRunner } from './runner.ts';

/**
 * The right to use something, from `acquire` to `release`. Whoever has the lease is the holder, whichever task that is. With
 * `using` it is released at the end of the block.
 */
export interface Lease extends Disposable {
  /**
   * Gives back what was acquired; the next in line has it at once. Further calls do nothing.
   *
   * @param outcome how it went, for limiters that adapt: `'drop'` is an overload, `'ignore'` says nothing. Default `'ok'`
   */
  release(outcome?: 'ok' | 'drop' | 'ignore'): void;
}

/** One case of a `select`: something that can be done at once or waited for. */
export interface Op<T> {
  /** Whether it could be done now. */
  readonly ready: boolean;
  /** Only for the types: what it gives. */
  readonly _T?: T;
}

/** Lets so many in at once. Accepted wherever `concurrency`, `limit` or `pace` is. */
export interface Limiter extends ContextRunner {
  /** Waits for its turn. */
  acquire(): Promise<Lease>;
  /** The lease, if nobody would have to wait for it; never overtakes anybody. */
  tryAcquire(): Lease | undefined;
  /** Runs `fn` while holding a lease. */
  with<R>(fn: Thunk<R>): Promise<R>;
  /** A function that runs `fn` while holding a lease; it has the name, the length and the `this` of `fn`. */
  wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R>;
  /** Acquiring, as a case of `select`. */
  readonly acquired: Op<Lease>;
}
