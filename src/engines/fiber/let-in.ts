/**
 * Lets failures into generators that wait in a `yield*`. The language passes what is thrown into a generator on to the iterator that the
 * `yield*` made, and that of an Effect has no `throw`: a TypeError then takes the place of the failure. The iterator itself cannot be had
 * from outside, so its prototype gets the missing method: when a failure is first to get in, not before. Effect never calls it. To put it
 * there for the moment of each failure only would make a failure eight times as slow, as the engine forgets what it knew of the prototype.
 *
 * @module
 */

function rethrow(error: unknown): never {
  throw error;
}

/**
 * Makes sure that a failure of an Effect reaches the `catch` around its `yield*`.
 *
 * @returns false where that cannot be, as the prototype is frozen
 */
export function letIn(effect: Iterable<unknown>): boolean {
  const prototype: object = Object.getPrototypeOf(effect[Symbol.iterator]());
  if ('throw' in prototype) return true;
  const method = { value: rethrow, configurable: true, writable: true };
  return Reflect.defineProperty(prototype, 'throw', method);
}
