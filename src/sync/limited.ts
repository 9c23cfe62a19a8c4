/**
 * What all limiters can do once they can acquire.
 *
 * @module
 */
import { requireFunction } from '../core/arguments.ts';
import { begin } from '../core/begin.ts';
import { BOUND_NAMES, type WaitBounds } from '../core/bounds.ts';
import type { MaybePromise, Thunk } from '../core/context.ts';
import type { NamesOf } from '../core/known-options.ts';
import { type Wrappable, type Wrapped, wrapped } from '../core/likeness.ts';
import type { Lease, Limiter, Op } from '../core/limiter.ts';
import { hasSignal, underBounds } from '../core/under-signal.ts';

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
  /** What errors and the task tree call it. */
  protected abstract readonly label: string;
  /** Acquires for one function. */
  protected abstract enter(bounds: RunBounds | undefined): Promise<Lease>;

  /** Calls the function under the lease. */
  protected call<R>(_lease: Lease, fn: Thunk<R>): MaybePromise<R> {
    return begin(fn);
  }

  /**
   * Waits for its turn, runs `fn`, and gives its result when it has settled. What was acquired is given back in every case.
   *
   * @param fn gets its context
   * @param bounds `timeout` bounds the wait for the turn, not `fn`; `signal` reaches `fn` too, and the call settles when `fn` has
   * @throws Cancelled when the ambient scope is cancelled before its turn has come
   * @throws the reason of `signal`, as it is, when that has aborted before its turn had come, or has stopped `fn`
   * @throws TimedOut when its turn has not come within `timeout`
   */
  async run<R>(fn: Thunk<R>, bounds?: RunBounds): Promise<R> {
    requireFunction(fn, 'fn');
    if (hasSignal(bounds))
      return underBounds(bounds, RUN_NAMES, this.label, (others) => this.run(fn, others));
    const lease = await this.enter(bounds);
    try {
      return await this.call(lease, fn);
    } finally {
      lease.release();
    }
  }

  /** Runs `fn` when its turn has come; the same as `run`. */
  with<R>(fn: Thunk<R>, bounds?: WaitBounds): Promise<R> {
    return this.run(fn, bounds);
  }

  /** Gives a function that waits for its turn at each call, with the name, the length and the `this` of `fn`. */
  wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R> {
    return wrapped(fn, (call) => this.run(call));
  }
}
