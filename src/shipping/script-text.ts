/**
 * Where a text stands in the source of a script.
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';
import type { Location } from './scripts.ts';

/** An end of line as JavaScript counts them. */
export const LINE: RegExp = /\r\n|[\n\r\u2028\u2029]/;

/** The position of a place in a source. */
export function positionOf(source: string, { lineNumber, columnNumber }: Location): number {
  const lines = new RegExp(LINE, 'g');
  for (let left = lineNumber; left > 0; left--)
    if (lines.exec(source) === null) return source.length;
  return lines.lastIndex + columnNumber;
}

/** Whether a text stands in a file where the host says, perhaps with types, in whose place the host puts blanks. */
export function standsIn(file: string, location: Location, text: string): boolean {
  try {
    const fs = hostModule<typeof import('node:fs')>('node:fs');
    const source = fs?.readFileSync(new URL(file), 'utf8') ?? '';
    return isSame(source, positionOf(source, location), text);
  } catch {
    return false;
  }
}

function isSame(source: string, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const isBlank = text.charCodeAt(at) <= 32;
    if (!isBlank && text[at] !== source[start + at]) return false;
  }
  return true;
}
