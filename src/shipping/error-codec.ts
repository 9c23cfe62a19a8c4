/**
 * Takes what a body threw to another heap and back. A structured clone of an error keeps the class of five built-in ones, and loses
 * `code`, every other field, `AggregateError.errors` and, in a child process, any `DOMException`; so errors are taken apart here, each
 * field by itself: one that cannot be cloned becomes text and costs nothing but itself.
 *
 * @module
 */
import { functionName } from '../core/function-name.ts';
import type { CallSite } from '../runtime/call-site.ts';
import { hostModule } from '../runtime/runtime.ts';
import { copyOf } from './copy-of.ts';
import type { EncodedError, EncodedFields, EncodedThrown, EncodedValue } from './encoded.ts';
import { errorClassKeys, isErrorLike, knownErrorClass } from './error-kinds.ts';

export type { EncodedThrown } from './encoded.ts';

/** Errors deeper in a chain of causes than this, or more in number, become text. */
const MAX_DEPTH = 64;
const MAX_ERRORS = 10_000;
/** Objects, arrays, maps and sets are taken apart to this depth when they hold an error, or cannot be cloned whole. */
const MAX_NESTING = 4;
/** Objects and arrays taken apart in all: a graph that cannot be cloned may be wide. */
const MAX_PARTS = 200;
const MAX_LENGTH = 10_000;
const MAX_TEXT = 2000;

/** Encodes anything that can be thrown. Never throws; the result can be cloned in every way there is. */
export function encodeThrown(thrown: unknown): EncodedThrown {
  const encoder = new Encoder();
  const value = encoder.value(thrown, 0, 0);
  return { thrown: value, errors: encoder.finish() };
}

class Encoder {
  readonly #positions = new Map<object, number>();
  #parts = 0;
  /** What is in an instance is not taken apart, if it is one itself: a socket leads to half of the host. */
  #isInInstance = false;
  readonly #found: { readonly error: object; readonly depth: number }[] = [];

  /** Encodes the errors that were found, and those that they lead to. */
  finish(): readonly EncodedError[] {
    const encoded: EncodedError[] = [];
    for (let at = 0; at < this.#found.length; at++) {
      const { error, depth } = this.#found[at] as { error: object; depth: number };
      encoded.push(this.#error(error, depth + 1));
    }
    return encoded;
  }

  /** @param depth of errors around it; @param nesting of plain objects around it */
  value(value: unknown, depth: number, nesting: number): EncodedValue {
    if (typeof value === 'symbol' || typeof value === 'function') return asText(value);
    if (typeof value !== 'object' || value === null) return { kind: 'value', value };
    if (isErrorLike(value)) return this.#reference(value, depth);
    if (nesting < MAX_NESTING && holdsError(value)) {
      return this.#apart(value, depth, nesting) ?? asText(value);
    }
    const copy = copyOf(value);
    if (copy !== undefined) return { kind: 'value', value: copy, className: classNameOf(value) };
    return (
      (nesting < MAX_NESTING ? this.#apart(value, depth, nesting) : undefined) ?? asText(value)
    );
  }

  #reference(error: object, depth: number): EncodedValue {
    const known = this.#positions.get(error);
    if (known !== undefined) return { kind: 'error', at: known };
    if (depth > MAX_DEPTH || this.#found.length >= MAX_ERRORS) return asText(error);
    const at = this.#found.length;
    this.#positions.set(error, at);
    this.#found.push({ error, depth });
    return { kind: 'error', at };
  }

  #apart(value: object, depth: number, nesting: number): EncodedValue | undefined {
    this.#parts += 1;
    if (this.#parts > MAX_PARTS) return undefined;
    try {
      const parts = partsOf(value);
      if (parts !== undefined) {
        if (parts.items.length > MAX_LENGTH) return undefined;
        const items = Array.from(parts.items, (item) => this.value(item, depth, nesting + 1));
        return { kind: parts.kind, items };
      }
      if (!isPlain(value)) return this.#instance(value, depth, nesting);
      return { kind: 'record', fields: this.#fields(value, depth, nesting + 1) };
    } catch {
      return undefined;
    }
  }

  #instance(value: object, depth: number, nesting: number): EncodedValue | undefined {
    // Objects of the host have no fields to show: their text says more.
    if (this.#isInInstance || enumerableKeys(value).length === 0) return undefined;
    this.#isInInstance = true;
    try {
      const fields = this.#fields(value, depth, nesting + 1);
      return { kind: 'record', fields, className: classNameOf(value) };
    } finally {
      this.#isInInstance = false;
    }
  }

  #error(error: object, depth: number): EncodedError {
    const message = read(error, 'message');
    const stack = read(error, 'stack');
    const name = read(error, 'name');
    const fields = this.#fields(error, depth, 0).filter(
      ([key]) => key !== 'message' && key !== 'stack',
    );
    const code = fields.some(([key]) => key === 'code') ? undefined : read(error, 'code');
    return {
      classes: errorClassKeys(error),
      name: typeof name === 'string' ? name : undefined,
      message: typeof message === 'string' ? message : textOf(message),
      stack: typeof stack === 'string' ? stack : undefined,
      code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
      hidden: this.#hidden(error, depth, fields),
      fields,
    };
  }

  #hidden(error: object, depth: number, fields: EncodedFields): EncodedFields {
    const hidden: [string, EncodedValue][] = [];
    const keys = read(error, 'name') === 'SuppressedError' ? SUPPRESSED : HIDDEN;
    for (const key of keys) {
      if (fields.some(([field]) => field === key)) continue;
      const value = read(error, key);
      // A class may have it on its prototype; one that is a method there (VError's cause) is no data.
      const there = hasOwn(error, key) || (value !== undefined && typeof value !== 'function');
      if (there) hidden.push([key, this.value(value, depth, 0)]);
    }
    return hidden;
  }

