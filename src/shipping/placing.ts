/**
 * Gives shipments of source text the place where that stands, so that stacks of a worker name file and line. To look for it takes longer
 * than all else about a small function, and programs write functions inside loops, a new one for each call; so one whose text was seen before
 * is taken for the same, and looked at again only when it has thrown. Then the stack is put right.
 *
 * @module
 */
import { hostProcess } from '../runtime/runtime.ts';
import { placeOfText } from './definition.ts';
import type { EncodedThrown } from './encoded.ts';
import { type Mapper, mapper } from './mapped.ts';
import type { AnyFunction, Shipment, Site, SourceShipment, TextPlace } from './shipment.ts';
import { textOfFunction } from './source.ts';

/** Which character of its text the host tells the place of: where it is in the expression, and in the text of the function. */
export interface Landmark {
  readonly at: number;
  readonly from: number;
}

/** Texts whose places are remembered. */
const MOST = 1000;
/** A text that has been looked at again so often, and was always in the same place, is there. */
const ENOUGH = 8;

interface Known {
  readonly place: TextPlace;
  agreed: number;
}

const byText = new Map<string, Known>();
const landmarks = new WeakMap<Shipment, Landmark>();
const results = new WeakMap<Shipment, SourceShipment>();
/** Of functions that were taken for another of the same text; `truth` once they have been looked at. */
const guesses = new WeakMap<Shipment, { readonly landmark: Landmark; truth?: TextPlace }>();

/** Says of a shipment how its place can be found. */
export function remember(shipment: SourceShipment, landmark: Landmark): void {
  landmarks.set(shipment, landmark);
}

/**
 * The shipment with its place. Apart from `ship`, because nobody needs it before a worker is there.
 *
 * Cost: 0.3 ms for a new text; 3 to 40 ms more if it is from no file around the call, once a file.
 */
export function placed(fn: AnyFunction, shipment: Shipment, site: Site | undefined): Shipment {
  const landmark = landmarks.get(shipment);
  if (landmark === undefined || shipment.kind !== 'source') return shipment;
  let result = results.get(shipment);
  if (result === undefined) {
    result = search(fn, shipment, landmark, site);
    results.set(shipment, result);
  }
  return result;
}

function search(
  fn: AnyFunction,
  shipment: SourceShipment,
  landmark: Landmark,
  site: Site | undefined,
): SourceShipment {
  // Coverage counts by file and character: what it counts in this text would be taken for the file's.
  const { NODE_V8_COVERAGE: coverage } = hostProcess()?.env ?? {};
  if (coverage !== undefined) return shipment;
  const known = byText.get(keyOf(shipment));
  const place = known?.place ?? lookFor(fn, shipment, landmark, site);
  if (place === undefined) return shipment;
  const result = { ...shipment, place };
  if (known === undefined) {
    if (byText.size >= MOST) byText.clear();
    byText.set(keyOf(shipment), { place, agreed: 0 });
  } else if (known.agreed < ENOUGH) guesses.set(result, { landmark });
  return result;
}

function keyOf({ base = '', text }: SourceShipment): string {
  return `${base}\n${text}`;
}

function lookFor(
  fn: AnyFunction,
  { text }: SourceShipment,
  { at, from }: Landmark,
  site: Site | undefined,
): TextPlace | undefined {
  return placeOfText(
    fn,
    { located: textOfFunction(fn).slice(from), lead: text.slice(0, at) },
    site,
  );
}

/** Whether a function was taken for another of the same text: who gives out its errors needs it for `restored`. */
export function isGuess(shipment: Shipment | undefined): boolean {
  return shipment !== undefined && guesses.has(shipment);
}

/**
 * What a function has thrown in a worker, with stacks that show it where it was written: its own place, and not that of another of the same
 * text, and where frames of this heap are mapped, the origin of that.
 *
 * @param fn the function, if it is there still
 */
export function restored(
  thrown: EncodedThrown,
  fn: AnyFunction | undefined,
  shipment: SourceShipment,
  site: Site | undefined,
): EncodedThrown {
  const { place } = shipment;
  if (place === undefined) return thrown;
  const truth = fn === undefined ? place : truthOf(fn, shipment, place, site);
  const map = mapper();
  if (truth === place && map === undefined) return thrown;
  const errors = thrown.errors.map((error) => ({
    ...error,
    stack: error.stack && moved(error.stack, shipment.text, place, truth, map),
  }));
  return { ...thrown, errors };
}

function truthOf(
  fn: AnyFunction,
  shipment: SourceShipment,
  place: TextPlace,
  site: Site | undefined,
): TextPlace {
  const guess = guesses.get(shipment);
  if (guess === undefined) return place;
  guess.truth ??= lookFor(fn, shipment, guess.landmark, site) ?? place;
  if (!isSame(guess.truth, place)) return guess.truth;
  guesses.delete(shipment);
  const known = byText.get(keyOf(shipment));
  if (known !== undefined) known.agreed++;
  return place;
}

function isSame(a: TextPlace, b: TextPlace): boolean {
  return a.url === b.url && a.line === b.line && a.column === b.column;
}

/** Shows the frames of a text at another place. */
function moved(
  stack: string,
  text: string,
  from: TextPlace,
  to: TextPlace,
  map: Mapper | undefined,
): string {
  const last = text.split('\n').length - 1;
  const url = from.url.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return stack.replace(
    new RegExp(`${url}#?:(\\d+):(\\d+)`, 'g'),
    (frame, line: string, column: string) => {
      const inside = Number(line) - 1 - from.line;
      if (inside < 0 || inside > last) return frame;
      const there = to.line + inside + 1;
      const across = Number(column) + (inside === 0 ? to.column - from.column : 0);
      return map?.(to.url, there, across) ?? `${to.url}:${there}:${across}`;
    },
  );
}
