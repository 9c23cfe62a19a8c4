/**
 * What a function uses of itself: its `this`, its own name. Neither is a variable around it, and neither need be the same for a copy that is made
 * of its text.
 *
 * @module
 */
import type { FunctionText } from './free-variables.ts';
import type { Token } from './tokens.ts';

/** What a function uses of itself. */
export interface OwnUse {
  /** Its name in the text, if that means the function where it is used. */
  readonly name: string | undefined;
  /** It gives that name another meaning: what was declared may do so, and a function that is made of its text may not. */
  readonly assigned: boolean;
  /** It can reach itself as an object: by its name or, in a sloppy script, as `arguments.callee`. */
  readonly self: boolean;
}

/** Reads what a function uses of itself. */
export function ownUse({ tokens, usesOwnName }: FunctionText): OwnUse {
  const name = usesOwnName ? nameIn(tokens) : undefined;
  const assigned = name !== undefined && tokens.some((_, at) => isAssigned(tokens, at, name));
  const callee = tokens.some(isName('callee'));
  return { name, assigned, self: callee || name !== undefined };
}

/** What is written after `function`. */
function nameIn(tokens: readonly Token[]): string | undefined {
  const at = tokens.findIndex(({ kind, text }) => kind === 'mark' && text === '(');
  return tokens[at - 1]?.text;
}

const ASSIGNMENT = /^(?:=|[-+*/%&|^]=|\*\*=|<<=|>>>?=|&&=|\|\|=|\?\?=|\+\+|--)$/;

function isAssigned(tokens: readonly Token[], at: number, name: string): boolean {
  if (!isName(name)(tokens[at] as Token)) return false;
  const before = tokens[at - 1]?.text ?? '';
  const { kind, text = '' } = tokens[at + 1] ?? {};
  if (/^(?:\.|\?\.|let|const|var)$/.test(before)) return false;
  return before === '++' || before === '--' || (kind === 'mark' && ASSIGNMENT.test(text));
}

function isName(name: string): (token: Token) => boolean {
  return ({ kind, text }) => kind === 'name' && text === name;
}
