/**
 * What all limiters can do once they can acquire.
 *
 * @module
 */
import { requireFunction } from '../core/arguments.ts';
import { BOUND_NAMES, type WaitBounds } from '../core/bounds.ts';
import type { MaybePromise } from '../core/context.ts';
import type { NamesOf } from '../core/known-options.ts';
import type { Lease, Limiter, Op } from '../core/limiter.ts';

/** How one function is run under a limiter. */
export interface RunBounds extends WaitBounds {
  /** For limiters that keep keys apart; the others ignore it. */
  readonly key?: unknown;
}

/** Their names. */
export const RUN_NAMES: NamesOf<RunBounds> = { ...BOUND_NAMES, key: true };

/** The methods that all limiters share. */
export abstract class Limited implements Limiter {
  abstract readonly acquired: Op<Lease>;
  abstract acquire(): Promise<Lease>;
  abstract tryAcquire(): Lease | undefined;
  /** Acquires for one function. */
  protected abstract enter(bounds: RunBounds | undefined): Promise<Lease>;

  /** Calls the function under the lease. */
  protected call<R>(_lease: Lease, fn: () => R): R {
    return fn();
  }

  /**
   * Waits for its turn, runs `fn`, and gives its result when it has settled. What was acquired is given back in every case.
   *
   * @param bounds of the wait for the turn, not of `fn`
   * @throws Cancelled when the ambient scope is cancelled, or `signal` aborts, before its turn has come
   * @throws TimedOut when its turn has not come within `timeout`
   */
  async run<R>(fn: () => MaybePromise<R>, bounds?: RunBounds): Promise<R> {
    requireFunction(fn, 'fn');
    const lease = await this.enter(bounds);
    try {
      return await this.call(lease, fn);
    } finally {
      lease.release();
    }
  }

  /** Runs `fn` when its turn has come; the same as `run`. */
  with<R>(fn: () => MaybePromise<R>, bounds?: WaitBounds): Promise<R> {
    return this.run(fn, bounds);
  }

  /** Gives a function that waits for its turn at each call. */
  wrap<A extends unknown[], R>(fn: (...args: A) => MaybePromise<R>): (...args: A) => Promise<R> {
    requireFunction(fn, 'fn');
    return (...args) => this.run(() => fn(...args));
  }
}
