/**
 * What a caller is told about a value that cannot be sent to another heap: which one it is, by its path. The host's DataCloneError
 * says only what it is, so the value is walked after a clone has failed, when cost no longer matters.
 *
 * @module
 */

import { textOf } from '../core/arguments.ts';
import { ownErrors } from '../core/error-classes.ts';
import { functionName } from '../core/function-name.ts';
import { hostModule } from '../runtime/runtime.ts';
import { titleOf } from './errors.ts';
import { isIdentifier } from './identifier.ts';

/** The first value that cannot be cloned. */
export interface Culprit {
  /** Such as `args[0].onDone`. */
  readonly path: string;
  /** Such as `a function`. */
  readonly what: string;
}

/** Says that an argument or a result cannot be sent to another thread or process. The `cause` is the host's error. */
export class Unclonable extends TypeError {
  /** Stable, for matching. */
  override readonly name = 'Unclonable';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_UNCLONABLE';
  /** Where the value is, such as `args[0].onDone`; undefined when it was not found. */
  readonly path: string | undefined;

  /**
   * @param what what was to be sent where, such as `argument 0 of "add" to a worker`
   * @param culprit what is in the way, when it was found
   * @param options.cause the host's error
   */
  constructor(what: string, culprit: Culprit | undefined, options?: ErrorOptions) {
    const why =
      culprit === undefined ? reasonOf(options?.cause) : `${culprit.path} is ${culprit.what}`;
    super(`Cannot send ${what}: ${why}`, options);
    this.path = culprit?.path;
  }
}

ownErrors(Unclonable);

/**
 * Says that the stack of whoever reads a value is too small for its levels.
 *
 * @param what what was to be sent where
 * @param path where the value is
 * @param where on which side it is read
 */
export function tooDeep(
  what: string,
  path: string,
  where: 'here' | 'there',
  cause?: unknown,
): Unclonable {
  return new Unclonable(what, { path, what: `nested too deeply to be read ${where}` }, { cause });
}

/** A clone recurs: the stack bounds how deep it gets. */
function reasonOf(cause: unknown): string {
  const text = textOf(cause);
  return cause instanceof RangeError && /stack/.test(text)
    ? `it is nested too deeply (${text})`
    : text;
}

/** How the value would have been sent: throws when it cannot be. */
export type Clone = (value: unknown) => unknown;

/** Says that a value cannot take the way that it should, though it could be cloned. */
export class Uncarried extends Error {
  override readonly name = 'Uncarried';
  /** Clones as this way does. */
  readonly clone: Clone;
  /** Such as `which …`. */
  readonly why: string;

  constructor(what: string, why: string, clone: Clone) {
    super(`${what}, ${why}`);
    this.clone = clone;
    this.why = why;
  }
}

/** The clone that has failed with an error. */
export function cloneBehind(cause: unknown): Clone {
  return cause instanceof Uncarried ? cause.clone : structuredClone;
}

/** Makes the error for arguments that could not be sent. */
export function unclonableArguments(
  args: readonly unknown[],
  name: string,
  cause: unknown,
  clone: Clone = cloneBehind(cause),
): Unclonable {
  const culprit = findUnclonable(args, 'args', clone);
  const index = /^args\[(\d+)\]/.exec(culprit?.path ?? '')?.[1];
  const what = index === undefined ? 'the arguments' : `argument ${index}`;
  return new Unclonable(`${what} of ${titleOf(name)} to a worker`, culprit, { cause });
}

/** Makes the error for a result that could not be sent. */
export function unclonableResult(
  result: unknown,
  name: string,
  cause: unknown,
  clone: Clone = cloneBehind(cause),
): Unclonable {
  const culprit = findUnclonable(result, 'result', clone);
  return new Unclonable(`the result of ${titleOf(name)} from a worker`, culprit, { cause });
}

/** A place in the walk; its path is made into text only for the culprit. */
interface Place {
  readonly value: unknown;
  readonly inside: Place | undefined;
  readonly step: string;
}

/**
 * Finds the first value that cannot be cloned, in the order in which a clone meets them. Safe with cycles, proxies and getters that
 * throw, and as deep as it gets.
 *
 * @param path what the value itself is called
 * @param clone how it would have been sent. Default `structuredClone`
 * @returns undefined when every part can be cloned by itself
 */
