/**
 * A count of work in progress, for work that is no task of ours. In a scope nobody needs one.
 *
 * @module
 */

import { requireInteger } from '../core/arguments.ts';
import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { touch } from '../core/kernel.ts';
import { show } from '../core/shown.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { labelOf, type NameOption } from './named.ts';

/**
 * Holds back those who wait until as much work is done as was added.
 *
 * @example
 * ```ts
 * import { WaitGroup } from 'skein';
 *
 * const group = new WaitGroup();
 * group.add(2);
 * for (const ms of [1, 2]) setTimeout(() => group.done(), ms);
 * await group.wait();
 * ```
 */
export class WaitGroup {
  readonly #label: string;
  readonly #line = new WaitQueue<void>();
  #count = 0;

  /** @param options.name what errors and the task tree call it. Default `wait group` */
  constructor(options: NameOption = {}) {
    this.#label = labelOf('wait group', options);
  }

  /** How much is in progress. */
  get count(): number {
    touch(this);
    return this.#count;
  }

  /** Adds work in progress. */
  add(n = 1): void {
    requireInteger(n, 'n', 1);
    touch(this);
    this.#count += n;
  }

  /**
   * Says that one piece of work is done.
   *
   * @throws RangeError when none is in progress
   */
  done(): void {
    touch(this);
    if (this.#count === 0) {
      throw new RangeError(`Cannot finish more work of ${this.#label} than was added`);
    }
    if (--this.#count === 0) this.#line.giveAll();
  }

  /**
   * Waits until nothing is in progress; at once if nothing is.
   *
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  wait(bounds?: WaitBounds): Promise<void> {
    touch(this);
    const wait = new Wait<void>(this.#label);
    refuseLate(wait, bounds);
    if (!wait.settled) {
      if (this.#count === 0) wait.ok();
      else this.#line.push(wait);
    }
    return bounded(wait, bounds);
  }

  static {
    show(WaitGroup.prototype, (group) => ({
      what: group.#label,
      inProgress: group.#count,
      waiting: group.#line.length,
    }));
  }
}
