/**
 * The lanes of a pump. A lane is the two callbacks of a promise, made once and used for task after task: an item costs no closure.
 *
 * @module
 */
import { LeftBehind } from '../core/left-behind.ts';
import type { Course } from '../pace/retry-course.ts';

/** What a lane tells of its item. */
export interface LaneOwner<T, R> {
  laneSucceeded(lane: Lane<T, R>, value: R): void;
  laneFailed(lane: Lane<T, R>, error: unknown): void;
}

/** Carries one item at a time. */
export class Lane<T, R> {
  /** Of the item at work; -1 when there is none. */
  index = -1;
  /** Kept only where the item may be tried again. */
  item: T | undefined;
  /** The attempts at the item, where it may be tried again. */
  course: Course | undefined;
  readonly ok: (value: R) => void;
  readonly no: (error: unknown) => void;

  constructor(lanes: Lanes<T, R>, owner: LaneOwner<T, R>) {
    this.ok = (value) => (lanes.isOver ? lanes.late() : owner.laneSucceeded(this, value));
    this.no = (error) => (lanes.isOver ? lanes.late() : owner.laneFailed(this, error));
  }
}

/** The lanes of one flow: as many as have ever been at work at once. */
export class Lanes<T, R> {
  readonly #owner: LaneOwner<T, R>;
  readonly #all: Lane<T, R>[] = [];
  readonly #idle: Lane<T, R>[] = [];
  /** The lane that has just become free: mostly it is taken again at once. */
  #spare: Lane<T, R> | undefined;
  #left: LeftBehind | undefined;
  /** The flow has ended: what settles now is told to nobody. */
  isOver = false;
  /** How many are at work. */
  running = 0;

  constructor(owner: LaneOwner<T, R>) {
    this.#owner = owner;
  }

  /** Gives a lane to an item. */
  take(index: number): Lane<T, R> {
    const lane = this.#spare ?? this.#idle.pop() ?? this.#make();
    this.#spare = undefined;
    this.running++;
    lane.index = index;
    return lane;
  }

  #make(): Lane<T, R> {
    const lane = new Lane<T, R>(this, this.#owner);
    this.#all.push(lane);
    return lane;
  }

  /** Takes a lane back when its item has settled. */
  free(lane: Lane<T, R>): void {
    this.running--;
    lane.index = -1;
    lane.item = undefined;
    lane.course = undefined;
    if (this.#spare === undefined) this.#spare = lane;
    else this.#idle.push(lane);
  }

  /** The indexes of the items at work. */
  get indexes(): number[] {
    return this.#all.map((lane) => lane.index).filter((index) => index >= 0);
  }

  /** Leaves what is at work behind; a leak check lists it until the last has settled. */
  leave(name: string): void {
    const { indexes } = this;
    if (indexes.length === 0) return;
    this.#left = new LeftBehind(indexes.map((index) => `${name}[${index}]`).join(', '));
  }

  /** One has settled after the end of the flow. */
  late(): void {
    if (--this.running === 0) this.#left?.ended();
  }

  /** Lets go of all lanes: whoever keeps the pump for its `errors` need not keep them. */
  clear(): void {
    this.isOver = true;
    this.#all.length = 0;
    this.#idle.length = 0;
    this.#spare = undefined;
  }
}
