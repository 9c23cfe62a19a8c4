/**
 * A flag that can be waited for.
 *
 * @module
 */

import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { touch } from '../core/kernel.ts';
import type { Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { labelOf, type NameOption } from './named.ts';
import { NOTHING, Operation, stand } from './operation.ts';

/**
 * Holds back those who wait until it is set, and nobody from then on. `reset` closes it again for those who come later.
 *
 * @example
 * ```ts
 * import { AsyncEvent, scope } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const started = new AsyncEvent();
 * await scope(async (s) => {
 *   s.spawn(async () => started.set());
 *   await started.wait();
 *   assert.equal(started.isSet, true);
 * });
 * ```
 */
export class AsyncEvent {
  readonly #label: string;
  readonly #line = new WaitQueue<void>();
  #set = false;

  /** @param options.name what errors and the task tree call it. Default `event` */
  constructor(options: NameOption = {}) {
    this.#label = labelOf('event', options);
  }

  /** Whether it is set. */
  get isSet(): boolean {
    touch(this);
    return this.#set;
  }

  /** Lets everybody through who waits, and who comes later. */
  set(): void {
    touch(this);
    this.#set = true;
    this.#line.giveAll();
  }

  /** Holds back those who come from now on. Those who were let through go on. */
  reset(): void {
    touch(this);
    this.#set = false;
  }

  /**
   * Waits until it is set; at once if it is.
   *
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  wait(bounds?: WaitBounds): Promise<void> {
    touch(this);
    const wait = new Wait<void>(this.#label);
    refuseLate(wait, bounds);
    if (!wait.settled) {
      if (this.#set) wait.ok();
      else this.#line.push(wait);
    }
    return bounded(wait, bounds);
  }

  /** Being set, as a case of `select`. */
  get fired(): Op<void> {
    return new Operation<void>(
      () => this.isSet,
      () => (this.isSet ? undefined : NOTHING),
      (entry) => {
        touch(this);
        stand(this.#line, entry, undefined);
      },
    );
  }

  /** How many wait. */
  get waiting(): number {
    touch(this);
    return this.#line.length;
  }

  static {
    show(AsyncEvent.prototype, (event) => ({
      what: event.#label,
      state: event.#set ? 'set' : 'not set',
      waiting: event.#line.length,
    }));
  }
}
