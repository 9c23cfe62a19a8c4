/**
 * Checks of what users pass in, made once at the boundary. A wrong type is a TypeError, a wrong value a RangeError; the message
 * names the option, its bound and what was received.
 *
 * @module
 */
import { functionName } from './function-name.ts';

/** Turns anything into text, also what refuses to be: an object without a prototype, a getter that throws. */
export function textOf(value: unknown): string {
  try {
    return value instanceof Error ? `${value.message}` : String(value);
  } catch {
    return 'a value that cannot be shown';
  }
}

/** `instanceof`, also of what refuses to be asked: a revoked proxy is an instance of nothing. */
export function isA<T>(value: unknown, type: { readonly prototype: T }): value is T & object {
  try {
    return value instanceof (type as new () => T & object);
  } catch {
    return false;
  }
}

/** `1 error`, `2 errors`. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Shows a value in an error message: text in quotes, functions by name, objects by class. */
export function describe(value: unknown): string {
  try {
    if (typeof value === 'string') return `'${value}'`;
    if (typeof value === 'function') return `function ${functionName(value) || '(anonymous)'}`;
    if (value instanceof Promise) return 'a promise';
    if (Array.isArray(value)) return 'an array';
    if (typeof value === 'object' && value !== null) {
      return `an instance of ${functionName(value.constructor) || 'Object'}`;
    }
    return typeof value === 'bigint' ? `${value}n` : String(value);
  } catch {
    return textOf(value);
  }
}

/** Requires a function. */
export function requireFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') {
    throw new TypeError(`Expected ${name} to be a function: got ${describe(value)}`);
  }
}

/** Requires a text. */
export function requireString(value: unknown, name: string): void {
  if (typeof value !== 'string') {
    throw new TypeError(`Expected ${name} to be a string: got ${describe(value)}`);
  }
}

/** Requires true or false: a text such as 'no' would count as true. */
export function requireBoolean(value: unknown, name: string): void {
  if (typeof value !== 'boolean') {
    throw new TypeError(`Expected ${name} to be a boolean: got ${describe(value)}`);
  }
}

/** Requires an integer of at least `least`. */
export function requireInteger(value: unknown, name: string, least: number): void {
  if (typeof value !== 'number') {
    throw new TypeError(`Expected ${name} to be an integer >= ${least}: got ${describe(value)}`);
  }
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new RangeError(`Expected ${name} to be an integer >= ${least}: got ${value}`);
  }
}

/** Requires a finite number of at least `least`. */
export function requireFinite(value: unknown, name: string, least: number): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return;
  const Wrong = typeof value === 'number' ? RangeError : TypeError;
  throw new Wrong(`Expected ${name} to be a finite number >= ${least}: got ${describe(value)}`);
}

/**
 * Requires a limit: an integer of at least `least`, or one of the two spellings of "no limit".
 *
 * @returns the limit, -1 turned into Infinity
 */
export function requireLimit(value: unknown, name: string, least: number): number {
  if (value === -1 || value === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  const Wrong = typeof value === 'number' ? RangeError : TypeError;
  throw new Wrong(
    `Expected ${name} to be an integer >= ${least}, or -1 or Infinity for no limit: got ${describe(value)}`,
  );
}

/** Requires one of a few words. */
export function requireOneOf(value: unknown, name: string, words: readonly string[]): void {
  if (typeof value === 'string' && words.includes(value)) return;
  const Wrong = typeof value === 'string' ? RangeError : TypeError;
  const list = words.map((word) => `'${word}'`).join(' or ');
  throw new Wrong(`Expected ${name} to be ${list}: got ${describe(value)}`);
}

/** Requires an AbortSignal. */
export function requireSignal(value: unknown, name: string): void {
  if (typeof (value as AbortSignal | null)?.addEventListener !== 'function') {
    throw new TypeError(`Expected ${name} to be an AbortSignal: got ${describe(value)}`);
  }
}

/** Tells a promise, or anything else with a `then`, from a plain value. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
