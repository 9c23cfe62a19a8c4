/**
 * Where the text of a function stands in its file: what stacks of the worker say. The inspector tells script, line and column of a function
 * within 0.2 ms, and nothing but a list of all scripts tells the file of a script; a file around the call is looked at first, which
 * mostly is the one. On Node only; elsewhere the file of the call is all that is known.
 *
 * @module
 */
import { placeOf } from '../runtime/call-site.ts';
import { fileOfPlace, fileUrl } from './file-url.ts';
import { type Inspector, inspect } from './inspector.ts';
import { LINE, standsIn } from './script-text.ts';
import { knownUrl, knowUrl, type Location, listedUrl, locationOf } from './scripts.ts';
import type { AnyFunction, Site, TextPlace } from './shipment.ts';

/** An expression that was made of the text of a function. */
export interface Source {
  /** The text, from the character whose place the host tells. */
  readonly located: string;
  /** What comes before that in the expression. */
  readonly lead: string;
}

/** Finds the place of an expression. */
export function placeOfText(
  fn: AnyFunction,
  source: Source,
  site: Site | undefined,
): TextPlace | undefined {
  return inspect(fn, (inspector) => found(inspector, source, site)) ?? around(fn, site);
}

function found(
  inspector: Inspector,
  { located, lead }: Source,
  site: Site | undefined,
): TextPlace | undefined {
  const location = locationOf(inspector);
  if (location === undefined) return undefined;
  const { scriptId, lineNumber, columnNumber } = location;
  const url =
    knownUrl(scriptId) ?? urlAround(location, located, site) ?? listedUrl(inspector, scriptId);
  if (url === undefined || url === '') return undefined;
  const before = lead.split(LINE);
  return {
    url: fileUrl(url) ?? url,
    line: lineNumber - before.length + 1,
    column: before.length === 1 ? columnNumber - lead.length : 0,
  };
}

/** The first file of the call in which this text stands at that place. */
function urlAround(location: Location, text: string, site: Site | undefined): string | undefined {
  const files = new Set<string>();
  for (const line of site?.frames.split('\n') ?? []) {
    const file = fileOfPlace(placeOf(line));
    if (file !== undefined) files.add(file);
  }
  for (const file of files) {
    if (!standsIn(file, location, text)) continue;
    knowUrl(location.scriptId, file);
    return file;
  }
  return undefined;
}

/** All that is known where the host does not tell: the file of the call. Lines are those of the text, and the fragment says so. */
function around({ name }: AnyFunction, site: Site | undefined): TextPlace | undefined {
  // A call in a body that was sent has a fragment already.
  const file = fileOfPlace(site?.place)?.split('#', 1)[0];
  if (file === undefined) return undefined;
  return { url: `${file}#${encodeURIComponent(name || 'function')}`, line: 0, column: 0 };
}
