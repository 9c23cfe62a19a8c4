/**
 * Options that are only what was written: none is inherited from an `Object.prototype` to which some other code has written, so that a property
 * of that name there neither passes for an option of ours nor for one that we give to the host.
 *
 * @module
 */
import { isPlain } from './known-options.ts';

/** Gives the own properties of options of the user's. What is no plain object inherits its options on purpose. */
export function ownOptions<O>(options: O): O {
  if (typeof options !== 'object' || options === null || !isPlain(options)) return options;
  return Object.create(null, Object.getOwnPropertyDescriptors(options)) as O;
}

/** The same for options that we give to the host: they are a literal, and cost less. */
export function bare<O extends object>(literal: O): O {
  return Object.assign(Object.create(null) as O, literal);
}
