/**
 * The worker's side: from what travelled to a function that can be called.
 *
 * @module
 */
import { textOf } from '../core/arguments.ts';
import { declaredAt } from './declared.ts';
import { TaskNotFound } from './errors.ts';
import { exportOf, functionNames } from './exports.ts';
import { importGuarded, workHere } from './importing.ts';
import type { AnyFunction, ModuleShipment, Shipment } from './shipment.ts';
import { evaluate, textOfFunction } from './source.ts';

/** The modules that have been imported here. */
const namespaces = new Map<string, object>();

/**
 * Gives the function of a shipment: at once where it is source text or its module has been imported before, otherwise a promise.
 * Rejects with TaskNotFound if the module cannot be imported or does not hold the function, and with ImportingWorker if the module
 * starts work when it is imported.
 */
export function load(shipment: Shipment): AnyFunction | Promise<AnyFunction> {
  workHere();
  if (shipment.kind === 'source') return evaluate(shipment);
  const namespace = namespaces.get(shipment.url);
  return namespace === undefined ? imported(shipment) : find(shipment, namespace);
}

async function imported(shipment: ModuleShipment): Promise<AnyFunction> {
  const { url, name, declared } = shipment;
  // What is declared in the file with which the worker was started has not been imported, and cannot be.
  const known = declared ? declaredAt(url, name) : undefined;
  if (known !== undefined) return known;
  let namespace: object;
  try {
    namespace = await importGuarded(url, () => import(url) as Promise<object>);
  } catch (error) {
    if ((error as { readonly code?: unknown } | null)?.code === 'ERR_IMPORTING_WORKER') throw error;
    throw notLoaded(shipment, error);
  }
  namespaces.set(url, namespace);
  return find(shipment, namespace);
}

function find({ url, name, declared, text }: ModuleShipment, namespace: object): AnyFunction {
  const found = declared ? declaredAt(url, name) : exportOf(namespace, name, url);
  if (typeof found === 'function') {
    if (text === undefined || textOfFunction(found as AnyFunction) === text) {
      return found as AnyFunction;
    }
    throw new TaskNotFound(
      `Cannot find the function "${name}" in ${url}: in the worker it exports another function by that name. ` +
        'Declare the function with task(import.meta, …) at the top level of the module, under a name of its own',
      url,
      name,
    );
  }
  if (declared) {
    throw new TaskNotFound(
      `Cannot find the task "${name}" in ${url}: importing that module in the worker did not declare it. ` +
        'Move task() to the top level of the module, out of the function or condition it is in',
      url,
      name,
    );
  }
  const exports = functionNames(namespace, url);
  throw new TaskNotFound(
    `Cannot find the function "${name}" in ${url}: it exports ${
      found === undefined ? 'nothing of that name' : `something of that name, which is no function`
    }. Its functions are ${exports.length === 0 ? 'none' : exports.join(', ')}`,
    url,
    name,
  );
}

function notLoaded({ url, name }: ModuleShipment, cause: unknown): TaskNotFound {
  const message = textOf(cause).split('\n', 1)[0];
  return new TaskNotFound(
    `Cannot load ${url} for the task "${name}" in the worker: ${message}${adviceFor(url, cause)}`,
    url,
    name,
    { cause },
  );
}

function adviceFor(url: string, cause: unknown): string {
  if (
    /\b[Vv]itest\b|__vite_ssr_/.test(textOf(cause)) ||
    /[._](?:test|spec)\.[cm]?[jt]sx?$/.test(url)
  ) {
    return '. The file of a test runs in its runner only: move the task to a module of its own, which the test imports';
  }
  const { code, url: missing } = (cause ?? {}) as {
    readonly code?: unknown;
    readonly url?: unknown;
  };
  if (missing === url) return '';
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return '. The runtime strips types only: enum, namespace and parameter properties need a build';
  }
  if (
    code === 'ERR_UNKNOWN_FILE_EXTENSION' ||
    code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING'
  ) {
    return '. A worker imports modules as the runtime does, without the transformations of a bundler or runner';
  }
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT') {
    return '. A worker imports modules as the runtime does: relative imports need their file extension, and aliases of a bundler are not known';
  }
  return '';
}
