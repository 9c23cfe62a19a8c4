/**
 * Probabilistic concurrency testing: every unit has a random priority, the ready one with the highest goes on, and at d - 1 random
 * steps the unit that would go on falls below all others. A bug that takes d ordering constraints is found by a run of n units and k
 * steps with a probability of at least 1 / (n k^(d-1)), whatever the program is.
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs. ASPLOS 2010.
 *
 * @module
 */
import type { Token } from '../../../core/token.ts';
import { Random } from '../prng.ts';
import type { Step } from '../step.ts';
import { type Run, type Strategy, waysOn } from '../strategy.ts';
import { drawCancelPoint } from './cancel-point.ts';

/** The strategy. */
export class PriorityWalk implements Strategy {
  readonly complete = false;
  readonly footprints = false;
  readonly #seed: number | string;
  readonly #depth: number;
  #random: Random;
  #longest = 0;
  #cancelAt = Number.POSITIVE_INFINITY;
  #priorities = new Map<Token, number>();
  /** Steps before which somebody is put back, the earliest last. */
  #changes: number[] = [];

  constructor(seed: number | string, depth: number) {
    this.#seed = seed;
    this.#depth = depth;
    this.#random = new Random(seed, 0);
  }

  begin(run: number): boolean {
    const random = new Random(this.#seed, run);
    this.#random = random;
    this.#priorities = new Map();
    this.#cancelAt = drawCancelPoint(random, this.#longest);
    this.#changes = Array.from({ length: this.#depth - 1 }, () => random.below(this.#longest + 1));
    this.#changes.sort((a, b) => b - a);
    return true;
  }

  pick(ready: readonly Step[], cancellable: number, steps: readonly Step[]): number {
    if (cancellable > 0 && steps.length >= this.#cancelAt) {
      this.#cancelAt = Number.POSITIVE_INFINITY;
      return waysOn(ready) + this.#random.below(cancellable);
    }
    if (ready.length === 0) return 0;
    let first = this.#highest(ready);
    while ((this.#changes.at(-1) ?? Number.POSITIVE_INFINITY) <= steps.length) {
      this.#changes.pop();
      // Below all that were drawn, and below those that were put back before.
      this.#priorities.set(unitOf(ready[first] as Step), this.#changes.length - this.#depth);
      first = this.#highest(ready);
    }
    return first;
  }

  #highest(ready: readonly Step[]): number {
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (const [index, step] of ready.entries()) {
      const priority = this.#priority(unitOf(step));
      if (priority > highest) [best, highest] = [index, priority];
    }
    return best;
  }

  #priority(unit: Token): number {
    let priority = this.#priorities.get(unit);
    if (priority === undefined) {
      priority = this.#random.next();
      this.#priorities.set(unit, priority);
    }
    return priority;
  }

  choose(count: number): number {
    return this.#random.below(count);
  }

  end(run: Run): void {
    this.#longest = Math.max(this.#longest, run.steps.length);
  }
}

function unitOf(step: Step): Token {
  return (step.token as Token).unit;
}
