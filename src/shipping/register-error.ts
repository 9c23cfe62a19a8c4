/**
 * The classes of users that keep their class on the way to another thread or process.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import { type ErrorClass, enterErrorClass } from '../core/error-classes.ts';

/**
 * Lets errors of these classes arrive from a worker as instances of their class. The side that receives must know the class, by its name, so
 * call this beside the class, in the module that defines it; a class that is not known there arrives as its nearest ancestor that
 * is, with `name`, message and fields kept. Errors of JavaScript, of the web (`DOMException`) and of this library need no entry.
 *
 * The constructor is not called on arrival: fields that can be cloned are restored, `#private` ones are not. A class of the same name
 * that is registered later takes the place of the earlier one.
 *
 * @throws TypeError when one is no class of errors, or has no name
 *
 * @example
 * ```ts
 * import { registerError } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * class Refused extends Error {
 *   readonly status: number;
 *   constructor(status: number) {
 *     super(`Refused with ${status}`);
 *     this.status = status;
 *   }
 * }
 * registerError(Refused);
 * assert.throws(() => registerError(Map as never), TypeError);
 * ```
 */
export function registerError(...classes: readonly ErrorClass[]): void {
  for (const type of classes) {
    if (typeof type !== 'function' || !((type as ErrorClass).prototype instanceof Error)) {
      throw new TypeError(`Expected a class that extends Error: got ${describe(type)}`);
    }
    if ((type as ErrorClass).name === '')
      throw new TypeError('Expected a class with a name: got an anonymous one');
  }
  for (const type of classes) enterErrorClass(type);
}
