/**
 * Where a function was written, and whether its module exports it. On Node only: the inspector tells the script of a function, and the
 * lists of scripts its URL. Elsewhere nothing is located.
 *
 * @module
 */
import { hostModule, hostProcess, startHostTimer, stopHostTimer } from '../runtime/runtime.ts';
import { loadedCommonJs, memberOfExport, nameOfExport } from './exports.ts';
import { fileUrl } from './file-url.ts';
import { type Inspector, inspect } from './inspector.ts';
import { standsIn } from './script-text.ts';
import { anyUrl, type Location, locationOf } from './scripts.ts';
import type { AnyFunction, ModuleShipment } from './shipment.ts';
import { textOfFunction } from './source.ts';
import { runnerExports } from './transformed.ts';

interface Script {
  readonly url: string;
  /** Of the function. */
  readonly location: Location;
  /** Was it loaded by the host as a module? A test runner or bundler may have evaluated it in another way. */
  readonly isModule: boolean;
}

/**
 * Gives the URL of the file in which a function was written. Cost: 3 to 10 ms for the first of a script, 60 ms if a garbage collection has
 * taken the script from the cheap list, then 0.4 ms.
 */
export function scriptOf(fn: AnyFunction): string | undefined {
  return inspect(fn, findScript)?.url;
}

function findScript(inspector: Inspector): Script | undefined {
  const location = locationOf(inspector);
  if (location === undefined) return undefined;
  const url = fileUrl(anyUrl(inspector, location.scriptId) ?? '');
  if (url === undefined) return undefined;
  const scopes = inspector.internals.find(({ name }) => name === '[[Scopes]]')?.value;
  const isModule =
    scopes !== undefined &&
    inspector.properties(scopes).some(({ value }) => value?.description === 'Module');
  return { url, location, isModule };
}

/**
 * Finds a function among the exports of the module in which it was written. Never in the entry module of the program, which would run
 * again in every worker, and never by evaluating a module that has not been evaluated here. Of one that is only a member of an export it gives the
 * path.
 */
export async function locate(fn: AnyFunction): Promise<ModuleShipment | string | undefined> {
  const script = inspect(fn, findScript);
  if (script === undefined || isEntry(script.url)) return undefined;
  const namespace =
    script.isModule || loadedCommonJs(script.url) !== undefined
      ? await evaluated(script.url)
      : runnerExports(script.url);
  if (namespace === undefined) return undefined;
  const name = nameOfExport(namespace, fn, script.url);
  if (name === undefined) return memberOfExport(namespace, fn, script.url);
  const text = textIn(script, fn);
  return { kind: 'module', url: script.url, name, declared: false, ...(text && { text }) };
}

/** The text by which the worker knows the function again: what stands in the file, which it reads too, and not what somebody here made of it. */
function textIn({ url, location }: Script, fn: AnyFunction): string | undefined {
  const text = textOfFunction(fn);
  const isThere = [0, text.indexOf('(')].some((from) =>
    standsIn(url, location, text.slice(Math.max(from, 0))),
  );
  return isThere ? text : undefined;
}

/** How long a module may need that is still being evaluated; one that waits for this very call would never be done. */
const PATIENCE = 2000;

function evaluated(url: string): Promise<object | undefined> {
  return new Promise((resolve) => {
    const timer = startHostTimer(() => resolve(undefined), PATIENCE);
    const end = (namespace: object | undefined): void => {
      stopHostTimer(timer);
      resolve(namespace);
    };
    (import(url) as Promise<object>).then(end, () => end(undefined));
  });
}

function isEntry(url: string): boolean {
  const path = (hostProcess() as { argv?: readonly string[] } | undefined)?.argv?.[1];
  if (path === undefined) return false;
  const node = hostModule<typeof import('node:url')>('node:url');
  const fs = hostModule<typeof import('node:fs')>('node:fs');
  const entry = node?.pathToFileURL(path).href ?? '';
  if (sameModule(entry, url)) return true;
  try {
    return sameModule(node?.pathToFileURL(fs?.realpathSync(path) ?? '').href ?? '', url);
  } catch {
    return false;
  }
}

/** The command line may leave out the extension of a CommonJS entry, or its `/index.js`. */
function sameModule(entry: string, url: string): boolean {
  const file = url.replace(/[?#].*$/, '');
  return (
    file === entry ||
    (file.startsWith(entry) && /^(?:\/index)?\.[cm]?[jt]s$/.test(file.slice(entry.length)))
  );
}
