/**
 * A lease on permits, and how one asks for it.
 *
 * @module
 */
import type { Lease } from '../core/limiter.ts';
import { type Facts, show } from '../core/shown.ts';
import { rootToken, type Token } from '../core/token.ts';
import { keepShape } from '../runtime/keep-shape.ts';

/** Who holds or wants permits. */
export interface Party {
  /** Of the task or flow. */
  readonly name: string;
  /** Of the task or flow, as in the task tree. */
  readonly id: number;
  readonly permits: number;
}

/** Who has what, and who waits. */
export interface LimiterStats {
  readonly holders: readonly Party[];
  /** How many wait. */
  readonly waiting: number;
  /** First in line first. */
  readonly waiters: readonly Party[];
}

/** Stands for no limit, as an integer: fields that hold now an integer, now Infinity cost V8 its code. */
export const UNLIMITED: number = 2 ** 30;

/** What somebody asks for. */
export interface Demand {
  readonly amount: number;
  /** Asked for the time of one function, which knows of it. */
  readonly inBlock: boolean;
  /** Stands in the second line. */
  readonly yields: boolean;
}

/** A demand for so many permits. */
export function demandFor(amount: number, yields = false): Demand {
  return { amount, inBlock: false, yields };
}

/** One permit, as mostly. */
export const ONE: Demand = demandFor(1);

/** One permit for the time of one function. */
export const ONE_IN_BLOCK: Demand = { ...ONE, inBlock: true };

/** Where a lease goes back to. */
export interface Lender {
  readonly label: string;
  takeBack(permit: Permit): void;
}

/** A lease on some permits. */
export class Permit implements Lease {
  /** Never a promise; and a promise that is resolved with this finds out without a search along the prototypes. */
  // biome-ignore lint/suspicious/noThenProperty: see above.
  readonly then = undefined;
  from: Lender | undefined;
  holder: Token;
  readonly demand: Demand;
  /** Where it stands among the holders; 0 is the first. */
  place = 0;

  constructor(from: Lender | undefined, holder: Token, demand: Demand) {
    this.from = from;
    this.holder = holder;
    this.demand = demand;
  }

  release(): void {
    const { from } = this;
    if (from === undefined) return;
    this.from = undefined;
    from.takeBack(this);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** What there is to say of a lease. */
export function factsOfLease({ from, holder: { unit }, demand: { amount } }: Permit): Facts {
  if (from === undefined) return { what: 'lease', state: 'released' };
  const permits = amount === 1 || amount === UNLIMITED ? undefined : amount;
  return { what: `lease of ${from.label}`, heldBy: `${unit.name} #${unit.id}`, permits };
}

show(Permit.prototype, factsOfLease);
keepShape(new Permit(undefined, rootToken, ONE));
