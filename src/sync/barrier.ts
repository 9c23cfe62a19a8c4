/**
 * A meeting point.
 *
 * @module
 */

import { requireInteger } from '../core/arguments.ts';
import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { BrokenBarrier } from '../core/errors.ts';
import { touch } from '../core/kernel.ts';
import { show } from '../core/shown.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { labelOf, type NameOption } from './named.ts';

/**
 * Holds back everybody until `parties` have come, then lets them all go on and starts anew. Whoever is cancelled while it waits has not
 * come: the others go on waiting for one more.
 *
 * @example
 * ```ts
 * import { Barrier, gather } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const barrier = new Barrier(2);
 * const places = await gather([() => barrier.wait(), () => barrier.wait()]);
 * assert.deepEqual(places, [0, 1]);
 * ```
 */
export class Barrier {
  /** How many must come. */
  readonly parties: number;
  readonly #label: string;
  readonly #line = new WaitQueue<number>();
  #broken = false;

  /**
   * @param parties from 1
   * @param options.name what errors and the task tree call it. Default `barrier`
   */
  constructor(parties: number, options: NameOption = {}) {
    requireInteger(parties, 'parties', 1);
    this.parties = parties;
    this.#label = labelOf('barrier', options);
  }

  /**
   * Waits until all have come.
   *
   * @returns the place in the order of coming, from 0: one of them can be picked by it
   * @throws BrokenBarrier when it is broken, or is reset while this waits
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  wait(bounds?: WaitBounds): Promise<number> {
    touch(this);
    const wait = new Wait<number>(this.#label);
    refuseLate(wait, bounds);
    if (!wait.settled) this.#arrive(wait);
    return bounded(wait, bounds);
  }

  #arrive(wait: Wait<number>): void {
    if (this.#broken) {
      wait.fail(new BrokenBarrier(`Cannot wait at ${this.#label}: it is broken`));
      return;
    }
    this.#line.push(wait);
    if (this.#line.length < this.parties) return;
    for (let place = 0; place < this.parties; place++) this.#line.shift()?.give(place);
  }

  /** Turns away those who wait, and makes a broken barrier whole. */
  reset(): void {
    touch(this);
    this.#broken = false;
    this.#line.refuseAll(new BrokenBarrier(`Cannot pass ${this.#label}: it was reset`));
  }

  /** Breaks it: everybody who waits, and who comes later, gets `BrokenBarrier`. For a party that will not come. */
  abort(): void {
    touch(this);
    this.#broken = true;
    this.#line.refuseAll(new BrokenBarrier(`Cannot pass ${this.#label}: it was broken`));
  }

  /** How many have come and wait. */
  get waiting(): number {
    touch(this);
    return this.#line.length;
  }

  /** Whether it was broken. */
  get broken(): boolean {
    touch(this);
    return this.#broken;
  }

  static {
    show(Barrier.prototype, (barrier) => ({
      what: barrier.#label,
      state: barrier.#broken ? 'broken' : undefined,
      waiting: barrier.#line.length,
      of: barrier.parties,
    }));
  }
}