export function findUnclonable(
  value: unknown,
  path: string,
  clone: Clone = structuredClone,
): Culprit | undefined {
  const seen = new Set<unknown>();
  const ahead: Place[] = [{ value, inside: undefined, step: path }];
  for (let place = ahead.pop(); place !== undefined; place = ahead.pop()) {
    const { value: current } = place;
    if (seen.has(current)) continue;
    if (typeof current === 'object' && current !== null) seen.add(current);
    const what = obstacle(current, clone);
    if (what !== undefined) return { path: pathOf(place), what: `${what}${ownerOf(place)}` };
    const parts = partsOf(current, place);
    if (parts === undefined) return { path: pathOf(place), what: 'an object that cannot be read' };
    for (let i = parts.length - 1; i >= 0; i--) ahead.push(parts[i] as Place);
  }
  return undefined;
}

/** What a value is, if it cannot be cloned for itself, whatever is in it. */
function obstacle(value: unknown, clone: Clone): string | undefined {
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') {
    return /^class\b/.test(Function.prototype.toString.call(value)) ? 'a class' : 'a function';
  }
  if (value instanceof Thrower) return `a getter that throws ${textOf(value.error)}`;
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    if (isProxy?.(value)) return 'a proxy';
    if (value instanceof Promise) return 'a promise';
    if (isContainer(value)) return undefined;
    clone(value);
    return undefined;
  } catch (error) {
    const what = withArticle(classOf(value));
    return error instanceof Uncarried ? `${what}, ${error.why}` : what;
  }
}

const isProxy = hostModule<typeof import('node:util')>('node:util')?.types.isProxy;

/** Stands for the value of a getter that throws. */
class Thrower {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Whether a clone takes a value part by part. A tag is what tells ordinary objects from those of the host. */
function isContainer(value: object): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  return Object.prototype.toString.call(value) === '[object Object]' && !isHostObject(value);
}

/** Objects of the host look ordinary, but refuse as a whole: they have accessors of their class only, and no fields to name. */
function isHostObject(value: object): boolean {
  return Object.keys(value).length === 0;
}

function partsOf(value: unknown, inside: Place): Place[] | undefined {
  if (typeof value !== 'object' || value === null) return [];
  try {
    if (value instanceof Map) {
      return [...value].flatMap(([key, item], index) => [
        { value: key, inside, step: `.key(${index})` },
        { value: item, inside, step: `.get(${keyText(key)})` },
      ]);
    }
    if (value instanceof Set) {
      return [...value].map((item, index) => ({ value: item, inside, step: `.item(${index})` }));
    }
    if (!(Array.isArray(value) || isContainer(value))) return [];
    return Object.keys(value).map((key) => ({
      value: read(value, key),
      inside,
      step: stepOf(key, value),
    }));
  } catch {
    return undefined;
  }
}

function read(owner: object, key: string): unknown {
  try {
    return (owner as Record<string, unknown>)[key];
  } catch (error) {
    return new Thrower(error);
  }
}

function stepOf(key: string, owner: object): string {
  if (Array.isArray(owner) && /^\d+$/.test(key)) return `[${key}]`;
  return isIdentifier(key) ? `.${key}` : `[${keyText(key)}]`;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return `'${key}'`;
  return typeof key === 'object' && key !== null ? withArticle(classOf(key)) : textOf(key);
}

const MAX_STEPS = 20;

function pathOf(place: Place): string {
  const steps: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.inside) steps.push(at.step);
  steps.reverse();
  if (steps.length <= MAX_STEPS) return steps.join('');
  return [...steps.slice(0, MAX_STEPS - 1), ' … ', steps.at(-1)].join('');
}

/** Names the outermost instance of a class around a culprit: who passes a socket is helped by its name, not by that of a field. */
function ownerOf(place: Place): string {
  let owner: Place | undefined;
  for (let at = place.inside; at !== undefined; at = at.inside) {
    if (!['Object', 'Array', 'Map', 'Set'].includes(classOf(at.value as object))) owner = at;
  }
  if (owner === undefined) return '';
  return ` (${pathOf(owner)} is ${withArticle(classOf(owner.value as object))})`;
}

function classOf(value: object): string {
  try {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    return tag === 'Object' ? functionName(value.constructor) || 'Object' : tag;
  } catch {
    return 'Object';
  }
}

function withArticle(name: string): string {
  if (/^(?:Async)?Generator$/.test(name))
    return name === 'Generator' ? 'a generator' : 'an async generator';
  return /^[A-Z][a-z]+(?:Map|Set|Ref)$/.test(name) || name === 'Object'
    ? `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
    : `an instance of ${name}`;
}
