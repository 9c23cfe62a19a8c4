/**
 * Those who wait for a limiter itself, not for a turn at it: until it is idle, or until it has room.
 *
 * @module
 */

import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { afterTurn, touch } from '../core/kernel.ts';
import type { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';

/** What they look at. */
export interface Watched {
  /** Whether nothing is at work and nobody waits. */
  readonly isIdle: boolean;
  /** Whether a call would be welcome. */
  readonly isReady: boolean;
}

/** The onlookers of one limiter. */
export class Onlookers {
  readonly #watched: Watched;
  readonly idle: WaitQueue<void> = new WaitQueue<void>();
  readonly ready: WaitQueue<void> = new WaitQueue<void>();
  #looking = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Joins one of the two lines. */
  wait(queue: WaitQueue<void>, wait: Wait<void>, bounds: WaitBounds | undefined): Promise<void> {
    touch(this.#watched);
    refuseLate(wait, bounds);
    if (!wait.settled) {
      wait.undo = () => touch(this.#watched);
      queue.push(wait);
      this.tell();
    }
    return bounded(wait, bounds);
  }

  /** Something has changed. */
  tell(): void {
    if (this.idle.length > 0 && this.#watched.isIdle) this.idle.giveAll();
    if (this.ready.length === 0 || !this.#watched.isReady) return;
    // One a place: whoever is woken may take it. If nobody did, the others are looked at a turn later.
    this.ready.shift()?.give();
    if (this.#looking || this.ready.length === 0) return;
    this.#looking = true;
    afterTurn(() => {
      this.#looking = false;
      this.tell();
    });
  }
}
