/**
 * What can be a name in JavaScript, beyond ASCII too. These patterns are made of text when they are first needed: one that stands in a
 * module is read with the module, and the classes of Unicode in it make every import half a millisecond longer.
 *
 * @module
 */

const FIRST = String.raw`[\p{ID_Start}$_]`;
const NEXT = String.raw`[\p{ID_Continue}$\u200c\u200d]`;
const ESCAPED = String.raw`\\u[\da-fA-F]{4}|\\u\{[\da-fA-F]+\}`;

let whole: RegExp | undefined;
let here: RegExp | undefined;

/** Whether a key can be written after a dot. */
export function isIdentifier(key: string): boolean {
  if (/^[A-Za-z$_][\w$]*$/.test(key)) return true;
  whole ??= new RegExp(`^${FIRST}${NEXT}*$`, 'u');
  return whole.test(key);
}

/** The pattern, sticky, of a name in a text of code: it may be private, and have escapes in it. */
export function nameInCode(): RegExp {
  here ??= new RegExp(`#?(?:${FIRST}|${ESCAPED})(?:${NEXT}|${ESCAPED})*`, 'uy');
  return here;
}
