/**
 * All schedules but those that differ only in the order of independent steps: dynamic partial-order reduction with source sets and
 * sleep sets. After each run its races are looked for; where one could be turned round, the step that would begin such a run
 * is added to the point before it. A step that was explored at a point sleeps below its siblings, until something that depends on
 * it has happened: what it would begin has been run.
 *
 * The model is simpler than that of the paper. What is ready stays ready until it is taken, each entry is an event of its own, and an
 * event's footprint is known when it has run. A cancellation is ready everywhere and depends on everything, so each is
 * tried at every point. A `select` is a choice inside an event, and every way of it is run.
 *
 * Abdulla, Aronis, Jonsson, Sagonas: Optimal Dynamic Partial Order Reduction. POPL 2014.
 *
 * @module
 */
import { dependent, HappensBefore } from '../dependence.ts';
import type { Step } from '../step.ts';
import { type Run, type Strategy, waysOn } from '../strategy.ts';

/** A point of choice between ready entries. */
interface Node {
  readonly index: number;
  /** Numbers of the ready entries; TIME where there were none. */
  readonly ready: readonly number[];
  readonly cancellable: number;
  /** Entries that need not be explored here, and the steps that they were when they were. */
  readonly sleep: ReadonlyMap<number, Step>;
  /** Entries that were explored here, likewise. */
  readonly done: Map<number, Step>;
  /** Entries that must be explored here. */
  readonly wanted: Set<number>;
  /** The entry that is explored now; undefined: a cancellation is. */
  entry: number | undefined;
  /** The next cancellation to try. */
  cancel: number;
}

/** A point of choice inside a step. */
interface Toss {
  readonly index: number;
  readonly count: number;
  way: number;
}

const TIME = -1;

/** The strategy. */
export class Reduced implements Strategy {
  readonly footprints = true;
  #path: (Node | Toss)[] | undefined;
  #at = 0;
  /** Index of the step with which this run leaves the one before. */
  #from = 0;
  /** Index of the step from which on this run repeats what has been run: all that was ready slept. */
  #redundant = Number.POSITIVE_INFINITY;
  #exhausted = false;
  #missed = false;

  get complete(): boolean {
    return this.#exhausted && !this.#missed;
  }

  begin(): boolean {
    this.#at = 0;
    this.#redundant = Number.POSITIVE_INFINITY;
    if (this.#path === undefined) {
      this.#path = [];
      return true;
    }
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      this.#from = last.index;
      if ('way' in last ? ++last.way < last.count : nextEntry(last)) return true;
      this.#path.pop();
    }
    this.#exhausted = true;
    return false;
  }

  pick(ready: readonly Step[], cancellable: number, steps: readonly Step[]): number {
    if (this.#redundant !== Number.POSITIVE_INFINITY) return 0;
    const path = this.#path as (Node | Toss)[];
    const known = path[this.#at];
    const node = known ?? this.#node(ready, cancellable, steps);
    if (node === undefined) return 0;
    const way = 'way' in node ? -1 : wayOf(node, ready, cancellable);
    if (way < 0) return this.#astray();
    if (known === undefined) path.push(node);
    this.#at++;
    return way;
  }

  choose(count: number, steps: readonly Step[]): number {
    if (this.#redundant !== Number.POSITIVE_INFINITY) return 0;
    const path = this.#path as (Node | Toss)[];
    const known = path[this.#at];
    const toss = known ?? { index: steps.length - 1, count, way: 0 };
    if (!('way' in toss) || toss.count !== count) return this.#astray();
    if (known === undefined) path.push(toss);
    this.#at++;
    return toss.way;
  }

  /** The body does not repeat itself: this run teaches nothing. */
  #astray(): number {
    this.#missed = true;
    this.#redundant = 0;
    return 0;
  }

  #node(ready: readonly Step[], cancellable: number, steps: readonly Step[]): Node | undefined {
    const sleep = this.#sleep(steps);
    const numbers = ready.length === 0 ? [TIME] : ready.map(({ number }) => number);
    const entry = sleep && numbers.find((number) => !sleep.has(number));
    if (sleep === undefined || (entry === undefined && cancellable === 0)) {
      this.#redundant = Math.min(this.#redundant, steps.length);
      return undefined;
    }
    const node: Node = {
      index: steps.length,
      ready: numbers,
      cancellable,
      sleep,
      done: new Map(),
      wanted: new Set(entry === undefined ? [] : [entry]),
      entry,
      cancel: 0,
    };
    if (entry === undefined) node.cancel = 1;
    return node;
  }

  /** What sleeps at a new point: what slept or was done at the last one and is independent of what has happened since. */
  #sleep(steps: readonly Step[]): ReadonlyMap<number, Step> | undefined {
    const last = this.#path?.findLast((point): point is Node => !('way' in point));
    const sleep = new Map<number, Step>();
    if (last === undefined) return sleep;
    for (const [number, step] of last.sleep) sleep.set(number, step);
    for (const [number, step] of last.done) if (number !== last.entry) sleep.set(number, step);
    for (let index = last.index; index < steps.length && sleep.size > 0; index++) {
      const taken = steps[index] as Step;
      if (taken.number >= 0 && sleep.has(taken.number)) {
        // There was no other way than to wake it.
        this.#redundant = index;
        return undefined;
      }
      for (const [number, step] of sleep) if (dependent(taken, step)) sleep.delete(number);
    }
    return sleep;
  }

  end(run: Run): void {
    const nodes = new Map<number, Node>();
    for (const point of this.#path ?? []) {
      if ('way' in point) continue;
      nodes.set(point.index, point);
      if (point.entry !== undefined) remember(point, point.entry, run.steps[point.index]);
    }
    const steps = run.steps.slice(0, Math.min(run.steps.length, this.#redundant));
    const order = new HappensBefore(steps, this.#from);
    for (const [earlier, later] of order.races) {
      const node = nodes.get(earlier);
      if (node !== undefined) want(node, order.initials(earlier, later));
    }
  }
}

/** Moves a point on to what is to be explored there next; false when nothing is left. */
function nextEntry(node: Node): boolean {
  for (const number of node.wanted) {
    if (node.done.has(number) || node.sleep.has(number)) continue;
    node.entry = number;
    return true;
  }
  if (node.cancel === node.cancellable) return false;
  node.entry = undefined;
  node.cancel++;
  return true;
}

/** The way that stands for what is explored at a point; -1 when this is not the point that it was. */
function wayOf(node: Node, ready: readonly Step[], cancellable: number): number {
  if (cancellable !== node.cancellable) return -1;
  if (node.entry === undefined) return waysOn(ready) + node.cancel - 1;
  if (node.entry === TIME) return ready.length === 0 ? 0 : -1;
  return ready.findIndex(({ number }) => number === node.entry);
}

/** Keeps what an entry was, or adds to it: other ways of a `select` may have touched other things. */
function remember(node: Node, entry: number, step: Step | undefined): void {
  const known = node.done.get(entry);
  if (step === undefined || known === step) return;
  if (known === undefined) {
    node.done.set(entry, step);
    return;
  }
  for (const thing of step.things) if (!known.things.includes(thing)) known.things.push(thing);
  known.known &&= step.known;
  known.concernsAll ||= step.concernsAll;
}

/** Makes sure that a run which begins with one of these is explored at a point. */
function want(node: Node, initials: readonly Step[]): void {
  const covered = ({ number }: Step): boolean => node.wanted.has(number) || node.sleep.has(number);
  if (initials.some(covered)) return;
  const first = initials.find(({ number }) => node.ready.includes(number));
  if (first !== undefined) node.wanted.add(first.number);
}
