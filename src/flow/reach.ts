/**
 * How far a flow runs ahead of what its engine can run at once: calls of a tiny function pay only if many of them travel together,
 * while those of a slow one should stay in the source until there is a worker for them.
 *
 * @module
 */
import type { Engine } from '../core/engine.ts';
import { callThunk } from './inputs.ts';
import type { FlowPlan } from './options.ts';

/** Asks an engine how many calls it would like to have at hand. */
export class Reach {
  readonly #engine: Engine;
  readonly #fn: (...args: never[]) => unknown;
  readonly #isElastic: boolean;
  readonly #site: FlowPlan['site'];
  #known = 0;

  /** @throws what the engine says of a function that cannot run there */
  constructor(plan: FlowPlan, fn: (...args: never[]) => unknown) {
    this.#engine = plan.engine as Engine;
    this.#fn = fn;
    this.#site = plan.site;
    // Of functions that are all different nothing is known.
    this.#isElastic = fn !== callThunk;
    this.grown();
    this.#known = 0;
  }

  /** How many more than when this was last asked; negative when it is fewer. */
  grown(): number {
    if (!this.#isElastic) return 0;
    const now = this.#engine.prefetch?.(this.#fn, this.#site) ?? 0;
    const more = now - this.#known;
    this.#known = now;
    return more;
  }
}
