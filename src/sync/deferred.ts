/**
 * A value that somebody else will bring.
 *
 * @module
 */

import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import type { MaybePromise } from '../core/context.ts';
import { touch } from '../core/kernel.ts';
import type { Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import type { OnRejected } from '../core/task.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { labelOf, type NameOption } from './named.ts';
import { Operation, stand } from './operation.ts';

type State<T> =
  | { readonly status: 'waiting' }
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown };

/**
 * Is settled once, by anybody, and can be awaited by many. Awaiting it is a cancellation point, unlike awaiting a promise. An error that nobody
 * awaits is kept and not reported: it belongs to whoever asks.
 *
 * @example
 * ```ts
 * import { Deferred } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const answer = new Deferred<number>();
 * assert.equal(answer.resolve(42), true);
 * assert.equal(answer.resolve(43), false);
 * assert.equal(await answer, 42);
 * ```
 */
export class Deferred<T> implements PromiseLike<T> {
  readonly #label: string;
  readonly #line = new WaitQueue<T>();
  #state: State<T> = { status: 'waiting' };

  /** @param options.name what errors and the task tree call it. Default `deferred` */
  constructor(options: NameOption = {}) {
    this.#label = labelOf('deferred', options);
  }

  /** Whether it has been settled. */
  get done(): boolean {
    touch(this);
    return this.#state.status !== 'waiting';
  }

  /** Gives it its value. False, and without effect, when it was settled before. */
  resolve(value: T): boolean {
    if ((value as unknown) === this) {
      throw new TypeError(`Cannot resolve ${this.#label} with itself: it would wait for ever`);
    }
    if (this.done) return false;
    this.#state = { status: 'done', value };
    this.#line.giveAll(value);
    return true;
  }

  /** Makes it fail. False, and without effect, when it was settled before. */
  reject(error: unknown): boolean {
    if (this.done) return false;
    this.#state = { status: 'failed', error };
    this.#line.refuseAll(error);
    return true;
  }

  /**
   * Waits for it; the same as awaiting it, with bounds.
   *
   * @throws what it was rejected with
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  wait(bounds?: WaitBounds): Promise<T> {
    touch(this);
    const wait = new Wait<T>(this.#label);
    refuseLate(wait, bounds);
    if (!wait.settled) {
      const state = this.#state;
      if (state.status === 'done') wait.ok(state.value);
      else if (state.status === 'failed') wait.fail(state.error);
      else this.#line.push(wait);
    }
    return bounded(wait, bounds);
  }

  /** What `await` calls. */
  // biome-ignore lint/suspicious/noThenProperty: a deferred is awaited like a promise; that is its purpose.
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => MaybePromise<A>) | null,
    onRejected?: OnRejected<B>,
  ): Promise<A | B> {
    return this.wait().then(onFulfilled, onRejected);
  }

  /** Being settled, as a case of `select`. */
  get settled(): Op<T> {
    return new Operation<T>(
      () => this.done,
      () => {
        const state = this.#state;
        if (state.status === 'failed') throw state.error;
        return (state as { readonly value: T }).value;
      },
      (entry) => {
        touch(this);
        stand(this.#line, entry, undefined);
      },
    );
  }

  static {
    show(Deferred.prototype, (deferred) => ({
      what: deferred.#label,
      state: deferred.done ? deferred.#state.status : 'not settled',
      waiting: deferred.done ? undefined : deferred.#line.length,
    }));
  }
}
