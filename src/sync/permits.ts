/**
 * The mechanism under everything lock-like: a number of permits, a line for them, and leases that say who holds how many.
 *
 * Permits pass from hand to hand: whoever releases gives them to the first in line, who has them from that moment on. Nobody who
 * comes later can take them first, and a waiter that leaves lets the next one pass.
 *
 * @module
 */

import { bounded, refuseLate, type WaitBounds } from '../core/bounds.ts';
import { afterTurn, kernel, touch } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';
import type { Lease } from '../core/limiter.ts';
import { currentFrame, currentToken, type Token, tokenOf } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { circleOf, deadlockOf, mayCircle, nameOf, type Request } from './circle.ts';
import { type Case, NOTHING, Operation, stand } from './operation.ts';
import { type Demand, type LimiterStats, type Party, Permit, UNLIMITED } from './permit.ts';

/** What sets one kind of lock apart from another. */
export interface PermitRules {
  /** Who holds something is known and shown. Not where permits may come back without their lease. */
  readonly tracked: boolean;
  /**
   * When a request would wait for itself: if one of the holders waits for whoever asks (`'any'`: all must release), or only if all of
   * them do (`'all'`: one release is enough).
   */
  readonly circle?: 'any' | 'all';
  /** Most that may be free; more is an error of whoever releases. */
  readonly most?: number;
  /** Called when nobody holds anything and nobody waits. */
  readonly onIdle?: () => void;
  /** Makes the leases, where they know more than who holds how many. */
  readonly makeLease?: (from: Permits, holder: Token, demand: Demand) => Permit;
}

