/**
 * The text of a function as an expression that another heap can evaluate, and the evaluation.
 *
 * @module
 */
import { functionName } from '../core/function-name.ts';
import { hostModule, hostProcess } from '../runtime/runtime.ts';
import type { FunctionText } from './free-variables.ts';
import { importGuarded, isWorker } from './importing.ts';
import type { AnyFunction, SourceShipment } from './shipment.ts';
import { GUARDED_IMPORT, withImports } from './transformed.ts';

/** Names that every text finds in the worker although no heap has them: what compilers write into functions. */
export const PROVIDED: ReadonlySet<string> = new Set(['__name']);

/** An expression whose value is a function. */
export interface Expression {
  readonly text: string;
  /**
   * The character whose place the host tells, the first of an arrow function, otherwise the first parenthesis: where it is in the
   * expression, and in the text of the function.
   */
  readonly at: number;
  readonly from: number;
}

/** Makes an expression of the text of a function. A method, getter or setter becomes a function of the same name. */
export function expressionOf(
  text: string,
  read: FunctionText,
  name: string,
  base: string | undefined,
): Expression {
  if (read.form !== 'method') {
    const from = read.form === 'arrow' ? 0 : text.indexOf('(');
    return { text: withImports(text, read.tokens, 0, base), at: from, from };
  }
  const from = read.tokens[read.parameters]?.start ?? 0;
  const key = JSON.stringify(name);
  const prefix = `({ ${read.modifiers}[${key}]`;
  const body = withImports(text, read.tokens, from, base);
  return { text: `${prefix}${body} })[${key}]`, at: prefix.length, from };
}

const textOf = Function.prototype.toString;

/**
 * The text of a function as it was written, whatever the program has put in the place of `toString`: one that is inside of a text which was sent here
 * goes on as it came.
 */
export function textOfFunction(fn: AnyFunction): string {
  const text: string = Reflect.apply(textOf, fn, []);
  return isWorker() ? text.replaceAll(GUARDED_IMPORT, 'import') : text;
}

type Vm = typeof import('node:vm');

/**
 * Evaluates the text, in strict mode unless it was sloppy where it was written. Its `import()`s are resolved against `base` where the host can do that, and
 * stacks show it where it was written.
 */
export function evaluate(shipment: SourceShipment): AnyFunction {
  const { name } = shipment;
  const fn = compile(shipment)(setName, importWhat);
  if (functionName(fn) !== name) setName(fn, name);
  return fn;
}

const mode = (sloppy: boolean): string => (sloppy ? '' : "'use strict'; ");

/** The body of a function that gives the value of an expression. */
export function bodyOf(expression: string, sloppy: boolean): string {
  return `${mode(sloppy)}return (${expression}\n);`;
}

/** What `import()` is in the text: written beside it, because it counts where it is written from. */
const IMPORT = `const ${GUARDED_IMPORT} = (from, how) => __import(from, () => import(from, how)); `;

type Make = (name: typeof setName, load: typeof importWhat) => AnyFunction;

function compile({ text, base, place, sloppy }: SourceShipment): Make {
  const imports = text.includes(GUARDED_IMPORT);
  const before = `${mode(sloppy === true)}${imports ? IMPORT : ''}return (`;
  const body = `${before}${text}\n);`;
  const vm = hostModule<Vm>('node:vm');
  const loader = vm?.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const { url = base, line = 0, column = 0 } = place ?? {};
  if (vm === undefined || loader === undefined || url === undefined) {
    return new Function(...PARAMETERS, body) as Make;
  }
  const mayImport = imports || MAY_IMPORT.test(text);
  if (mayImport) warnUnheard(vm, loader);
  return vm.compileFunction(body, PARAMETERS, {
    filename: fileNameOf(url),
    lineOffset: line,
    // The text begins behind what is put before it, and never where a file does: only a module begins there.
    columnOffset: Math.max(column, line === 0 ? 1 : 0) - before.length,
    ...(mayImport && { importModuleDynamically: loader }),
  }) as Make;
}

const PARAMETERS = ['__name', '__import'];

function importWhat(specifier: unknown, load: () => Promise<object>): Promise<object> {
  const name = String(specifier);
  // They start nothing, and what they make is for whoever comes later, too.
  return /^(?:node:|skein$|skein\/)/.test(name) ? load() : importGuarded(name, load);
}

/** To be ready for imports takes a new worker a millisecond. */
const MAY_IMPORT = /\b(?:import|eval|Function)\b/;

/**
 * Bun 1.4 resolves imports against a path only. And a file that was loaded here too may have a source map: frames are mapped by the other
 * side, which knows all of them, and must not be mapped twice.
 */
function fileNameOf(url: string): string {
  if (isMapped(url)) return `${url}#`;
  if (!('Bun' in globalThis && url.startsWith('file:'))) return url;
  const { pathname, hash } = new URL(url);
  return decodeURI(pathname) + hash;
}

function isMapped(url: string): boolean {
  if (hostProcess()?.sourceMapsEnabled !== true) return false;
  const module = hostModule<typeof import('node:module')>('node:module');
  return module?.findSourceMap?.(url) !== undefined;
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
