/**
 * What all that let calls start at a pace have in common.
 *
 * @module
 */

import { requireFunction, requireInteger, requireSignal } from '../core/arguments.ts';
import { requireBounds, type WaitBounds } from '../core/bounds.ts';
import type { Thunk } from '../core/context.ts';
import type { Duration } from '../core/duration.ts';
import { touch } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';
import { type Wrappable, type Wrapped, wrapped } from '../core/likeness.ts';
import type { ContextRunner } from '../core/runner.ts';
import { show } from '../core/shown.ts';
import { Admission } from './admission.ts';
import type { Pace } from './pace.ts';
import { Pacing } from './pacing.ts';
import { type Ask, PLAIN } from './queued-call.ts';

/** What all of them can be told. */
export interface PacedOptions {
  /** When it aborts, all calls that wait reject with its reason, as it is, and so do all later ones. It does not reach those at work. */
  readonly signal?: AbortSignal | undefined;
  /** What errors and the task tree call it. */
  readonly name?: string | undefined;
}

/** Their names. */
export const PACED_NAMES: NamesOf<PacedOptions> = { signal: true, name: true };

/** Nothing but the pace says who may start. */
const FREE = {
  concurrency: undefined,
  maxWaiting: Number.POSITIVE_INFINITY,
  overflow: 'reject',
} as const;

/** A line of its own for one pace. */
export function lineOf(pacing: Pacing, pace: Pace): Admission {
  return new Admission({ ...FREE, label: pacing.label, gate: { pace, pacing, door: undefined } });
}

/** The most that one call can weigh. */
export interface Most {
  readonly what: string;
  readonly is: number;
}

/** Asks for as much as a call weighs, which is called so. */
export function weighing(weight: number, name: string, { what, is }: Most): Ask {
  requireInteger(weight, name, 1);
  if (weight <= is) return weight === 1 ? PLAIN : { ...PLAIN, weight };
  throw new RangeError(`Expected ${name} to be at most ${what}, ${is}: got ${weight}`);
}

/** Calls functions at a pace. */
export abstract class Paced implements ContextRunner {
  /** It counts starts. */
  readonly paces = true;
  protected readonly pacing: Pacing;

  /** @param kind what it is called that has no name */
  constructor(kind: string, { signal, name }: PacedOptions, lines: () => Iterable<Admission>) {
    if (signal !== undefined) requireSignal(signal, 'signal');
    this.pacing = new Pacing(name === undefined ? kind : `${kind} ${name}`, signal, lines);
  }

  abstract run<R>(fn: Thunk<R>, bounds?: WaitBounds): Promise<R>;

  /** Gives a function that waits for its turn at each call, with the name, the length and the `this` of `fn`. */
  wrap<T, P extends readonly unknown[], R>(fn: Wrappable<T, P, R>): Wrapped<T, P, R> {
    return wrapped(fn, (call) => this.run(call));
  }

  /** Checks the arguments of `run`. */
  protected check(fn: unknown, bounds: WaitBounds | undefined, names: NamesOf<WaitBounds>): void {
    requireFunction(fn, 'fn');
    if (bounds !== undefined) requireBounds(bounds, names, `a call of ${this.pacing.label}`);
  }

  /**
   * Starts nothing for so long from now, because the other side asked for it, say. A longer pause that is in force stays so.
   *
   * @param duration finite, from 0
   */
  pauseFor(duration: Duration): void {
    this.pacing.pauseFor(duration);
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    touch(this.pacing);
    return this.pacing.waiting;
  }

  static {
    show(Paced.prototype, ({ pacing }) => ({ what: pacing.label, waiting: pacing.waiting }));
  }
}
