/**
 * Values that every clone can take.
 *
 * @module
 */

/** Whether a value is a primitive, and no symbol: whoever sends it need not look at it again. */
export function isPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'object':
      return value === null;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}
