/**
 * What a function is called.
 *
 * @module
 */

/**
 * The name of a function, for messages and for what is sent of it: a text in any case. `name` is a property like any other: it may have
 * been made a symbol, a function, or a getter that throws. Empty where it is no text or cannot be had.
 */
export function functionName(fn: unknown): string {
  try {
    const { name } = fn as { readonly name?: unknown };
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}
