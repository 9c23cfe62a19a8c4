/**
 * The guard against a worker that starts itself over and over: while a worker imports the module of a task, no work may start in it.
 *
 * @module
 */
import { ImportingWorker } from './errors.ts';

/** The modules that are being imported for their tasks; one list for all copies of this package in the heap. */
const KEY = Symbol.for('skein.shipping.importing');
const holder = globalThis as { [KEY]?: string[] };
holder[KEY] ??= [];
const importing: string[] = holder[KEY];

/** Imports a module of a task. Until it has been evaluated, `refuseWhileImporting` throws. */
export async function importGuarded(url: string): Promise<object> {
  importing.push(url);
  try {
    return (await import(url)) as object;
  } finally {
    importing.splice(importing.indexOf(url), 1);
  }
}

/**
 * Throws an ImportingWorker if a module of a task is being imported in this heap right now.
 *
 * @param what the call that would start work, for the message
 */
export function refuseWhileImporting(what: string): void {
  const url = importing.at(-1);
  if (url !== undefined) throw new ImportingWorker(what, url);
}
