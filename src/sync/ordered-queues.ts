/**
 * Queues that give their items out in another order than they came in.
 *
 * @module
 */
import { requireFunction, requireOneOf } from '../core/arguments.ts';
import { Heap } from '../core/heap.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import type { Overflow, Store } from './conduit.ts';
import { QUEUE_NAMES, Queue, type QueueOptions } from './queue.ts';

/** How a queue with an order of its own is made. The oldest item is not the next one there, so it cannot be dropped for a new one. */
export interface OrderedQueueOptions extends QueueOptions {
  /** As that of `Queue`, without `'drop-oldest'`. */
  readonly overflow?: Exclude<Overflow, 'drop-oldest'> | undefined;
}

/**
 * The last in comes out first. Otherwise as `Queue`.
 *
 * @example
 * ```ts
 * import { LifoQueue } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const queue = new LifoQueue<string>();
 * queue.tryPut('a');
 * queue.tryPut('b');
 * assert.equal(await queue.get(), 'b');
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  constructor(options: OrderedQueueOptions = {}) {
    requireNoOldest(options);
    super(options, new Stack<T>());
  }
}

/** How a priority queue is made. */
export interface PriorityQueueOptions<T> extends OrderedQueueOptions {
  /** As for `Array.prototype.sort`: below 0 when `a` comes out first. */
  readonly compare: (a: T, b: T) => number;
}

const NAMES: NamesOf<PriorityQueueOptions<never>> = { ...QUEUE_NAMES, compare: true };

/**
 * The least item comes out first, those that are equal in the order in which they came in. Putting in and taking out cost
 * O(log n). Otherwise as `Queue`.
 *
 * @example
 * ```ts
 * import { PriorityQueue } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const queue = new PriorityQueue<number>({ compare: (a, b) => a - b });
 * for (const n of [3, 1, 2]) queue.tryPut(n);
 * assert.equal(await queue.get(), 1);
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  constructor(options: PriorityQueueOptions<T>) {
    requireOptions(options, NAMES, 'a queue');
    const { compare, max, overflow, name } = options;
    requireFunction(compare, 'compare');
    requireNoOldest(options);
    super({ max, overflow, name }, new Sorted(compare));
  }
}

function requireNoOldest({ overflow = 'wait' }: QueueOptions): void {
  requireOneOf(overflow, 'overflow', ['wait', 'drop-newest', 'reject']);
}

class Stack<T> implements Store<T> {
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    return this.#items.pop();
  }

  unshift(item: T): void {
    this.#items.push(item);
  }
}

interface Ranked<T> {
  readonly item: T;
  /** Tells equal items apart: a heap alone would mix them up. */
  readonly order: number;
}

class Sorted<T> implements Store<T> {
  readonly #heap: Heap<Ranked<T>>;
  #order = 0;
  /** Of what is put back, before all others that are equal. */
  #first = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#heap = new Heap((a, b) => {
      const difference = compare(a.item, b.item);
      return difference < 0 || (difference === 0 && a.order < b.order);
    });
  }

  get length(): number {
    return this.#heap.length;
  }

  push(item: T): void {
    this.#heap.push({ item, order: this.#order++ });
  }

  shift(): T | undefined {
    return this.#heap.shift()?.item;
  }

  unshift(item: T): void {
    this.#heap.push({ item, order: --this.#first });
  }
}
