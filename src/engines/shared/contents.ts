/**
 * What is inside of values that travel: arrays, plain objects, `Map` and `Set` are walked, to any depth, cycles included. All else is looked
 * at by its class.
 *
 * @module
 */
import type { EncodedThrown } from '../../shipping/encoded.ts';
import { explainedBy, isNews, mayMissClass } from './instances.ts';
import { type Kind, kindOf, kindOfIterable, type Other } from './kinds.ts';
import type { Step, Where } from './path.ts';

/** What is walked into. */
export type Container =
  | readonly unknown[]
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | object;

/** Whether all values are primitives: nothing to pack, a few nanoseconds. */
export function arePrimitive(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) return false;
  }
  return true;
}

/** Whether a value is walked into. */
export function isContainer(value: object): boolean {
  return Array.isArray(value) || isPlain(value) || isMap(value) || isSet(value);
}

const mapSize = sizeGetter(Map.prototype);
const setSize = sizeGetter(Set.prototype);

/** A `Map`, also one of another realm. */
export function isMap(value: object): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map || (Symbol.iterator in value && hasBrand(value, mapSize));
}

/** A `Set`, also one of another realm. */
export function isSet(value: object): value is ReadonlySet<unknown> {
  return value instanceof Set || (Symbol.iterator in value && hasBrand(value, setSize));
}

function sizeGetter(prototype: object): () => number {
  return Object.getOwnPropertyDescriptor(prototype, 'size')?.get as () => number;
}

function hasBrand(value: object, getter: () => number): boolean {
  try {
    return Reflect.apply(getter, value, []) >= 0;
  } catch {
    return false;
  }
}

/** A plain object, also one of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  );
}

/** It would arrive as a plain object, or be iterated from afar; and who passes it means a list. */
function isArguments(value: object): boolean {
  return Symbol.iterator in value && Object.prototype.toString.call(value) === '[object Arguments]';
}

/** The kind of an object; undefined when it is copied as it is. */
export function sharedAs(value: object): Kind | Other | undefined {
  if (Array.isArray(value)) return isDerived(value) ? 'instance' : undefined;
  if (isPlain(value)) return isArguments(value) ? 'refused' : kindOfIterable(value);
  if (isMap(value) || isSet(value)) {
    return isDerived(value) ? 'instance' : undefined;
  }
  return kindOf(value);
}

/** Of an array, `Map` or `Set`, of any realm: whether it is one of a class that extends them. */
function isDerived(value: object): boolean {
  const base: unknown = Object.getPrototypeOf(Object.getPrototypeOf(value) ?? value);
  return typeof base === 'object' && base !== null && Object.getPrototypeOf(base) !== null;
}

/** A longer array may be mostly holes: there can be four thousand million of them. */
const LONG = 1_000_000;

/** Everything in a container, as the structured clone would see it. */
export function partsOf(container: Container): readonly unknown[] {
  if (Array.isArray(container) && container.length <= LONG) return container;
  if (isMap(container)) return [...container].flat(1) as unknown[];
  if (isSet(container)) return [...container];
  return Object.values(container);
}

/** Says that there is something that cannot just be copied. */
export const SHARED: unique symbol = Symbol('shared');

/**
 * Looks at everything once. Gives `SHARED`, or an instance of a class that is news among such things, or nothing.
 *
 * @param shares whether what can be shared is; otherwise it is an instance like any other
 */
export function look(
  values: readonly unknown[],
  where: Where,
  shares: boolean,
): typeof SHARED | object | undefined {
  const seen = new Set<object>([values]);
  const containers: Container[] = [values];
  let news: object | undefined;
  for (let each = containers.pop(); each !== undefined; each = containers.pop()) {
    for (const part of partsOf(each)) {
      if (typeof part === 'function' && shares) return SHARED;
      if (typeof part !== 'object' || part === null || seen.has(part)) continue;
      const kind = sharedAs(part);
      if (kind !== undefined) {
        if (kind !== 'instance' && shares) return SHARED;
        if (news === undefined && isNews(part, where)) news = part;
      }
      if (!isContainer(part)) continue;
      seen.add(part);
      containers.push(part);
    }
  }
  return news;
}

/** An object that was found, and where. */
export interface Found {
  readonly object: object;
  readonly path: readonly Step[];
}

/** What a body has thrown, with the argument that arrived without its class, if the one may come of the other. */
export function withInstance(thrown: EncodedThrown, args: readonly unknown[]): EncodedThrown {
  try {
    if (arePrimitive(args) || !mayMissClass(thrown)) return thrown;
    const found = search(args, (part) => isAnother(sharedAs(part)));
    if (found === undefined) return thrown;
    const { object, path } = found;
    return explainedBy(thrown, object, path, sharedAs(object) as 'instance' | 'iterator');
  } catch {
    // A getter that gave something when the argument left throws now: then nothing is explained.
    return thrown;
  }
}

function isAnother(kind: Kind | Other | undefined): boolean {
  return kind === 'instance' || kind === 'iterator';
}

/** Where an object is. */
export function pathTo(values: readonly unknown[], wanted: object): readonly Step[] {
  return search(values, (part) => part === wanted)?.path ?? [];
}

/** A container on the way; its path is made only for what is found, as there may be 100,000 levels. */
interface Place {
  readonly container: Container;
  readonly step: Step;
  readonly around: Place | undefined;
}

/** Finds the first object that is wanted: the next one, not the deepest. */
export function search(
  values: readonly unknown[],
  isWanted: (part: object) => boolean,
): Found | undefined {
  const seen = new Set<object>([values]);
  const ahead: Place[] = [{ container: values, step: '', around: undefined }];
  for (const place of ahead) {
    const { container } = place;
    const keys = keysOf(container);
    for (const [at, part] of partsOf(container).entries()) {
      if (typeof part !== 'object' || part === null || seen.has(part)) continue;
      seen.add(part);
      const step = keys?.[at] ?? at;
      if (isWanted(part)) return { object: part, path: pathOf(place, step) };
      if (isContainer(part)) ahead.push({ container: part, step, around: place });
    }
  }
  return undefined;
}

function pathOf(place: Place, last: Step): readonly Step[] {
  const path = [last];
  for (let at = place; at.around !== undefined; at = at.around) path.push(at.step);
  return path.reverse();
}

/** The keys of a plain object; undefined where parts are counted. */
function keysOf(container: Container): readonly string[] | undefined {
  const isCounted =
    (Array.isArray(container) && container.length <= LONG) || isMap(container) || isSet(container);
  return isCounted ? undefined : Object.keys(container);
}
