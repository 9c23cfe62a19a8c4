/**
 * A binary heap: the least item comes out first.
 *
 * @module
 */

function parentOf(place: number): number {
  return (place - 1) >> 1;
}

/** Items in the order of `before`. Putting in and taking out cost O(log n). */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];

  /** @param before whether `a` comes out before `b`; a strict order */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get length(): number {
    return this.#items.length;
  }

  /** The next to come out. */
  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    // First look, then move: `before` may be the user's, and throw.
    let place = items.length;
    while (place > 0 && this.#before(item, items[parentOf(place)] as T)) place = parentOf(place);
    for (let hole = items.length; hole > place; hole = parentOf(hole)) {
      items[hole] = items[parentOf(hole)] as T;
    }
    items[place] = item;
  }

  shift(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.length - 1;
    if (last < 0) return undefined;
    const path = this.#wayDown(items[last] as T, last);
    const item = items.pop() as T;
    let hole = 0;
    for (const next of path) {
      items[hole] = items[next] as T;
      hole = next;
    }
    if (last > 0) items[hole] = item;
    return first;
  }

  /** The places that move up by one when `item` sinks from the top of a heap of `length` items. */
  #wayDown(item: T, length: number): number[] {
    const items = this.#items;
    const path: number[] = [];
    for (let child = 1; child < length; child = 2 * child + 1) {
      const right = child + 1;
      if (right < length && this.#before(items[right] as T, items[child] as T)) child = right;
      if (!this.#before(items[child] as T, item)) break;
      path.push(child);
    }
    return path;
  }
}
