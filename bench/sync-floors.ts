/**
 * The hand-written baselines of locks, lines and channels. They check nothing, know no owner, and only the line can be left early.
 *
 * @module
 */

const DONE = Promise.resolve();

interface Next {
  readonly resolve: () => void;
  next: Next | undefined;
}

/** A lock: a flag, and a linked list of the resolvers of those who wait. */
export class HandLock {
  #held = false;
  #first: Next | undefined;
  #last: Next | undefined;

  /** Waits for the lock. */
  acquire(): Promise<void> {
    if (this.#held) return new Promise((resolve) => this.#join({ resolve, next: undefined }));
    this.#held = true;
    return DONE;
  }

  #join(waiter: Next): void {
    if (this.#first === undefined || this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  /** Hands it to the first in line. */
  release(): void {
    const first = this.#first;
    if (first === undefined) {
      this.#held = false;
      return;
    }
    this.#first = first.next;
    first.resolve();
  }
}

/** Somebody in a line. */
export interface Place {
  ahead: Place | undefined;
  behind: Place | undefined;
  readonly left: Promise<void>;
  readonly reject: (error: unknown) => void;
}

/** Makes a place, and the promise that ends when it is left. */
export function newPlace(): Place {
  const { promise, reject } = Promise.withResolvers<void>();
  return { ahead: undefined, behind: undefined, left: promise, reject };
}

/** A line that can be left from the middle: a doubly linked list. */
export class LinkedLine {
  #last: Place | undefined;
  length = 0;

  /** Stands at the end. */
  join(place: Place): void {
    place.ahead = this.#last;
    if (this.#last !== undefined) this.#last.behind = place;
    this.#last = place;
    this.length++;
  }

  /** Leaves, wherever that is. */
  leave(place: Place, error: unknown): void {
    if (place.ahead !== undefined) place.ahead.behind = place.behind;
    if (place.behind === undefined) this.#last = place.ahead;
    else place.behind.ahead = place.ahead;
    this.length--;
    place.reject(error);
  }
}

/** A line in an array, left by `indexOf` and `splice`. */
export class ArrayLine {
  readonly #places: Place[] = [];

  get length(): number {
    return this.#places.length;
  }

  /** Stands at the end. */
  join(place: Place): void {
    this.#places.push(place);
  }

  /** Leaves, wherever that is. */
  leave(place: Place, error: unknown): void {
    this.#places.splice(this.#places.indexOf(place), 1);
    place.reject(error);
  }
}

/** A channel between one sender and one receiver: a ring of a power of two, and the resolver of whoever waits. */
export class HandChannel {
  readonly #ring: number[];
  readonly #mask: number;
  #received = 0;
  #sent = 0;
  #receiver: ((item: number) => void) | undefined;
  #sender: (() => void) | undefined;

  constructor(capacity: number) {
    this.#ring = new Array<number>(capacity).fill(0);
    this.#mask = capacity - 1;
  }

  /** Waits while the ring is full. */
  send(item: number): Promise<void> {
    const receiver = this.#receiver;
    if (receiver !== undefined) {
      this.#receiver = undefined;
      receiver(item);
      return DONE;
    }
    this.#ring[this.#sent++ & this.#mask] = item;
    if (this.#sent - this.#received <= this.#mask) return DONE;
    return new Promise((resolve) => {
      this.#sender = resolve;
    });
  }

  /** Waits while the ring is empty. */
  receive(): Promise<number> {
    if (this.#sent === this.#received) {
      return new Promise((resolve) => {
        this.#receiver = resolve;
      });
    }
    const item = this.#ring[this.#received++ & this.#mask] ?? 0;
    this.#sender?.();
    this.#sender = undefined;
    return Promise.resolve(item);
  }
}
