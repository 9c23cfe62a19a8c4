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
  return inspect(fn, (inspector) => !isOperand(textBefore(inspector))) ?? true;
}

/** What stands before `function`; nothing where that is not found. */
function textBefore(inspector: Inspector): string {
  const location = locationOf(inspector);
  if (location === undefined) return '';
  const source = inspector.sourceOf(location.scriptId);
  const before = source.slice(0, positionOf(source, location));
  const word = /(?:\basync\s+)?\bfunction\b\s*\*?\s*[^\s(*/]*\s*$/.exec(before);
  return word === null ? '' : before.slice(0, word.index);
}

/** After these marks and words comes an expression. */
const OPERAND =
  /(?:[=([,?:!~&|<>%^*]|\$\{|\b(?:return|typeof|void|await|yield|new|in|of|case|throw|delete|instanceof|extends))$/;

/** Whether what follows a text is an expression. Where a comment may be something else both readings must say so. */
function isOperand(before: string): boolean {
  const text = before.trimEnd();
  if (text.endsWith('*/')) return isOperand(text.slice(0, text.lastIndexOf('/*')));
  const line = text.lastIndexOf('\n') + 1;
  const comment = text.indexOf('//', line);
  return OPERAND.test(text) && (comment === -1 || isOperand(text.slice(0, comment)));
}