  #fields(owner: object, depth: number, nesting: number): EncodedFields {
    return enumerableKeys(owner).map((key) => [key, this.value(read(owner, key), depth, nesting)]);
  }
}

const HIDDEN = ['cause', 'errors'];
const SUPPRESSED = ['cause', 'errors', 'error', 'suppressed'];

/** Reads a field. What a getter throws becomes the text that says so. */
function read(owner: object, key: string): unknown {
  try {
    return (owner as Record<string, unknown>)[key];
  } catch (error) {
    return `(a getter that threw ${textOf(error)})`;
  }
}

function hasOwn(owner: object, key: string): boolean {
  try {
    return Object.hasOwn(owner, key);
  } catch {
    return false;
  }
}

function enumerableKeys(owner: object): readonly string[] {
  try {
    return Object.keys(owner);
  } catch {
    return [];
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The name of the class of an instance that arrives without it; undefined for what is of no class, or keeps it. */
function classNameOf(value: object): string | undefined {
  try {
    if (isPlain(value) || Object.prototype.toString.call(value) !== '[object Object]') return;
    const { name } = value.constructor;
    return typeof name === 'string' && name !== '' && name !== 'Object' ? name : undefined;
  } catch {
    return undefined;
  }
}

/** What is in an array, `Map` or `Set`, whatever a class has put in the place of their methods; undefined for any other object. */
function partsOf(
  value: object,
): { readonly kind: 'list' | 'map' | 'set'; readonly items: readonly unknown[] } | undefined {
  if (Array.isArray(value)) return { kind: 'list', items: value };
  if (value instanceof Map) return { kind: 'map', items: [...mapEntries.call(value)].flat(1) };
  if (value instanceof Set) return { kind: 'set', items: [...setValues.call(value)] };
  return undefined;
}

const mapEntries = Map.prototype.entries;
const setValues = Set.prototype.values;

/** Whether an error is right inside: a clone would take it along, and lose its class and fields. */
function holdsError(value: object): boolean {
  try {
    if (Array.isArray(value) && value.length > MAX_LENGTH) return false;
    const parts = partsOf(value);
    if (parts !== undefined) return parts.items.some(isErrorLike);
    if (ArrayBuffer.isView(value)) return false;
    return Object.keys(value).some((key) => isErrorLike(read(value, key)));
  } catch {
    return false;
  }
}

function asText(value: unknown): EncodedValue {
  return { kind: 'value', value: textOf(value) };
}

/** Shows what cannot be cloned, as the host would print it. */
function textOf(value: unknown): string {
  try {
    if (isErrorLike(value)) return `${String(value.name)}: ${String(value.message)}`;
    if (typeof value === 'function') return `function ${functionName(value) || '(anonymous)'}`;
    const { inspect } = hostModule<typeof import('node:util')>('node:util') ?? {};
    if (inspect === undefined || typeof value !== 'object') return String(value);
    return inspect(value, { depth: 1, maxArrayLength: 20 }).slice(0, MAX_TEXT);
  } catch {
    return 'a value that cannot be shown';
  }
}

/**
 * Gives what was thrown on the other side, errors as errors of their class. The stack of the outermost one goes on with the place
 * from which the work was submitted.
 *
 * @param site where the work was submitted
 */
export function decodeThrown(encoded: EncodedThrown, site: CallSite | undefined): unknown {
  const errors = encoded.errors.map(emptyError);
  encoded.errors.forEach((each, at) => {
    restore(errors[at] as Error, each, errors);
  });
  const thrown = decodeValue(encoded.thrown, errors);
  if (encoded.thrown.kind === 'error') addSite(thrown as Error, site);
  return thrown;
}

/** A real error of the class, made without its constructor, which may demand arguments or count its instances. */
function emptyError({ classes, message, name }: EncodedError): Error {
  const type = knownErrorClass(classes);
  const { prototype } = type;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    if (isDOMException(prototype)) {
      const exception = new DOMException(message, name);
      return Object.setPrototypeOf(exception, prototype) as Error;
    }
    return Reflect.construct(Error, [message], withPrototype(prototype)) as Error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A constructor that is never called: `Reflect.construct` takes only the prototype from it. */
function withPrototype(prototype: Error): ErrorConstructor {
  const target = function Target() {};
  target.prototype = prototype;
  return target as unknown as ErrorConstructor;
}

function isDOMException(prototype: Error): boolean {
  if (typeof DOMException === 'undefined') return false;
  return prototype === DOMException.prototype || prototype instanceof DOMException;
}

function restore(error: Error, encoded: EncodedError, errors: readonly Error[]): void {
  for (const [key, value] of encoded.hidden) define(error, key, decodeValue(value, errors), false);
  for (const [key, value] of encoded.fields) define(error, key, decodeValue(value, errors), true);
  if (error.message !== encoded.message) define(error, 'message', encoded.message, false);
  const { name, code } = encoded;
  if (name !== undefined && error.name !== name) define(error, 'name', name, false);
  if (code !== undefined && read(error, 'code') !== code) define(error, 'code', code, false);
  const stack = encoded.stack ?? `${name}: ${encoded.message}`;
  define(error, 'stack', stack, false);
}

function define(owner: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  // What is missing of a description is inherited, as anything is.
  const inherited = { __proto__: null, value, enumerable, writable: true, configurable: true };
  Object.defineProperty(owner, key, inherited);
}

function decodeValue(encoded: EncodedValue, errors: readonly Error[]): unknown {
  switch (encoded.kind) {
    case 'value':
      return named(encoded.value, encoded.className);
    case 'error':
      return errors[encoded.at];
    case 'list':
      return encoded.items.map((item) => decodeValue(item, errors));
    case 'set':
      return new Set(encoded.items.map((item) => decodeValue(item, errors)));
    case 'map': {
      const items = encoded.items.map((item) => decodeValue(item, errors));
      const map = new Map<unknown, unknown>();
      for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
      return map;
    }
    case 'record': {
      const record = {};
      for (const [key, value] of encoded.fields) {
        define(record, key, decodeValue(value, errors), true);
      }
      return named(record, encoded.className);
    }
  }
}

/** Says of which class an object was: it is printed, and to be read by `Object.prototype.toString`. */
function named(value: unknown, className: string | undefined): unknown {
  if (className !== undefined && typeof value === 'object' && value !== null) {
    define(value, Symbol.toStringTag, className, false);
  }
  return value;
}

function addSite(error: Error, site: CallSite | undefined): void {
  const frames = site?.frames ?? '';
  if (frames === '') return;
  const heading = site?.isEarlier ? 'submitted where an earlier call was' : 'submitted at';
  define(error, 'stack', `${error.stack}\n    --- ${heading}\n${frames}`, false);
}
