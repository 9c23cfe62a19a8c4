/**
 * The text of a function as an expression that another heap can evaluate, and the evaluation.
 *
 * @module
 */
import { hostModule, hostProcess } from '../runtime/runtime.ts';
import type { FunctionText } from './free-variables.ts';
import type { AnyFunction, SourceShipment } from './shipment.ts';
import { withImports } from './transformed.ts';

/** Names that every text finds in the worker although no heap has them: what compilers write into functions. */
export const PROVIDED: ReadonlySet<string> = new Set(['__name']);

/** Makes an expression of the text of a function. A method, getter or setter becomes a function of the same name. */
export function expressionOf(
  text: string,
  read: FunctionText,
  name: string,
  base: string | undefined,
): string {
  if (read.form !== 'method') return withImports(text, read.tokens, 0, base);
  const from = read.tokens[read.parameters]?.start ?? 0;
  const key = JSON.stringify(name);
  return `({ ${read.modifiers}[${key}]${withImports(text, read.tokens, from, base)} })[${key}]`;
}

type Vm = typeof import('node:vm');

/** Evaluates the text in strict mode, with `this` undefined. Its `import()`s are resolved against `base` where the host can do that. */
export function evaluate({ text, name, base }: SourceShipment): AnyFunction {
  const fn = compile(bodyOf(text), base)(setName) as AnyFunction;
  if (fn.name !== name) setName(fn, name);
  return fn;
}

/** The body of a function that gives the value of an expression. */
export function bodyOf(expression: string): string {
  return `'use strict'; return (${expression}\n);`;
}

function compile(body: string, base: string | undefined): AnyFunction {
  const vm = hostModule<Vm>('node:vm');
  const loader = vm?.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  if (vm === undefined || loader === undefined || base === undefined) {
    return new Function('__name', body) as AnyFunction;
  }
  warnUnheard(vm, loader);
  return vm.compileFunction(body, ['__name'], {
    filename: base,
    importModuleDynamically: loader,
  }) as AnyFunction;
}

let warned = false;

/**
 * Node warns that this way of importing is experimental, on standard error and once in a heap, when it is first used. The user has not
 * chosen it, so it is first used here, while nobody listens.
 */
function warnUnheard(vm: Vm, importModuleDynamically: number): void {
  const host = hostProcess() as { emitWarning?: unknown } | undefined;
  if (warned || host === undefined) return;
  warned = true;
  const { emitWarning } = host;
  host.emitWarning = () => {};
  try {
    const first = vm.compileFunction("return import('node:vm')", [], { importModuleDynamically });
    (first as () => Promise<unknown>)().catch(() => {});
  } finally {
    host.emitWarning = emitWarning;
  }
}

/** `__name` of esbuild and tsx. */
function setName<F extends AnyFunction>(fn: F, name: string): F {
  return Object.defineProperty(fn, 'name', { value: name, configurable: true });
}
