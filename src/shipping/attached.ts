/**
 * What a function has that its text does not say: properties, another prototype. A copy that is made of the text here shows what is natural.
 *
 * @module
 */
import type { AnyFunction } from './shipment.ts';

/** Says what was attached to a function or changed about it, as against a fresh copy; undefined when nothing was. No getter is called. */
export function attachedTo(fn: AnyFunction, copy: AnyFunction): string | undefined {
  const natural = Reflect.ownKeys(copy);
  const key = Reflect.ownKeys(fn).find((each) => !natural.includes(each));
  if (key !== undefined) {
    return `a property ${typeof key === 'symbol' ? String(key) : JSON.stringify(key)}`;
  }
  if (Object.getPrototypeOf(fn) !== Object.getPrototypeOf(copy)) return 'another prototype';
  if (!isText(heldAt(fn, 'name'))) return 'a "name" that is no text';
  if (heldAt(fn, 'length') !== heldAt(copy, 'length')) return 'another "length"';
  return natural.includes('prototype') && !isNaturalPrototype(fn, copy)
    ? 'a "prototype" that was changed'
    : undefined;
}

function heldAt(holder: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** Of a function, what `new` makes; of a generator, what its generators inherit from. */
function isNaturalPrototype(fn: AnyFunction, copy: AnyFunction): boolean {
  const prototype = heldAt(fn, 'prototype');
  const natural = heldAt(copy, 'prototype');
  if (typeof prototype !== 'object' || prototype === null) return false;
  if (typeof natural !== 'object' || natural === null) return false;
  const keys = Reflect.ownKeys(prototype);
  return (
    Object.getPrototypeOf(prototype) === Object.getPrototypeOf(natural) &&
    keys.length === Reflect.ownKeys(natural).length &&
    keys.every((key) => key === 'constructor' && heldAt(prototype, key) === fn)
  );
}
