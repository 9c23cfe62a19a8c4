/**
 * Which names the text of a function uses and does not declare. No tree is built and no precedence is known: a reader goes through the
 * tokens once and sees where names are declared, where they are used, and where something only looks like a name (a property, a
 * label, a key). In a text that it cannot read every name counts as used, so that the answer errs towards a refusal.
 *
 * @module
 */
import { StatementReader } from './statement-reader.ts';
import { type Token, type Tokens, tokensOf } from './tokens.ts';
import { undone } from './transformed.ts';

/** How the text of a function is written. */
export interface FunctionShape {
  /** `method` stands for getters and setters too. */
  readonly form: 'function' | 'arrow' | 'method' | 'class';
  /** Of a method: `async`, `*`, both or neither. */
  readonly modifiers: string;
  /** Of a method: the position of the token with which its parameters begin. */
  readonly parameters: number;
}

/** What the text of a function says. */
export interface FunctionText extends FunctionShape {
  readonly tokens: readonly Token[];
  /**
   * The names used and not declared, in order of first use. Among them may be `this`, `arguments` and `new.target` of the surroundings (of an
   * arrow function), `super`, `import.meta` and `#private` names.
   */
  readonly free: readonly string[];
  /** The literal specifiers of its `import()`; undefined stands for one that is computed. */
  readonly imports: readonly (string | undefined)[];
}

/** Reads the text of a function, as `toString` gives it. Cost: 20 µs for a small one, 0.2 ms a kilobyte. */
export function readFunction(text: string): FunctionText {
  const { list, closing } = tokensOf(text);
  const tokens = { list: undone(list), closing };
  const shape = shapeOf(tokens);
  try {
    const reader = new StatementReader(tokens, shape.parameters);
    reader.root(shape.form === 'method');
    return { ...shape, tokens: tokens.list, free: reader.free, imports: reader.imports };
  } catch {
    const names = tokens.list.filter(({ kind }) => kind === 'name').map((token) => token.text);
    return { ...shape, tokens: tokens.list, free: [...new Set(names)], imports: [undefined] };
  }
}

function shapeOf({ list, closing }: Tokens): FunctionShape {
  const isAsync = list[0]?.text === 'async' && list[1]?.text !== '=>';
  const first = list[isAsync ? 1 : 0]?.text;
  const plain = { modifiers: '', parameters: 0 };
  if (list[0]?.text === 'class' && list[1]?.text !== '(') return { form: 'class', ...plain };
  if (first === 'function') return { form: 'function', ...plain };
  const start = isAsync ? 1 : 0;
  const afterParameters = first === '(' ? (closing.get(start) ?? start) + 1 : start + 1;
  if (list[afterParameters]?.text === '=>') return { form: 'arrow', ...plain };
  return { form: 'method', ...methodShape(list) };
}

function methodShape(list: readonly Token[]): { modifiers: string; parameters: number } {
  let modifiers = '';
  let at = 0;
  while (isModifier(list, at)) {
    const { text } = list[at] as Token;
    if (text === 'async') modifiers = 'async ';
    if (text === '*') modifiers += '*';
    at += 1;
  }
  if (list[at]?.text !== '[') return { modifiers, parameters: at + 1 };
  let depth = 0;
  for (; at < list.length; at++) {
    const { kind, text } = list[at] as Token;
    if (kind !== 'mark') continue;
    if (text === '[') depth += 1;
    if (text === ']') depth -= 1;
    if (depth === 0) break;
  }
  return { modifiers, parameters: at + 1 };
}

function isModifier(list: readonly Token[], at: number): boolean {
  const { kind, text } = list[at] as Token;
  if (kind === 'mark') return text === '*';
  return (
    kind === 'name' &&
    (text === 'async' || text === 'get' || text === 'set' || text === 'static') &&
    list[at + 1]?.text !== '('
  );
}
