/**
 * One of the lanes of a pump: the two callbacks of a promise, made once and used for task after task.
 *
 * @module
 */

/** What a lane tells of its item. */
export interface LaneOwner<T, R> {
  laneSucceeded(lane: Lane<T, R>, value: R): void;
  laneFailed(lane: Lane<T, R>, error: unknown): void;
}

/** Carries one item at a time. */
export class Lane<T, R> {
  /** Of the item at work; -1 when there is none. */
  index = -1;
  attempt = 1;
  /** Kept only where the item may be tried again. */
  item: T | undefined;
  readonly ok: (value: R) => void;
  readonly no: (error: unknown) => void;

  constructor(owner: LaneOwner<T, R>) {
    this.ok = (value) => owner.laneSucceeded(this, value);
    this.no = (error) => owner.laneFailed(this, error);
  }
}
