/**
 * Which values are errors, and of which class: also those of another realm (a `vm` context, vitest), whose classes are not ours.
 *
 * @module
 */
import { type ErrorClass, errorClassOf, errorKeyOf } from '../core/error-classes.ts';
import { hostModule } from '../runtime/runtime.ts';

/** Errors of the language and the web, by name. SuppressedError is not in Node 22, DOMException not everywhere. */
const BUILT_IN: ReadonlyMap<string, ErrorClass> = new Map(
  [
    'Error',
    'TypeError',
    'RangeError',
    'SyntaxError',
    'ReferenceError',
    'EvalError',
    'URIError',
    'AggregateError',
    'SuppressedError',
    'DOMException',
  ].flatMap((name) => {
    const type = (globalThis as unknown as Record<string, ErrorClass | undefined>)[name];
    return type === undefined ? [] : [[name, type] as const];
  }),
);

const BUILT_IN_KEYS: ReadonlyMap<object, string> = new Map(
  [...BUILT_IN].map(([name, type]) => [type.prototype, `js/${name}`]),
);

const isNativeError: (value: unknown) => boolean =
  hostModule<typeof import('node:util')>('node:util')?.types.isNativeError ??
  (Error as { isError?: (value: unknown) => boolean }).isError ??
  ((value) => Object.prototype.toString.call(value) === '[object Error]');

/** Whether a value is an error, of any realm. Never throws: a revoked proxy is none. */
export function isErrorLike(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return (
      isNativeError(value) ||
      value instanceof Error ||
      Object.prototype.toString.call(value) === '[object DOMException]'
    );
  } catch {
    return false;
  }
}

const MAX_ANCESTORS = 32;

/**
 * Keys of the classes of an error, the most special first: `js/…` of the language, `skein/…` of this library, or the name of a
 * user's class, registered or not: it is enough that the other side knows it.
 */
export function errorClassKeys(error: object): readonly string[] {
  const keys: string[] = [];
  try {
    let prototype: object | null = Object.getPrototypeOf(error);
    for (let depth = 0; prototype !== null && depth < MAX_ANCESTORS; depth++) {
      const key = errorKeyOf(prototype) ?? BUILT_IN_KEYS.get(prototype) ?? foreignKey(prototype);
      if (key !== undefined) keys.push(key);
      prototype = Object.getPrototypeOf(prototype);
    }
  } catch {
    // A proxy that does not tell: what was found so far.
  }
  return keys;
}

/** A class that is neither ours nor registered: one of the language in another realm, or a user's. */
function foreignKey(prototype: object): string | undefined {
  const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof type !== 'function' || typeof type.name !== 'string' || type.name === 'Object') {
    return undefined;
  }
  if (!BUILT_IN.has(type.name)) return type.name === '' ? undefined : type.name;
  const isNative =
    type.name === 'DOMException' ||
    Function.prototype.toString.call(type).includes('[native code]');
  return isNative ? `js/${type.name}` : undefined;
}

/** The first class of these that is known here. */
export function knownErrorClass(keys: readonly string[]): ErrorClass {
  for (const key of keys) {
    const type = key.startsWith('js/') ? BUILT_IN.get(key.slice(3)) : errorClassOf(key);
    if (type !== undefined) return type;
  }
  return Error;
}
