/**
 * Every ready entry is as likely as any other: finds shallow bugs quickly, deep ones by luck.
 *
 * @module
 */
import { Random } from '../prng.ts';
import type { Step } from '../step.ts';
import { type Run, type Strategy, waysOn } from '../strategy.ts';
import { drawCancelPoint } from './cancel-point.ts';

/** The strategy. */
export class RandomWalk implements Strategy {
  readonly complete = false;
  readonly footprints = false;
  readonly #seed: number | string;
  #random: Random;
  #longest = 0;
  #cancelAt = Number.POSITIVE_INFINITY;

  constructor(seed: number | string) {
    this.#seed = seed;
    this.#random = new Random(seed, 0);
  }

  begin(run: number): boolean {
    this.#random = new Random(this.#seed, run);
    this.#cancelAt = drawCancelPoint(this.#random, this.#longest);
    return true;
  }

  pick(ready: readonly Step[], cancellable: number, steps: readonly Step[]): number {
    const on = waysOn(ready);
    if (cancellable === 0 || steps.length < this.#cancelAt) return this.#random.below(on);
    this.#cancelAt = Number.POSITIVE_INFINITY;
    return on + this.#random.below(cancellable);
  }

  choose(count: number): number {
    return this.#random.below(count);
  }

  end(run: Run): void {
    this.#longest = Math.max(this.#longest, run.steps.length);
  }
}
