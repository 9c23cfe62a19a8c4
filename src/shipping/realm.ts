/**
 * Whether a function belongs to another realm of this heap: a context of `node:vm`, as test environments with a document make them. Its
 * globals are those of that realm, and a worker has none of it.
 *
 * @module
 */
import type { AnyFunction } from './shipment.ts';

/** Whether a function was made in another realm. One whose prototype somebody has taken away or replaced counts as ours. */
export function isForeign(fn: AnyFunction): boolean {
  let last: object = fn;
  for (let next = Object.getPrototypeOf(fn); next !== null; next = Object.getPrototypeOf(next)) {
    last = next as object;
  }
  return last !== fn && last !== Object.prototype && Object.hasOwn(last, 'hasOwnProperty');
}