/** A number of permits and the line for them. */
export class Permits {
  readonly label: string;
  /** How many nobody holds; below 0 when the number was lowered while they were held. */
  free: number;
  /** Most that may be free. */
  most: number;
  readonly #tracked: boolean;
  readonly #circle: PermitRules['circle'];
  readonly #onIdle: PermitRules['onIdle'];
  readonly #makeLease: PermitRules['makeLease'];
  readonly #line: WaitQueue<Permit, Demand>;
  /** Those whom everybody in the first line precedes. */
  readonly #later: WaitQueue<Permit, Demand>;
  /** Most have one holder at most, so that one needs no list. */
  #holder: Permit | undefined;
  readonly #others: Permit[] = [];
  readonly #serve = (): void => {
    touch(this);
    this.serve();
  };

  constructor(label: string, free: number, rules: PermitRules) {
    this.label = label;
    this.free = free;
    this.most = rules.most ?? UNLIMITED;
    this.#tracked = rules.tracked;
    this.#circle = rules.circle;
    this.#onIdle = rules.onIdle;
    this.#makeLease = rules.makeLease;
    this.#line = new WaitQueue(this.#names);
    this.#later = new WaitQueue(this.#names);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length + this.#later.length;
  }

  /** Somebody who holds something, the only one where only one can. */
  get holder(): Permit | undefined {
    return this.#holder;
  }

  /** Whether it could be had now without overtaking anybody. */
  fits({ amount, yields }: Demand): boolean {
    return (
      amount <= this.free &&
      this.#line.first === undefined &&
      (!yields || this.#later.first === undefined)
    );
  }

  /** A lease at once, or none. */
  tryTake(demand: Demand): Permit | undefined {
    touch(this);
    return this.fits(demand) ? this.#grant(demand, currentToken()) : undefined;
  }

  /**
   * Waits for a lease.
   *
   * @param names of what else the bounds may say, where they may
   */
  take(demand: Demand, bounds?: WaitBounds, names?: NamesOf<WaitBounds>): Promise<Permit> {
    const frame = currentFrame();
    const token = tokenOf(frame);
    const plain = bounds === undefined && kernel.scheduler === undefined;
    if (plain && token.effective === undefined && this.fits(demand)) {
      return Promise.resolve(this.#grant(demand, token));
    }
    const wait = new Wait<Permit, Demand>(this.label, token, demand);
    // The short way for the usual case: half of what `enter` looks at is known here.
    if (plain && !wait.settled && (this.#circle === undefined || !mayCircle(frame))) {
      this.#stand(wait);
      return wait.promise;
    }
    this.enter(wait, bounds, names);
    return bounds === undefined ? wait.promise : bounded(wait, bounds);
  }

  /** Puts a wait in line, or serves it at once; a wait that is over already has no effect. */
  enter(wait: Wait<Permit, Demand>, bounds?: WaitBounds, names?: NamesOf<WaitBounds>): void {
    touch(this);
    if (bounds !== undefined) refuseLate(wait, bounds, names);
    if (wait.settled) return;
    if (this.fits(wait.ask)) {
      wait.ok(this.#grant(wait.ask, wait.token));
      return;
    }
    this.#stand(wait);
    // A join must end well: it is how a condition takes its lock again.
    if (this.#circle !== undefined && wait.observesCancellation) {
      this.#watch(wait, { permits: this, frame: currentFrame(), which: this.#circle });
    }
  }

  /** Ends a request that waits for itself, and still does so a turn later. */
  #watch(wait: Wait<Permit, Demand>, request: Request): void {
    if (circleOf(request) === undefined) return;
    afterTurn(() => {
      const circle = wait.settled ? undefined : circleOf(request);
      if (circle !== undefined) wait.withdraw(deadlockOf(this, circle));
    });
  }

  #stand(wait: Wait<Permit, Demand>): void {
    wait.undo = this.#serve;
    this.#lineFor(wait.ask).push(wait);
  }

  #lineFor({ yields }: Demand): WaitQueue<Permit, Demand> {
    return yields ? this.#later : this.#line;
  }

  /** Taking permits, as a case of a select. */
  operation(demand: Demand): Operation<Lease> {
    return new Operation<Lease>(
      () => {
        touch(this);
        return this.fits(demand);
      },
      () => this.tryTake(demand) ?? NOTHING,
      (entry: Case<Lease>) => {
        touch(this);
        stand(this.#lineFor(demand), entry as Case<Permit>, demand, this.#serve);
      },
    );
  }

  #grant(demand: Demand, holder: Token): Permit {
    const permit =
      this.#makeLease === undefined
        ? new Permit(this, holder, demand)
        : this.#makeLease(this, holder, demand);
    this.free -= demand.amount;
    if (this.#tracked) this.#list(permit);
    return permit;
  }

  #list(permit: Permit): void {
    permit.place = 0;
    if (this.#holder === undefined) this.#holder = permit;
    else permit.place = this.#others.push(permit);
  }

  #strike(permit: Permit): void {
    const last = this.#others.pop();
    if (last !== undefined && last !== permit) {
      last.place = permit.place;
      if (permit.place > 0) this.#others[permit.place - 1] = last;
    }
    if (permit.place === 0) this.#holder = last;
  }

  /** Takes a lease back. */
  takeBack(permit: Permit): void {
    if (this.#tracked) this.#strike(permit);
    this.release(permit.demand.amount);
  }

  /** Takes permits back, with or without a lease. */
  release(amount: number): void {
    if (this.free + amount > this.most) throw this.#tooMany(amount);
    this.add(amount);
    if (this.#onIdle !== undefined && this.#holder === undefined) this.#onIdle();
  }

  #tooMany(amount: number): RangeError {
    return new RangeError(
      `Cannot release ${amount} of ${this.label} in ${nameOf(currentToken())}: ${this.free} of at most ${this.most} are free already`,
    );
  }

  /** Lets `later` go on under the name of `permit`, which was given up before. */
  replace(later: Permit, permit: Permit): void {
    this.#strike(later);
    later.from = undefined;
    permit.from = this;
    permit.holder = later.holder;
    this.#list(permit);
  }

  /** Adds permits, or takes some away. */
  add(amount: number): void {
    touch(this);
    this.free += amount;
    this.serve();
  }

  /** Lets in from the head of the line whoever can be let in. */
  serve(): void {
    for (;;) {
      const first = this.#line.first ?? this.#later.first;
      if (first === undefined || first.ask.amount > this.free) return;
      first.queue?.remove(first);
      first.give(this.#grant(first.ask, first.token));
    }
  }

  /** Turns away everybody who wants more than can ever be had. */
  refuseOver(most: number, error: (amount: number) => Error): void {
    for (let waiter = this.#line.first; waiter !== undefined; ) {
      const { behind } = waiter;
      if (waiter.ask.amount > most) {
        this.#line.remove(waiter);
        waiter.refuse(error(waiter.ask.amount));
      }
      waiter = behind;
    }
  }

  /** How many hold a lease. */
  get leased(): number {
    return this.#holder === undefined ? 0 : this.#others.length + 1;
  }

  /** One of those leases. */
  lease(index: number): Permit | undefined {
    return index === 0 ? this.#holder : this.#others[index - 1];
  }

  get #leases(): readonly Permit[] {
    return this.#holder === undefined ? [] : [this.#holder, ...this.#others];
  }

  stats(): LimiterStats {
    touch(this);
    const holders = this.#leases.map((permit) => party(permit.holder, permit.demand));
    const waiters: Party[] = [];
    for (const line of [this.#line, this.#later]) {
      for (let each = line.first; each !== undefined; each = each.behind) {
        waiters.push(party(each.token, each.ask));
      }
    }
    return { holders, waiting: waiters.length, waiters };
  }

  readonly #names = (): string | undefined => {
    const names = this.#leases.map(({ holder }) => nameOf(holder));
    return names.length === 0 ? undefined : names.join(', ');
  };
}

function party(token: Token, { amount }: Demand): Party {
  return { name: token.unit.name, id: token.unit.id, permits: amount };
}

keepShape(new Permits('shape', 0, { tracked: false }));
