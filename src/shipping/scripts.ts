/**
 * The scripts of this heap as the inspector knows them: a function tells the number of its script, and only lists of scripts their URLs.
 *
 * @module
 */
import type { Inspector } from './inspector.ts';

/** What the host tells of a function: its script, and the place in it, from 0. */
export interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** URLs by script: listing the scripts takes milliseconds. */
const urls = new Map<string, string>();
/** Those that the cheap list did not have when it was asked. */
const unlisted = new Set<string>();

/** The location of the function that the inspector was asked about. */
export function locationOf({ internals }: Inspector): Location | undefined {
  const found = internals.find(({ name }) => name === '[[FunctionLocation]]');
  return found?.value?.value as Location | undefined;
}

/** The URL of a script, if it has been found before. */
export function knownUrl(scriptId: string): string | undefined {
  return urls.get(scriptId);
}

/** Remembers it. */
export function knowUrl(scriptId: string, url: string): void {
  urls.set(scriptId, url);
}

/** The URL of a script that has been found before, or is in the cheap list; empty for one that has none. Cost: 3 to 10 ms, in a large program 40. */
export function listedUrl(inspector: Inspector, scriptId: string): string | undefined {
  if (!(urls.has(scriptId) || unlisted.has(scriptId))) {
    for (const [id, url] of inspector.usedScripts()) urls.set(id, url);
    if (!urls.has(scriptId)) unlisted.add(scriptId);
  }
  return urls.get(scriptId);
}

/** The same from both lists: the cheap one leaves out scripts that were not used of late. 60 ms. */
export function anyUrl(inspector: Inspector, scriptId: string): string | undefined {
  const listed = listedUrl(inspector, scriptId);
  if (listed !== undefined) return listed;
  for (const [id, url] of inspector.allScripts()) urls.set(id, url);
  return urls.get(scriptId);
}
