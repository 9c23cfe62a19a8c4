/**
 * What the steps of one run touch, and what they wait for beyond the step that made them ready: the facts from which the reduction
 * knows which steps depend on each other.
 *
 * Things are numbered in the order in which they are first touched. So the numbers are the same in two runs with the same
 * beginning; two steps that follow the same beginning and both touch something new then seem to touch the same thing, which costs
 * a schedule and never loses one.
 *
 * @module
 */
import { OpenScope } from '../../core/open-scope.ts';
import { RunningTask } from '../../core/task.ts';
import { Token } from '../../core/token.ts';
import { TimerHeap } from '../virtual-clock.ts';
import type { Step } from './step.ts';

/** Records the footprints of a run. */
export class Footprints {
  readonly #things = new Map<object, number>();
  readonly #units = new Map<Token, number>();
  /** The steps in which something inside a scope ended. */
  readonly #ends = new Map<Token, number[]>();
  #step: Step | undefined;
  #index = -1;
  #mixed = false;
  /** Scopes that were closed in this step: the unit around each, and the ends that it waited for. */
  #closed: { readonly unit: Token; readonly ends: readonly number[] }[] = [];

  /** The number of the unit that a token belongs to. */
  unit(token: Token): number {
    return numberOf(this.#units, token.unit);
  }

  /** A step begins. */
  begin(step: Step, index: number): void {
    this.#step = step;
    this.#index = index;
    if (this.#closed.length > 0) this.#closed = [];
    if (this.#mixed) step.concernsAll = true;
  }

  /**
   * Tells, between two steps, whether footprints are to be trusted: a body that waits for a plain promise goes on in the step of
   * somebody else, and flows do not say what they touch.
   */
  look(mixed: boolean): void {
    this.#mixed = mixed;
    if (mixed && this.#step !== undefined) this.#step.concernsAll = true;
  }

  /** The steps without which the join of a scope, made ready now, would not be. */
  causesOf(token: Token): readonly number[] | undefined {
    return this.#closed.find(({ unit }) => unit === token.unit)?.ends;
  }

  touched(thing: object): void {
    const step = this.#step;
    if (step === undefined) return;
    if (thing instanceof OpenScope) {
      this.#ended(thing);
    } else if (thing instanceof Token) {
      // A cancellation, or something else that everybody below may notice.
      step.concernsAll = true;
    } else {
      // Tasks go by their units, below zero: those have been numbered when the tasks were made.
      const isTask = thing instanceof RunningTask;
      if (!isTask && !(thing instanceof TimerHeap)) step.known = true;
      const number = isTask ? -1 - this.unit(thing.token) : numberOf(this.#things, thing);
      if (!step.things.includes(number)) step.things.push(number);
    }
  }

  /**
   * Something in a scope has ended, or the scope itself. Ends commute, so they do not make steps depend on each other; but who
   * waits for the scope comes after all of them, whichever was the last.
   */
  #ended(scope: OpenScope): void {
    const ends = this.#endsIn(scope.token);
    ends.push(this.#index);
    const { parent } = scope.token;
    if (scope.state !== 'closed' || parent === undefined) return;
    this.#closed.push({ unit: parent.unit, ends });
    this.#endsIn((parent.scope as OpenScope).token).push(...ends);
  }

  #endsIn(scope: Token): number[] {
    let ends = this.#ends.get(scope);
    if (ends === undefined) {
      ends = [];
      this.#ends.set(scope, ends);
    }
    return ends;
  }
}

function numberOf<K>(numbers: Map<K, number>, key: K): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
