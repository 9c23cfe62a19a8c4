/**
 * Follows given choices, then the default: for `replay`, and for the attempts of shrinking.
 *
 * @module
 */
import { type Choice, formatChoice } from '../schedule-trace.ts';
import type { Step } from '../step.ts';
import { type Strategy, waysOn } from '../strategy.ts';

/** The schedule that is prescribed. Where it does not fit the run takes the default, and `problem` says so. */
export class Prescribed implements Strategy {
  readonly complete = false;
  readonly footprints = false;
  readonly #choices: readonly Choice[];
  #at = 0;
  #problem: string | undefined;

  constructor(choices: readonly Choice[]) {
    this.#choices = choices;
  }

  /** Where the choices did not fit, if they did not. */
  get problem(): string | undefined {
    const left = this.#choices.length - this.#at;
    if (this.#problem !== undefined || left <= 0) return this.#problem;
    return `the run ended before the last ${left} of its choices`;
  }

  begin(): boolean {
    this.#at = 0;
    this.#problem = undefined;
    return true;
  }

  pick(ready: readonly Step[], cancellable: number, steps: readonly Step[]): number {
    const choice = this.#choices[this.#at++];
    if (choice === undefined) return 0;
    const on = waysOn(ready);
    if (choice.kind === 'cancel' && choice.index < cancellable) return on + choice.index;
    if (choice.kind === 'entry' && choice.index < on) return choice.index;
    return this.#misfit(choice, steps, `${on} ready and ${cancellable} tasks to cancel`);
  }

  choose(count: number, steps: readonly Step[]): number {
    const choice = this.#choices[this.#at++];
    if (choice === undefined) return 0;
    if (choice.kind === 'select' && choice.index < count) return choice.index;
    return this.#misfit(choice, steps, `${count} ways of a select`);
  }

  #misfit(choice: Choice, steps: readonly Step[], here: string): number {
    this.#problem ??= `choice ${this.#at} is ${formatChoice(choice)}, but at step ${steps.length} there are ${here}`;
    return 0;
  }

  end(): void {
    // Every run is the same.
  }
}
