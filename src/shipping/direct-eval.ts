/**
 * Direct calls of `eval` in the text of a function: their code sees the variables of the function, and those around it.
 *
 * @module
 */
import { type FunctionText, readFunction } from './free-variables.ts';
import type { Token } from './tokens.ts';

/** The names that code in direct calls of `eval` uses besides its own; undefined where that code is not written there as a string. */
export function namesInEval({ free, tokens }: FunctionText): readonly string[] | undefined {
  if (!free.includes('eval')) return [];
  const names: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const call = directCall(tokens, at);
    if (call === undefined) continue;
    const [code, end] = [tokens[call + 1], tokens[call + 2]];
    const text = code?.kind === 'string' && isMark(end, ')') ? stringOf(code.text) : undefined;
    if (text === undefined) return undefined;
    names.push(...readFunction(`() => {${text}\n}`).free);
  }
  return names;
}

/**
 * The position of the parenthesis of `eval(…)` and `(eval)(…)`; undefined where there is no such call. Neither `eval?.(…)` nor `(0, eval)(…)` is
 * direct: their code sees globals only.
 */
function directCall(tokens: readonly Token[], at: number): number | undefined {
  const { kind, text } = tokens[at] as Token;
  let before = at - 1;
  let after = at + 1;
  const isMember = isMark(tokens[before], '.') || isMark(tokens[before], '?.');
  if (kind !== 'name' || text !== 'eval' || isMember) return undefined;
  while (isMark(tokens[before], '(') && isMark(tokens[after], ')')) {
    before -= 1;
    after += 1;
  }
  return isMark(tokens[after], '(') ? after : undefined;
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.text === mark;
}

/** The value of a string as it is written in code. */
function stringOf(literal: string): string | undefined {
  try {
    return new Function(`return ${literal}`)() as string;
  } catch {
    return undefined;
  }
}
