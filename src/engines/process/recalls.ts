/**
 * What a pool has asked a child to give back, and what came of it. Each recall has a number: answers come by two ways, and the watcher of
 * a child that has just begun to listen answers late, when the next recall is out.
 *
 * @module
 */

/** The number in a message that answers no recall. */
export const NO_RECALL = 0;

/** The recalls of one child. */
export class Recalls {
  #last: number = NO_RECALL;
  #answered: number = NO_RECALL;
  /** What the number of the next call was when the last recall left; and when none came of it, because all had started. */
  #askedAt = -1;
  #barrenAt = -1;

  /** Whether the last has no answer yet. */
  get isOut(): boolean {
    return this.#answered < this.#last;
  }

  /**
   * Whether asking would only bring the same answer: it starts calls in their order, and had started the youngest.
   *
   * @param next the number that the next call will have
   */
  isBarren(next: number): boolean {
    return next === this.#barrenAt;
  }

  /** Gives the number of a recall that leaves now. */
  begin(next: number): number {
    this.#askedAt = next;
    return ++this.#last;
  }

  /** Whether somebody may answer that number. */
  isAsked(recall: unknown): recall is number {
    return (
      Number.isInteger(recall) && (recall as number) > NO_RECALL && (recall as number) <= this.#last
    );
  }

  /**
   * Notes an answer.
   *
   * @returns whether it is the answer to the last recall
   */
  answered(recall: number, isNothing: boolean): boolean {
    const isFirst = recall > this.#answered;
    const isLast = recall === this.#last;
    if (!isNothing) this.#barrenAt = -1;
    // What one way does not give may come by the other, and then there is more where it came from.
    else if (isFirst && isLast) this.#barrenAt = this.#askedAt;
    if (isFirst) this.#answered = recall;
    return isLast;
  }
}
