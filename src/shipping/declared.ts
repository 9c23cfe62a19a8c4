/**
 * Functions declared as tasks: known by the URL of their module and a name, as Python pickles functions by qualified name.
 *
 * @module
 */

import { describe, requireFunction, requireString } from '../core/arguments.ts';
import { functionName } from '../core/function-name.ts';
import { hostModule } from '../runtime/runtime.ts';
import type { AnyFunction, ModuleShipment } from './shipment.ts';

interface Declaration {
  readonly fn: AnyFunction;
  /** The `import.meta` or text by which it was declared: another one is another evaluation of the module. */
  readonly where: ImportMeta | string;
}

interface Registry {
  readonly byPlace: Map<string, Map<string, Declaration>>;
  readonly byFunction: WeakMap<AnyFunction, ModuleShipment>;
}

/** One registry for all copies of this package in the heap. */
const KEY = Symbol.for('skein.shipping.tasks');
const holder = globalThis as { [KEY]?: Registry };
holder[KEY] ??= { byPlace: new Map(), byFunction: new WeakMap() };
const registry: Registry = holder[KEY];

/**
 * Declares a function as a task: a worker that shall run it imports the module `where` and finds the function by its name. It may
 * use whatever its module imports and defines, runs on every runtime and engine, and stays callable in place: the function itself is
 * returned. Declare tasks at the top level of a module that starts nothing when it is imported, because every worker imports it.
 *
 * @param where `import.meta` of the module that makes this call; its URL or, in CommonJS, its `__filename`
 * @param fn any function; each worker has its own copy of the variables it shares with its module
 * @param name default: that of the function. Needed for one without
 * @throws TypeError if `where` is no absolute URL or path, `fn` is no function or has no name, or the module has declared another
 *   function under this name
 *
 * Cost: about 1 µs, once for each function.
 *
 * @example
 * ```ts
 * import { task } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const add = task(import.meta, function add(a: number, b: number) {
 *   return a + b;
 * });
 * assert.equal(add(1, 2), 3);
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: functions of all shapes must fit.
export function task<F extends (...args: any[]) => any>(
  where: ImportMeta | string | URL,
  fn: F,
  name?: string,
): F {
  const url = urlOf(where);
  requireFunction(fn, 'fn');
  const title = name ?? functionName(fn);
  requireString(title, 'name');
  if (title === '') throw new TypeError('Expected name of an anonymous function to be given');
  declare({ kind: 'module', url, name: title, declared: true }, fn, isMeta(where) ? where : url);
  return fn;
}

function declare(shipment: ModuleShipment, fn: AnyFunction, where: ImportMeta | string): void {
  const { url, name } = shipment;
  const names = registry.byPlace.get(url) ?? new Map<string, Declaration>();
  registry.byPlace.set(url, names);
  const known = names.get(name);
  if (
    known !== undefined &&
    known.fn !== fn &&
    known.where === where &&
    differs(known.fn, fn, where)
  ) {
    throw new TypeError(
      `Expected names of tasks to be unique: "${name}" is declared twice in ${url}. ` +
        'Give one of them another name, and declare tasks at the top level of their module only',
    );
  }
  names.set(name, { fn, where });
  if (!registry.byFunction.has(fn)) registry.byFunction.set(fn, shipment);
}

/** Of a module known by its URL only, a function with the same text may be the same one after the module was loaded again. */
function differs(known: AnyFunction, fn: AnyFunction, where: ImportMeta | string): boolean {
  return typeof where !== 'string' || String(known) !== String(fn);
}

/** Gives how a function was declared, if it was. */
export function declarationOf(fn: AnyFunction): ModuleShipment | undefined {
  return registry.byFunction.get(fn);
}

/** Makes a function known by the place where it can be imported, without a declaration there. */
export function place(fn: AnyFunction, shipment: ModuleShipment): void {
  registry.byFunction.set(fn, shipment);
}

/** Gives the function that a module has declared under a name. */
export function declaredAt(url: string, name: string): AnyFunction | undefined {
  return registry.byPlace.get(url)?.get(name)?.fn;
}

function isMeta(where: unknown): where is ImportMeta {
  return typeof where === 'object' && where !== null && !(where instanceof URL);
}

/** Turns what users say of a module, in the option `name`, into its URL. */
export function urlOf(where: ImportMeta | string | URL, name = 'where'): string {
  const text: unknown = isMeta(where) ? where.url : where;
  if (text instanceof URL) return text.href;
  if (typeof text !== 'string') {
    throw new TypeError(
      `Expected ${name} to be import.meta, or the URL or path of a module: got ${describe(where)}`,
    );
  }
  if (/^(?:[a-zA-Z]:)?[\\/]/.test(text)) {
    const url = hostModule<typeof import('node:url')>('node:url');
    if (url !== undefined) return url.pathToFileURL(text).href;
  }
  if (/^[a-zA-Z][\w+.-]*:/.test(text)) return text;
  throw new TypeError(
    `Expected ${name} to be an absolute URL or path: got ${describe(text)}. Write new URL(${describe(text)}, import.meta.url)`,
  );
}
