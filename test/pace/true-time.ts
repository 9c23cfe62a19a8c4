/**
 * A clock that a test moves, with all the mischief of real ones: it leaps past timers as in a suspended process, and what it shows
 * can go back while time goes on.
 *
 * @module
 */
import type { Clock, Timer } from '../../src/core/clock.ts';
import { HookClaim } from '../../src/testing/hooks.ts';
import { TimerHeap } from '../../src/testing/virtual-clock.ts';

/** Time as it is, and what the clock makes of it. */
export class TrueTime implements Clock {
  readonly #heap = new TimerHeap();
  #shown = 0;

  /** Time as it is. */
  get true(): number {
    return this.#heap.now();
  }

  now(): number {
    return this.#heap.now() + this.#shown;
  }

  /** Timers run by true time, so after the clock was set back they fire early. */
  at(at: number, fn: () => void): Timer {
    return this.#heap.at(at - this.#shown, fn);
  }

  get timers(): number {
    return this.#heap.timers;
  }

  /** Moves on, and stops at each timer on the way. */
  advance(ms: number): void {
    const target = this.true + ms;
    for (let next = this.#heap.next; next !== undefined && next <= target; next = this.#heap.next) {
      this.#heap.moveTo(next);
    }
    this.#heap.moveTo(target);
  }

  /** Moves on at one go: timers on the way are late. */
  leap(ms: number): void {
    this.#heap.moveTo(this.true + ms);
  }

  /** Moves on until no timer is left. */
  finish(): void {
    for (let next = this.#heap.next; next !== undefined; next = this.#heap.next) {
      this.#heap.moveTo(next);
    }
  }

  /** Makes the clock show less than it did. */
  setBack(ms: number): void {
    this.#shown -= ms;
  }
}

/** Runs `body` with such a clock in force. */
export async function inTrueTime<R>(body: (time: TrueTime) => R): Promise<Awaited<R>> {
  const hooks = new HookClaim('true time');
  const time = new TrueTime();
  hooks.set({ clock: time });
  try {
    return await body(time);
  } finally {
    hooks.release();
  }
}
