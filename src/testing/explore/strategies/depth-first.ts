/**
 * All schedules by re-execution, depth first: after each run the last choice that has an alternative left takes the next one. With a
 * budget it is delay bounding: to pass over the first i entries costs i delays, and only schedules with so many delays are run.
 * Most bugs need very few.
 *
 * Emmi, Qadeer, Rakamaric: Delay-Bounded Scheduling. POPL 2011.
 *
 * @module
 */
import type { Step } from '../step.ts';
import { type Strategy, waysOn } from '../strategy.ts';

interface Branch {
  /** Ways that the budget allows, and with them those that cancel. */
  readonly ways: number;
  way: number;
}

/** The strategy. */
export class DepthFirst implements Strategy {
  readonly footprints = false;
  readonly #budget: number;
  #path: Branch[] | undefined;
  #at = 0;
  #left = 0;
  #exhausted = false;
  /** Something was left out: beyond the budget, or because a run did not repeat itself. */
  #missed = false;

  constructor(budget: number) {
    this.#budget = budget;
  }

  get complete(): boolean {
    return this.#exhausted && !this.#missed;
  }

  begin(): boolean {
    this.#at = 0;
    this.#left = this.#budget;
    if (this.#path === undefined) {
      this.#path = [];
      return true;
    }
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      if (++last.way < last.ways) return true;
      this.#path.pop();
    }
    this.#exhausted = true;
    return false;
  }

  pick(ready: readonly Step[], cancellable: number): number {
    const on = waysOn(ready);
    const affordable = this.#affordable(on);
    const way = this.#branch(affordable + cancellable);
    if (way >= affordable) return on + way - affordable;
    this.#left -= way;
    return way;
  }

  choose(count: number): number {
    const way = this.#branch(this.#affordable(count));
    this.#left -= way;
    return way;
  }

  #affordable(count: number): number {
    if (count - 1 > this.#left) this.#missed = true;
    return Math.min(count, this.#left + 1);
  }

  #branch(ways: number): number {
    const path = this.#path as Branch[];
    const known = path[this.#at++];
    if (known?.ways === ways) return known.way;
    if (known !== undefined) {
      // The body does not repeat itself: forget what was known of this branch.
      this.#missed = true;
      path.length = this.#at - 1;
    }
    path.push({ ways, way: 0 });
    return 0;
  }

  end(): void {
    // The path holds all that counts.
  }
}
