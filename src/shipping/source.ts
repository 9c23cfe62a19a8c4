/**
 * The text of a function as an expression that another heap can evaluate, and the evaluation.
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';
import type { FunctionText } from './free-variables.ts';
import type { AnyFunction, SourceShipment } from './shipment.ts';
import type { Token } from './tokens.ts';

/** What a test runner makes of `import()` when it transforms a module. */
const TRANSFORMED_IMPORT = '__vite_ssr_dynamic_import__';

/** Names that every text finds in the worker although no heap has them: what a compiler writes into functions. */
export const PROVIDED: ReadonlySet<string> = new Set(['__name', TRANSFORMED_IMPORT]);

/** Makes an expression of the text of a function. A method, getter or setter becomes a function of the same name. */
export function expressionOf(text: string, read: FunctionText, name: string): string {
  if (read.form !== 'method') return renamed(text, read.tokens, 0);
  const first = read.tokens[read.parameters] as Token;
  const rest = renamed(text.slice(first.start), read.tokens.slice(read.parameters), first.start);
  const key = JSON.stringify(name);
  return `({ ${read.modifiers}[${key}]${rest} })[${key}]`;
}

/** Undoes the transformation of `import()`. */
function renamed(text: string, tokens: readonly Token[], offset: number): string {
  let out = '';
  let done = 0;
  for (const { kind, text: name, start, end } of tokens) {
    if (kind !== 'name' || name !== TRANSFORMED_IMPORT) continue;
    out += `${text.slice(done, start - offset)}import`;
    done = end - offset;
  }
  return out + text.slice(done);
}

type Vm = typeof import('node:vm');

/** Evaluates the text in strict mode, with `this` undefined. Its `import()`s are resolved against `base` where the host can do that. */
export function evaluate({ text, name, base }: SourceShipment): AnyFunction {
  const body = `'use strict'; return (${text}\n);`;
  const fn = compile(body, base)(setName) as AnyFunction;
  if (fn.name !== name) setName(fn, name);
  return fn;
}

function compile(body: string, base: string | undefined): AnyFunction {
  const vm = hostModule<Vm>('node:vm');
  const loader = vm?.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (vm === undefined || loader === undefined || base === undefined) {
    return new Function('__name', body) as AnyFunction;
  }
  return vm.compileFunction(body, ['__name'], {
    filename: base,
    importModuleDynamically: loader,
  }) as AnyFunction;
}

/** `__name` of esbuild and tsx. */
function setName<F extends AnyFunction>(fn: F, name: string): F {
  return Object.defineProperty(fn, 'name', { value: name, configurable: true });
}
