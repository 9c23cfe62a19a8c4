/**
 * Finds the user's function: `./module.ts#name`.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NeverSettled, NOTHING_COMES, oneLine, UsageError } from './failure.ts';
import { whenIdle } from './idle.ts';

/** Any function of one item. */
export type UserFunction = (item: unknown, context: unknown) => unknown;

/** Imports the module and picks the export: the named one, else the default one, else the only function there is. */
export async function loadFunction(spec: string): Promise<UserFunction> {
  const hash = spec.lastIndexOf('#');
  const path = hash < 0 ? spec : spec.slice(0, hash);
  const name = hash < 0 ? undefined : spec.slice(hash + 1);
  const exports = await importModule(path);
  const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function');
  const only = functions.length === 1 ? functions[0] : undefined;
  const found = exports[name ?? ('default' in exports ? 'default' : (only ?? 'default'))];
  if (typeof found === 'function') return found as UserFunction;
  const has = functions.length === 0 ? 'it exports none' : `it exports ${functions.join(', ')}`;
  const wanted = name === undefined ? 'a default function' : `a function ${name}`;
  throw new UsageError(`Cannot find ${wanted} in ${path}: ${has}`);
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path);
  let url: string;
  if (existsSync(file)) {
    url = pathToFileURL(file).href;
  } else {
    try {
      url = pathToFileURL(createRequire(resolve('command.js')).resolve(path)).href;
    } catch (error) {
      throw new UsageError(`Cannot find module ${path}: no such file or package`, { cause: error });
    }
  }
  const { promise: never, reject } = Promise.withResolvers<never>();
  const loaded = whenIdle(() => {
    reject(new NeverSettled(`Cannot load ${path}: ${NOTHING_COMES}`));
    return true;
  });
  try {
    return (await Promise.race([import(url), never])) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof NeverSettled) throw error;
    throw new UsageError(`Cannot load ${path}: ${oneLine(error)}`, { cause: error });
  } finally {
    loaded();
  }
}
