/**
 * The mechanism under everything lock-like: a number of permits, a line for them, and leases that say who holds how many.
 *
 * Permits pass from hand to hand: whoever releases gives them to the first in line, who has them from that moment on. Nobody who
 * comes later can take them first, and a waiter that leaves lets the next one pass.
 *
 * @module
 */
import { kernel, touch } from '../core/kernel.ts';
import type { Lease } from '../core/limiter.ts';
import { currentToken, rootToken, type Token } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import { WaitQueue } from '../core/wait-queue.ts';
import { keepShape } from '../runtime/keep-shape.ts';
import { bounded, refuseLate, type WaitBounds } from './bounds.ts';
import { nameOf, refuseCircle } from './circle.ts';
import { type Case, NOTHING, Operation, stand } from './operation.ts';

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

/** A lease on some permits. */
export class Permit implements Lease {
  /** Never a promise; and a promise that is resolved with this finds out without a search along the prototypes. */
  // biome-ignore lint/suspicious/noThenProperty: see above.
  readonly then = undefined;
  from: Permits | undefined;
  holder: Token;
  amount: number;
  previous: Permit | undefined;
  next: Permit | undefined;
  /** Taken for the time of one function, which knows of it. */
  inBlock = false;

  constructor(from: Permits | undefined, holder: Token, amount: number) {
    this.from = from;
    this.holder = holder;
    this.amount = amount;
    this.previous = undefined;
    this.next = undefined;
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
}

/** A number of permits and the line for them. */
export class Permits {
  readonly label: string;
  /** How many nobody holds; below 0 when the number was lowered while they were held. */
  free: number;
  /** Most that may be free. */
  most: number;
  readonly #tracked: boolean;
  readonly #rules: PermitRules;
  readonly #line: WaitQueue<Permit, number>;
  /** Those whom everybody in the first line precedes. */
  readonly #later: WaitQueue<Permit, number>;
  #holders: Permit | undefined;
  readonly #serve = (): void => this.serve();

  constructor(label: string, free: number, rules: PermitRules) {
    this.label = label;
    this.free = free;
    this.most = rules.most ?? UNLIMITED;
    this.#tracked = rules.tracked;
    this.#rules = rules;
    this.#line = new WaitQueue(this.#names);
    this.#later = new WaitQueue(this.#names);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length + this.#later.length;
  }

  /** The last who was let in, of those who still hold something. */
  get holder(): Permit | undefined {
    return this.#holders;
  }

  /** Whether `amount` could be had now without overtaking anybody. */
  fits(amount: number, yields = false): boolean {
    return amount <= this.free && this.#line.length === 0 && (!yields || this.#later.length === 0);
  }

  /** A lease at once, or none. */
  tryTake(amount: number, yields = false): Permit | undefined {
    touch(this);
    return this.fits(amount, yields) ? this.#grant(amount, currentToken()) : undefined;
  }

