/**
 * Copies of values that wait for others to travel with: whoever gave them may change them before they leave.
 *
 * @module
 */
import { isPrimitive } from './primitive.ts';

/** With more parts, a message of its own costs little in comparison. */
const SMALL = 16;

/** Copies a plain object or an array of a few primitives, as a clone would; gives undefined for all else, which has to leave at once. */
export function smallCopy(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return copyInto({}, value, Object.keys(value));
  if (prototype !== Array.prototype || !Array.isArray(value) || value.length > SMALL) {
    return undefined;
  }
  const keys = Object.keys(value);
  if (keys.length !== value.length) return undefined;
  const copy = copyInto([], value, keys) as unknown[] | undefined;
  // Not so if it has holes and fields of its own.
  return copy?.length === value.length ? copy : undefined;
}

function copyInto(copy: object, value: object, keys: readonly string[]): object | undefined {
  if (keys.length > SMALL) return undefined;
  for (const key of keys) {
    const part: unknown = (value as Record<string, unknown>)[key];
    if (!isPrimitive(part) || key === '__proto__') return undefined;
    (copy as Record<string, unknown>)[key] = part;
  }
  return copy;
}
