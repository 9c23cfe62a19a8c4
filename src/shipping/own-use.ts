/**
 * What a function uses of itself: its `this`, its own name. Neither is a variable around it, and neither need be the same for a copy that is made
 * of its text.
 *
 * @module
 */
import { closingOf } from './brackets.ts';
import { type FunctionText, readFunction } from './free-variables.ts';
import type { Token } from './tokens.ts';

/** What a function uses of itself. */
export interface OwnUse {
  /** The `this` that its caller gives it: never that of an arrow function. */
  readonly receiver: boolean;
  /** Its name in the text, if that means the function where it is used. */
  readonly name: string | undefined;
  /** It gives that name another meaning: what was declared may do so, and a function that is made of its text may not. */
  readonly assigned: boolean;
  /** It can reach itself as an object: by its name or, in a sloppy script, as `arguments.callee`. */
  readonly self: boolean;
}

/** Reads what a function uses of itself. Cost: next to nothing, if its text has neither `this` in it nor its own name a second time. */
export function ownUse(text: string, read: FunctionText): OwnUse {
  const { form, tokens } = read;
  const opening = form === 'method' ? read.parameters : tokens.findIndex(isMark('('));
  const written = form === 'function' ? nameBefore(tokens, opening) : undefined;
  const callee = tokens.some(isName('callee'));
  const mentioned =
    form !== 'arrow' &&
    (tokens.some(isName('this')) ||
      (written !== undefined && tokens.filter(isName(written)).length > 1));
  const free = mentioned ? freeAsArrow(text, tokens, opening) : [];
  const name = written !== undefined && free.includes(written) ? written : undefined;
  const assigned = name !== undefined && tokens.some((_, at) => isAssigned(tokens, at, name));
  return { receiver: free.includes('this'), name, assigned, self: callee || name !== undefined };
}

/** The names that would be free if it were an arrow function, which has neither a `this` nor a name of its own. */
function freeAsArrow(text: string, tokens: readonly Token[], opening: number): readonly string[] {
  const closing = closingOf(tokens, opening);
  const from = tokens[opening]?.start;
  const { end } = tokens[closing] ?? {};
  if (from === undefined || end === undefined) return [];
  const isAsync = tokens.slice(0, opening).some(isName('async'));
  const arrow = `${isAsync ? 'async ' : ''}${text.slice(from, end)} => ${text.slice(end)}`;
  return readFunction(arrow).free;
}

function nameBefore(tokens: readonly Token[], opening: number): string | undefined {
  const token = tokens[opening - 1];
  return token?.kind === 'name' && token.text !== 'function' ? token.text : undefined;
}

const ASSIGNMENT = /^(?:=|[-+*/%&|^]=|\*\*=|<<=|>>>?=|&&=|\|\|=|\?\?=|\+\+|--)$/;

function isAssigned(tokens: readonly Token[], at: number, name: string): boolean {
  if (!isName(name)(tokens[at] as Token)) return false;
  const before = tokens[at - 1]?.text ?? '';
  const { kind, text = '' } = tokens[at + 1] ?? {};
  if (/^(?:\.|\?\.|let|const|var)$/.test(before)) return false;
  return before === '++' || before === '--' || (kind === 'mark' && ASSIGNMENT.test(text));
}

function isMark(mark: string): (token: Token | undefined) => boolean {
  return (token) => token?.kind === 'mark' && token.text === mark;
}

function isName(name: string): (token: Token) => boolean {
  return ({ kind, text }) => kind === 'name' && text === name;
}
