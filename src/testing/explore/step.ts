/**
 * A step of a run: what happens between two points of choice. The ready list holds steps that have not been taken yet.
 *
 * @module
 */
import type { Token } from '../../core/token.ts';

/** What stands for the label of a step that is the cancellation of a task. */
export const CANCEL = 'cancelled';

/** One step. */
export class Step {
  /** Number of its entry in the ready list: in two runs with the same beginning the same number is the same step. -1: it had none. */
  readonly number: number;
  /** Who goes on, or is cancelled; undefined where time moves on. */
  readonly token: Token | undefined;
  /** What it waited for. */
  readonly label: string;
  readonly resume: () => void;
  /** The unit it belongs to, numbered by first appearance; -1 where nobody asked for footprints. */
  readonly unit: number;
  /** Index of the step that made it ready; -1 for what was ready at the start. */
  readonly creator: number;
  /** Indices of further steps without which it would not have been ready. */
  causes: readonly number[] | undefined;
  /** Numbers of the things that it touched. */
  readonly things: number[] = [];
  /** Whether one of them was a primitive: only then the footprint is taken for the whole of what it did. */
  known = false;
  /** Whether it did what may concern everybody: it moved time, cancelled, or ran code of which footprints tell nothing. */
  concernsAll: boolean;

  constructor(
    number: number,
    token: Token | undefined,
    label: string,
    resume: () => void,
    unit = -1,
    creator = -1,
  ) {
    this.number = number;
    this.token = token;
    this.label = label;
    this.resume = resume;
    this.unit = unit;
    this.creator = creator;
    this.concernsAll = number < 0;
  }

  /** As a line of a report. */
  toString(): string {
    if (this.token === undefined) return this.label;
    return this.label === CANCEL && this.number < 0
      ? `cancel ${this.token.name}`
      : `${this.token.unit.name}: ${this.label}`;
  }
}
