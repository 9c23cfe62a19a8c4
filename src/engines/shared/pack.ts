/**
 * Takes the shared objects out of the arguments of a call, and puts their proxies in on the other side.
 *
 * The values are walked once: arrays, plain objects, `Map` and `Set`, to any depth, cycles included. What the user gave is never changed:
 * where something shared is found, the containers are copied (their structure with its cycles is kept) and a hole stays in its place.
 *
 * @module
 */
import type { Site } from '../../shipping/shipment.ts';
import {
  arePrimitive,
  isContainer,
  isMap,
  isSet,
  look,
  partsOf,
  pathTo,
  SHARED,
  sharedAs,
} from './contents.ts';
import { tellOf } from './instances.ts';
import { type Kind, kindOfRunner } from './kinds.ts';
import type { Step, Where } from './path.ts';
import { refusal, refusedWhat, unlentWhat } from './refused.ts';

/** The place of one shared object. */
export interface Hole {
  readonly path: readonly Step[];
  readonly kind: Kind;
  /** The same for all places of one object. */
  readonly id: number;
  /** What its proxy has to know from the start. */
  readonly state?: unknown;
}

/** Values that can be cloned. Without `holes` they are the ones that were given. */
export interface Packed {
  readonly values: readonly unknown[];
  readonly holes: readonly Hole[] | undefined;
}

/** Whoever holds what is lent. */
export interface Lending {
  lend(kind: Kind, object: object): { readonly id: number; readonly state?: unknown };
}

/** Whoever makes the proxies. */
export interface Borrowing {
  borrow(hole: Hole): unknown;
}

/**
 * Packs values. Primitives cost some nanoseconds, objects one walk. An own enumerable getter is called.
 *
 * @param where in `args` a function that is itself an argument is a callback; in a `result`, and in what is `sent` from a worker, nothing can be shared
 * @param lender called when the first shared object is found
 * @param name what errors call the function
 * @param site where the call was made, for warnings
 * @throws Unclonable for a function anywhere else, for something shared in a result, and for what neither can be copied nor shared. What
 *   was lent before stays lent: whoever made the lender ends it
 */
export function pack(
  values: readonly unknown[],
  where: Where,
  lender: () => Lending,
  name: string,
  site?: Site,
): Packed {
  if (arePrimitive(values)) return { values, holes: undefined };
  const found = look(values, where, true);
  if (found !== SHARED) {
    if (found !== undefined) tellOf(found, where, pathTo(values, found), name, site);
    return { values, holes: undefined };
  }
  const lends = where === 'args' || where === 'item';
  const packing = new Packing(where, lends ? lender() : undefined, name, site);
  return { values: packing.pack(values), holes: packing.holes };
}

class Packing {
  readonly holes: Hole[] = [];
  readonly #copies = new Map<object, unknown>();
  readonly #where: Where;
  readonly #lender: Lending | undefined;
  readonly #name: string;
  readonly #site: Site | undefined;

  constructor(where: Where, lender: Lending | undefined, name: string, site: Site | undefined) {
    this.#where = where;
    this.#lender = lender;
    this.#name = name;
    this.#site = site;
  }

  pack(values: readonly unknown[]): unknown[] {
    return values.map((value, index) => {
      const isCallback = typeof value === 'function' && this.#where === 'args';
      return isCallback && kindOfRunner(value) === undefined
        ? this.#lend('callback', value, [index])
        : this.#copy(value, [index]);
    });
  }

  #copy(value: unknown, path: readonly Step[]): unknown {
    if (typeof value === 'function') {
      const kind = kindOfRunner(value);
      if (kind === undefined) throw refusal(this.#where, this.#name, path, 'a function');
      return this.#lend(kind, value, path);
    }
    if (typeof value !== 'object' || value === null) return value;
    const kind = sharedAs(value);
    if (kind === 'instance') tellOf(value, this.#where, path, this.#name, this.#site);
    else if (kind !== undefined) return this.#lend(kind, value, path);
    if (!isContainer(value)) return value;
    const copied = this.#copies.get(value);
    return copied === undefined ? this.#copyParts(value, path) : copied;
  }

  #copyParts(value: object, path: readonly Step[]): unknown {
    if (Array.isArray(value)) {
      const copy: unknown[] = new Array(value.length);
      this.#copies.set(value, copy);
      for (const key of Object.keys(value)) {
        const index = Number(key);
        if (Number.isInteger(index)) copy[index] = this.#copy(value[index], [...path, index]);
      }
      return copy;
    }
    if (isMap(value) || isSet(value)) return this.#copyCollection(value, path);
    const copy: Record<string, unknown> = {};
    this.#copies.set(value, copy);
    for (const [key, part] of Object.entries(value)) {
      // `__proto__` would be set, not defined.
      Object.defineProperty(copy, key, {
        value: this.#copy(part, [...path, key]),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return copy;
  }

  #copyCollection(
    value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>,
    path: readonly Step[],
  ): unknown {
    let step = 0;
    if (isMap(value)) {
      const copy = new Map<unknown, unknown>();
      this.#copies.set(value, copy);
      for (const [key, part] of value) {
        copy.set(this.#copy(key, [...path, step++]), this.#copy(part, [...path, step++]));
      }
      return copy;
    }
    const copy = new Set<unknown>();
    this.#copies.set(value, copy);
    for (const part of value) {
      copy.add(this.#copy(part, [...path, step++]));
    }
    return copy;
  }

  /** Leaves a place that is like no other: two equal members of a `Set` would be one. */
  #lend(kind: Kind | 'refused', object: object, path: readonly Step[]): unknown {
    if (kind === 'refused') throw refusal(this.#where, this.#name, path, refusedWhat(object));
    if (this.#lender === undefined)
      throw refusal(this.#where, this.#name, path, unlentWhat(object));
    const { id, state } = this.#lender.lend(kind, object);
    this.holes.push(state === undefined ? { path, kind, id } : { path, kind, id, state });
    return {};
  }
}

/** Puts proxies into the holes. The values are changed in place: they are a clone. */
export function unpack(packed: Packed, borrower: () => Borrowing): readonly unknown[] {
  const { values, holes } = packed;
  if (holes === undefined) return values;
  const from = borrower();
  // A filled hole must not hide a place further inside: the path of each is walked before any is filled.
  const places = holes.map((hole) => ({ hole, parent: parentOf(values, hole.path) }));
  const rebuilt = new Map<object, unknown[]>();
  for (const { hole, parent } of places) {
    const step = hole.path.at(-1) as Step;
    const proxy = from.borrow(hole);
    if (parent instanceof Map || parent instanceof Set) {
      let parts = rebuilt.get(parent);
      if (parts === undefined) {
        parts = [...partsOf(parent)];
        rebuilt.set(parent, parts);
      }
      parts[step as number] = proxy;
    } else (parent as Record<Step, unknown>)[step] = proxy;
  }
  for (const [container, parts] of rebuilt) refill(container, parts);
  return values;
}

function parentOf(values: readonly unknown[], path: readonly Step[]): object {
  let at: object = values;
  for (const step of path.slice(0, -1)) {
    const inside =
      at instanceof Map || at instanceof Set
        ? partsOf(at)[step as number]
        : (at as Record<Step, unknown>)[step];
    at = inside as object;
  }
  return at;
}

function refill(container: object, parts: readonly unknown[]): void {
  if (container instanceof Set) {
    container.clear();
    for (const part of parts) container.add(part);
  } else if (container instanceof Map) {
    container.clear();
    for (let i = 0; i < parts.length; i += 2) container.set(parts[i], parts[i + 1]);
  }
}
