/**
 * What every call does with its options first: they must be an object, and of names that it knows. A name that nobody knows is a
 * known one, misspelt or remembered from another library; taken in silence it is a limit that does not hold.
 *
 * Only what a plain object has itself is looked at: the context of a call is a fine `{ signal }`, and so is whatever inherits its
 * options. The names stand beside their type as `NamesOf<XOptions>`, which the compiler keeps complete.
 *
 * @module
 */
import { describe, isThenable } from './arguments.ts';
import { nearestName } from './nearest-name.ts';

/** The names of options; false for one that is not for users, and never suggested. */
export type NamesOf<O> = Readonly<Record<keyof NonNullable<O>, boolean>>;

/**
 * Requires an object of options, all of them known. Costs one look at each name.
 *
 * @param owner what the user has called, for the message
 * @throws TypeError otherwise; it suggests the name that was probably meant
 */
export function requireOptions(
  value: unknown,
  names: Readonly<Record<string, boolean>>,
  owner: string,
): void {
  if (typeof value === 'object' && value !== null) {
    if (isPlain(value)) {
      refuseUnknown(value, names, owner);
      return;
    }
    if (!isMistake(value)) return;
  }
  throw new TypeError(`Expected options of ${owner} to be an object: got ${describe(value)}`);
}

function refuseUnknown(
  options: object,
  names: Readonly<Record<string, boolean>>,
  owner: string,
): void {
  for (const name in options) {
    if (typeof names[name] !== 'boolean' && Object.hasOwn(options, name)) {
      throw unknownOption(name, names, owner);
    }
  }
}

/** Whether an object was written as a literal, or could have been. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A signal instead of `{ signal }`, options that were not awaited: they have none of the names, and would say nothing. */
function isMistake(value: object): boolean {
  return Array.isArray(value) || value instanceof AbortSignal || isThenable(value);
}

function unknownOption(
  name: string,
  names: Readonly<Record<string, boolean>>,
  owner: string,
): TypeError {
  const known = Object.keys(names).filter((each) => names[each] === true);
  const near = nearestName(name, known);
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
  const shown = /^[\w$]+$/.test(name) ? name : describe(name);
  return new TypeError(`Unknown option ${shown} of ${owner}: ${hint}`);
}