  /**
   * Waits for a lease.
   *
   * @param yields stands in the second line
   */
  take(amount: number, bounds?: WaitBounds, yields = false): Promise<Permit> {
    const token = currentToken();
    if (
      bounds === undefined &&
      token.effective === undefined &&
      kernel.scheduler === undefined &&
      this.fits(amount, yields)
    ) {
      return Promise.resolve(this.#grant(amount, token));
    }
    return bounded(
      this.enter(new Wait<Permit, number>(this.label, token, amount), bounds, yields),
      bounds,
    );
  }

  /** Puts a wait in line, or serves it at once; a wait that is over already has no effect. */
  enter<W extends Wait<Permit, number>>(wait: W, bounds?: WaitBounds, yields = false): W {
    touch(this);
    refuseLate(wait, bounds);
    if (wait.settled) return wait;
    if (this.fits(wait.ask, yields)) {
      wait.ok(this.#grant(wait.ask, wait.token));
      return wait;
    }
    const { circle } = this.#rules;
    // A join must end well: it is how a condition takes its lock again.
    if (circle !== undefined && wait.observesCancellation) {
      const mistake = refuseCircle(this, wait.token, circle);
      if (mistake !== undefined) {
        wait.fail(mistake);
        return wait;
      }
    }
    wait.undo = this.#serve;
    (yields ? this.#later : this.#line).push(wait);
    return wait;
  }

  /** Taking `amount`, as a case of a select. */
  operation(amount: number, yields = false): Operation<Lease> {
    return new Operation<Lease>(
      () => this.fits(amount, yields),
      () => this.tryTake(amount, yields) ?? NOTHING,
      (entry: Case<Lease>) => {
        touch(this);
        stand(yields ? this.#later : this.#line, entry as Case<Permit>, amount, this.#serve);
      },
    );
  }

  #grant(amount: number, holder: Token): Permit {
    const permit = new Permit(this, holder, amount);
    this.free -= amount;
    if (this.#tracked) this.#link(permit);
    return permit;
  }

  #link(permit: Permit): void {
    const next = this.#holders;
    this.#holders = permit;
    if (next === undefined) return;
    permit.next = next;
    next.previous = permit;
  }

  #unlink(permit: Permit): void {
    const { previous, next } = permit;
    if (previous === undefined) this.#holders = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    permit.previous = undefined;
    permit.next = undefined;
  }

  /** Takes a lease back. */
  takeBack(permit: Permit): void {
    if (this.#tracked) this.#unlink(permit);
    this.release(permit.amount);
  }

  /** Takes permits back, with or without a lease. */
  release(amount: number): void {
    if (this.free + amount > this.most) throw this.#tooMany(amount);
    this.add(amount);
    const { onIdle } = this.#rules;
    if (onIdle !== undefined && this.#holders === undefined) onIdle();
  }

  #tooMany(amount: number): RangeError {
    return new RangeError(
      `Cannot release ${amount} of ${this.label} in ${nameOf(currentToken())}: ${this.free} of at most ${this.most} are free already`,
    );
  }

  /** Lets `later` go on under the name of `permit`, which was given up before. */
  replace(later: Permit, permit: Permit): void {
    this.#unlink(later);
    later.from = undefined;
    permit.from = this;
    permit.holder = later.holder;
    this.#link(permit);
  }

  /** Adds permits, or takes some away. */
  add(amount: number): void {
    touch(this);
    this.free += amount;
    if (this.#line.length > 0 || this.#later.length > 0) this.serve();
  }

  /** Lets in from the head of the line whoever can be let in. */
  serve(): void {
    touch(this);
    for (;;) {
      const line = this.#line.length > 0 ? this.#line : this.#later;
      const { first } = line;
      if (first === undefined || first.ask > this.free) return;
      line.remove(first);
      first.give(this.#grant(first.ask, first.token));
    }
  }

  /** Turns away everybody who wants more than can ever be had. */
  refuseOver(most: number, error: (amount: number) => Error): void {
    for (let waiter = this.#line.first; waiter !== undefined; ) {
      const { behind } = waiter;
      if (waiter.ask > most) {
        this.#line.remove(waiter);
        waiter.refuse(error(waiter.ask));
      }
      waiter = behind;
    }
  }

  /** Everybody who holds a lease. */
  *leases(): Generator<Permit> {
    for (let permit = this.#holders; permit !== undefined; permit = permit.next) yield permit;
  }

  stats(): LimiterStats {
    touch(this);
    const holders = Array.from(this.leases(), (permit) => party(permit.holder, permit.amount));
    const waiters: Party[] = [];
    for (const line of [this.#line, this.#later]) {
      for (let each = line.first; each !== undefined; each = each.behind) {
        waiters.push(party(each.token, each.ask));
      }
    }
    return { holders: holders.reverse(), waiting: waiters.length, waiters };
  }

  readonly #names = (): string | undefined => {
    const names = Array.from(this.leases(), ({ holder }) => nameOf(holder));
    return names.length === 0 ? undefined : names.reverse().join(', ');
  };
}

function party(token: Token, permits: number): Party {
  return { name: token.unit.name, id: token.unit.id, permits };
}

keepShape(new Permits('shape', 0, { tracked: false }));
keepShape(new Permit(undefined, rootToken, 0));
