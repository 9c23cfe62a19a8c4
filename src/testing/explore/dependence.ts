/**
 * Which steps of a run depend on each other, which come before which in every equivalent run, and which pairs of them are races.
 *
 * @module
 */
import type { Step } from './step.ts';

/**
 * Whether the order of two steps may matter. A step that touched no primitive is unknown, and depends on all: it used plain
 * variables, or nothing. Steps of one unit share its local variables.
 */
export function dependent(a: Step, b: Step): boolean {
  if (isUnknown(a) || isUnknown(b) || a.unit === b.unit) return true;
  for (const thing of a.things) if (b.things.includes(thing)) return true;
  return false;
}

function isUnknown(step: Step): boolean {
  return step.concernsAll || !step.known;
}

/** The happens-before relation of a run: a row of bits for each step. */
export class HappensBefore {
  readonly #steps: readonly Step[];
  readonly #words: number;
  readonly #bits: Uint32Array;
  /** Races found: pairs that could have come in the other order. */
  readonly races: (readonly [earlier: number, later: number])[] = [];

  /**
   * @param from only races whose later step has at least this index are of interest
   */
  constructor(steps: readonly Step[], from: number) {
    this.#steps = steps;
    this.#words = (steps.length + 31) >> 5;
    this.#bits = new Uint32Array(steps.length * this.#words);
    for (const [later, step] of steps.entries()) this.#add(step, later, from);
  }

  /** Whether step `a` comes before step `b` in every equivalent run. */
  before(a: number, b: number): boolean {
    return (((this.#bits[b * this.#words + (a >> 5)] as number) >>> (a & 31)) & 1) === 1;
  }

  #add(step: Step, later: number, from: number): void {
    if (step.creator >= 0) this.#follow(later, step.creator);
    for (const cause of step.causes ?? []) if (cause < later) this.#follow(later, cause);
    for (let earlier = later - 1; earlier >= 0; earlier--) {
      // Nothing to learn where something in between, or its making, orders the two already.
      if (this.before(earlier, later)) continue;
      const other = this.#steps[earlier] as Step;
      if (!dependent(other, step)) continue;
      this.#follow(later, earlier);
      if (later >= from && step.number >= 0) this.races.push([earlier, later]);
    }
  }

  /** Puts `earlier` and all before it before `later`. */
  #follow(later: number, earlier: number): void {
    const words = this.#words;
    const bits = this.#bits;
    for (let i = 0; i < words; i++) {
      bits[later * words + i] =
        (bits[later * words + i] as number) | (bits[earlier * words + i] as number);
    }
    const index = later * words + (earlier >> 5);
    bits[index] = (bits[index] as number) | (1 << (earlier & 31));
  }

  /** The steps from which a run that turns a race round can begin, where the earlier one stood. */
  initials(earlier: number, later: number): Step[] {
    const rest: number[] = [];
    const initials: Step[] = [];
    for (let k = earlier + 1; k <= later; k++) {
      if (k < later && this.before(earlier, k)) continue;
      if (!rest.some((before) => this.before(before, k))) initials.push(this.#steps[k] as Step);
      rest.push(k);
    }
    return initials;
  }
}
