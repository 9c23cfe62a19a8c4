/**
 * What a module exports. A CommonJS module exports one value: what is on that counts too, whether the host has found it in the text of the
 * module or not.
 *
 * @module
 */

import { hostModule } from '../runtime/runtime.ts';

interface Namespace {
  readonly [name: string]: unknown;
}

/** An export by its name; undefined where there is none. */
export function exportOf(namespace: object, name: string, url: string): unknown {
  const found = (namespace as Namespace)[name];
  if (typeof found === 'function') return found;
  if (name === 'default' && isCompiled(found)) return found.default;
  const whole = name in namespace ? undefined : wholeOf(namespace, url);
  return whole === undefined ? found : memberOf(whole, name);
}

/** What a compiler has made of a module: its `export default` is one of the things on it. */
function isCompiled(value: unknown): value is Namespace {
  return typeof value === 'object' && value !== null && Reflect.get(value, '__esModule') === true;
}

/** The name under which a function is exported. */
export function nameOfExport(namespace: object, fn: unknown, url: string): string | undefined {
  const whole = wholeOf(namespace, url);
  return keyOf(namespace, fn) ?? (whole && keyOf(whole, fn));
}

/** Such as `api.load`, for a function that is a member of something which is exported. */
export function memberOfExport(namespace: object, fn: unknown, url: string): string | undefined {
  for (const exports of [namespace, wholeOf(namespace, url)]) {
    for (const name of exports === undefined ? [] : Object.keys(exports)) {
      const key = keyIn(exportAt(exports as Namespace, name), fn);
      if (key !== undefined) return `${name}.${key}`;
    }
  }
  return undefined;
}

/** The key of an object or class under which a function is, without a call of any getter. */
function keyIn(holder: unknown, fn: unknown): string | undefined {
  if ((typeof holder !== 'object' || holder === null) && typeof holder !== 'function') {
    return undefined;
  }
  if (isProxy(holder)) return undefined;
  return Object.getOwnPropertyNames(holder).find(
    (key) => Object.getOwnPropertyDescriptor(holder, key)?.value === fn,
  );
}

/** Its traps are code of the user. */
function isProxy(value: unknown): boolean {
  const util = hostModule<typeof import('node:util')>('node:util');
  return util?.types.isProxy(value) === true;
}

/** The names of all functions that are exported. */
export function functionNames(namespace: object, url: string): readonly string[] {
  const whole = wholeOf(namespace, url);
  const names = [...Object.keys(namespace), ...(whole === undefined ? [] : Object.keys(whole))];
  return [...new Set(names)].filter((name) => {
    if (name === 'module.exports') return false;
    try {
      return typeof exportOf(namespace, name, url) === 'function';
    } catch {
      // It has a getter.
      return false;
    }
  });
}

/** What a CommonJS module has assigned to `module.exports`, if something can be on it. */
function wholeOf(namespace: object, url: string): Namespace | undefined {
  const exports = namespace as Namespace;
  // Node 22 does not tell it of the module itself.
  const whole =
    'module.exports' in exports ? exports['module.exports'] : loadedCommonJs(url)?.exports;
  const isObject = typeof whole === 'object' && whole !== null;
  const isWhole = isObject || typeof whole === 'function';
  return isWhole && whole === exports.default ? (whole as Namespace) : undefined;
}

/** The CommonJS module of a file, if it has been loaded. */
export function loadedCommonJs(url: string): { readonly exports: unknown } | undefined {
  if (!url.startsWith('file:')) return undefined;
  const node = hostModule<typeof import('node:module')>('node:module');
  const paths = hostModule<typeof import('node:url')>('node:url');
  return paths && node?.createRequire(url).cache[paths.fileURLToPath(url)];
}

/** Whether a file has been loaded as CommonJS, where `import.meta` is none. */
export function isCommonJsFile(url: string): boolean {
  const exports = loadedCommonJs(url)?.exports;
  // A module of the other kind can be required, too.
  return exports !== undefined && Object.prototype.toString.call(exports) !== '[object Module]';
}

/** Also one that it has from its class, but not what all functions and objects have. */
function memberOf(whole: Namespace, name: string): unknown {
  const member = whole[name];
  const isEverywhere = [Function.prototype, Object.prototype].some(
    (prototype) => name in prototype && Reflect.get(prototype, name) === member,
  );
  return isEverywhere ? undefined : member;
}

function keyOf(holder: object, fn: unknown): string | undefined {
  return Object.keys(holder).find((key) => exportAt(holder as Namespace, key) === fn);
}

function exportAt(holder: Namespace, key: string): unknown {
  try {
    return holder[key];
  } catch {
    // An export that is not initialised yet.
    return undefined;
  }
}
