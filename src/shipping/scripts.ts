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

/** So many are remembered: each `eval` is a script. */
const MOST = 10_000;

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
  know(new Map([[scriptId, url]]));
}

function know(scripts: ReadonlyMap<string, string>): void {
  if (urls.size + scripts.size > MOST) urls.clear();
  for (const [id, url] of scripts) urls.set(id, url);
}

/** The URL of a script that has been found before, or is in the cheap list; empty for one that has none. Cost: 3 to 10 ms, in a large program 40. */
export function listedUrl(inspector: Inspector, scriptId: string): string | undefined {
  if (!(urls.has(scriptId) || unlisted.has(scriptId))) {
    know(inspector.usedScripts());
    if (unlisted.size >= MOST) unlisted.clear();
    if (!urls.has(scriptId)) unlisted.add(scriptId);
  }
  return urls.get(scriptId);
}

/** The same from both lists: the cheap one leaves out scripts that were not used of late. 60 ms. */
export function anyUrl(inspector: Inspector, scriptId: string): string | undefined {
  const listed = listedUrl(inspector, scriptId);
  if (listed !== undefined) return listed;
  know(inspector.allScripts());
  return urls.get(scriptId);
}
