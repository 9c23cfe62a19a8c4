/**
 * Everything queue-like under one name a method, for the contract.
 *
 * @module
 */
import type { Op, WaitBounds } from 'skein';
import { expect } from 'vitest';

/** The side that items come out of. */
export interface Source extends AsyncIterable<unknown> {
  get(bounds?: WaitBounds): Promise<unknown>;
  tryGet(): { readonly value: unknown } | undefined;
  readonly got: Op<unknown>;
  /** How many wait for an item. */
  readonly getters: number;
}

/** Both sides. */
export interface QueueLike extends Source {
  put(item: unknown, bounds?: WaitBounds): Promise<void>;
  tryPut(item: unknown): boolean;
  putting(item: unknown): Op<void>;
  close(error?: unknown): void;
  /** How many wait to put. */
  readonly putters: number;
}

/** What is tested. */
export interface QueueKind {
  readonly name: string;
  /** How many items it holds. */
  readonly capacity: number;
  readonly make: () => QueueLike;
  /** In which order items come out that are inside together; default as they came in. */
  readonly order?: (items: number[]) => number[];
}

/** Puts items in until it is full, or 3; gives them. */
export function fill(queue: QueueLike, capacity: number): number[] {
  const items = [1, 2, 3].slice(0, Math.min(capacity, 3));
  for (const item of items) expect(queue.tryPut(item)).toBe(true);
  return items;
}

/** Takes everything that can be had without waiting. */
export function takeAll(queue: Source): unknown[] {
  const items: unknown[] = [];
  for (let next = queue.tryGet(); next !== undefined; next = queue.tryGet()) items.push(next.value);
  return items;
}
