/**
 * Which parentheses of a text belong together.
 *
 * @module
 */
import type { Token } from './tokens.ts';

/** The position of the parenthesis that closes the one at `opening`; -1 where none does. */
export function closingOf(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let at = opening; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token;
    if (kind !== 'mark') continue;
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
