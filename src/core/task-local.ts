/**
 * Values that follow the flow of calls: seen by what is called and spawned inside, by nobody else.
 *
 * @module
 */
import { type Binding, currentFrame, currentToken, inFrame } from './token.ts';

/**
 * A value that is ambient in a call and in the tasks that are spawned in it. It shares the library's one AsyncLocalStorage.
 *
 * @example
 * ```ts
 * import { scope, TaskLocal } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const requestId = new TaskLocal('requestId', 'none');
 * await requestId.run('r1', () => scope(async (s) => {
 *   const task = s.spawn(() => requestId.get());
 *   assert.equal(await task, 'r1');
 * }));
 * assert.equal(requestId.get(), 'none');
 * ```
 */
export class TaskLocal<T> {
  /** What errors call it. */
  readonly name: string;
  readonly #default: T | undefined;

  /** @param defaultValue what `get` gives outside any `run`; without one it throws there */
  constructor(name: string, defaultValue?: T) {
    this.name = name;
    this.#default = defaultValue;
  }

  /**
   * The value in force.
   * @throws ReferenceError when there is none and the local has no default
   */
  get(): T {
    let binding: Binding | undefined = currentFrame().bindings;
    while (binding !== undefined && binding.key !== this) binding = binding.outer;
    if (binding !== undefined) return binding.value as T;
    if (this.#default === undefined) {
      throw new ReferenceError(`Cannot give ${this.name}: it has no value here and no default`);
    }
    return this.#default;
  }

  /** Calls `fn` with the value in force. */
  run<R>(value: T, fn: () => R): R {
    const bindings: Binding = { key: this, value, outer: currentFrame().bindings };
    return inFrame({ token: currentToken(), bindings }, fn);
  }
}
