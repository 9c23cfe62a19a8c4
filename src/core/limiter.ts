/**
 * What a caller holds while it has something, and what gives it out. The shape is that of TC39's proposed Governor, plus
 * cancellation and a case for `select`.
 *
 * @module
 */
import type { MaybePromise } from './context.ts';
import type { Runner } from './runner.ts';

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
export interface Limiter extends Runner {
  /** Waits for its turn. */
  acquire(): Promise<Lease>;
  /** The lease, if nobody would have to wait for it; never overtakes anybody. */
  tryAcquire(): Lease | undefined;
  /** Runs `fn` while holding a lease. */
  with<R>(fn: () => MaybePromise<R>): Promise<R>;
  /** A function that runs `fn` while holding a lease. */
  wrap<A extends unknown[], R>(fn: (...args: A) => MaybePromise<R>): (...args: A) => Promise<R>;
  /** Acquiring, as a case of `select`. */
  readonly acquired: Op<Lease>;
}
