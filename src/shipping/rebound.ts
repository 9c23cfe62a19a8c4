/**
 * Whether the name by which a function calls itself has come to mean something else: `fib = memoize(fib)`. Then the text of `fib` means the new
 * one here, and would mean itself in a worker. On Node only, where the inspector tells what a name means; elsewhere it is taken to mean the
 * function.
 *
 * @module
 */
import { capturesOf } from './captured.ts';
import type { FunctionText } from './free-variables.ts';
import { type Inspector, inspect } from './inspector.ts';
import { positionOf } from './script-text.ts';
import { locationOf } from './scripts.ts';
import type { AnyFunction } from './shipment.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Gives what the function's own name means by now; undefined when it means the function. Cost: 0.5 to 1 ms, 60 ms if the source must be read. */
export function reboundTo(fn: AnyFunction, name: string, read: FunctionText): string | undefined {
  const { variables, own } = capturesOf(fn, { ...read, free: [name] });
  if (own.includes(name)) return undefined;
  const what = variables.get(name) ?? globalOf(fn, name, variables);
  return what !== undefined && isDeclared(fn) ? what : undefined;
}

/** A function that was declared by a script and not in a module is a property of the global object. */
function globalOf(
  fn: AnyFunction,
  name: string,
  variables: ReadonlyMap<string, unknown>,
): string | undefined {
  if (variables.has(name) || !Object.hasOwn(globalThis, name)) return undefined;
  const value: unknown = Reflect.get(globalThis, name);
  return value === fn ? undefined : `a ${typeof value}`;
}

/**
 * Whether it was declared, as in `function fib() {}`. The name of a function expression is its own and always means it, whatever a
 * variable of that name around it may be; and the text is the same for both.
 */
function isDeclared(fn: AnyFunction): boolean {
  return inspect(fn, (inspector) => !isOperand(tokensBefore(inspector))) ?? true;
}

/** What stands before its parameters. */
function tokensBefore(inspector: Inspector): readonly Token[] {
  const location = locationOf(inspector);
  if (location === undefined) return [];
  const source = inspector.sourceOf(location.scriptId);
  return tokensOf(source.slice(0, positionOf(source, location))).list;
}

/** After these marks and words comes an expression. */
const MARKS = new Set(
  '= ( [ , ? : ! ~ & && | || ?? => += &&= ||= ??= == === != !== ...'.split(' '),
);
const WORDS = new Set(
  'return typeof void await yield new in of case throw delete instanceof extends'.split(' '),
);

function isOperand(tokens: readonly Token[]): boolean {
  let at = tokens.length - 1;
  while (at >= 0 && tokens[at]?.text !== 'function') at -= 1;
  const before = tokens[tokens[at - 1]?.text === 'async' ? at - 2 : at - 1];
  if (before === undefined) return false;
  return before.kind === 'mark'
    ? MARKS.has(before.text)
    : before.kind === 'template'
      ? before.text.endsWith('${')
      : before.kind === 'name' && WORDS.has(before.text);
}
