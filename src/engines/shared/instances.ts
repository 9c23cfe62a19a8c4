/**
 * Instances of classes among what travels: a clone keeps their fields and leaves their class behind. That is fine for data, so it is a
 * warning of the process, one for each class and kind of thing, and where a body then fails because a method is missing its error says so.
 *
 * @module
 */
import { functionName } from '../../core/function-name.ts';
import { hostProcess, warn } from '../../runtime/runtime.ts';
import type { EncodedError, EncodedThrown } from '../../shipping/encoded.ts';
import { titleOf } from '../../shipping/errors.ts';
import type { Site } from '../../shipping/shipment.ts';
import { pathText, type Step, type Where } from './path.ts';
import { whatIs } from './refused.ts';

/** How the instances of a class arrive. */
interface Arrival {
  /** `an instance of Point`. */
  readonly what: string;
  /** `a plain object`. */
  readonly as: string;
  /** Among what it has been told of. */
  readonly told: Set<Where>;
}

/** By prototype; null for what arrives as it is, or not at all. */
const arrivals = new WeakMap<object, Arrival | null>();

/** How an object arrives that is an instance of a class; undefined for one that arrives as it is, and for one that cannot be cloned. */
export function arrivalOf(instance: object): Arrival | undefined {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  if (prototype === null) return undefined;
  let arrival = arrivals.get(prototype);
  if (arrival === undefined) {
    const as = arrivesAs(instance);
    arrival = as === undefined ? null : { what: instanceOf(prototype), as, told: new Set() };
    arrivals.set(prototype, arrival);
  }
  return arrival ?? undefined;
}

/** Looks at the first instance of a class only. Objects of the host have a tag, no fields, or hidden ones: what they become, a clone tells. */
function arrivesAs(instance: object): string | undefined {
  if (instance === hostProcess()?.env) return undefined;
  try {
    const isPlainlyOurs =
      Object.prototype.toString.call(instance) === '[object Object]' &&
      Object.keys(instance).length > 0 &&
      Object.getOwnPropertySymbols(instance).length === 0;
    if (isPlainlyOurs) return Object.values(instance).some(isUnclonable) ? undefined : PLAIN;
    const [before, after] = [instance, structuredClone(instance)].map(nameOf);
    if (after === 'Object') return PLAIN;
    return after === before
      ? undefined
      : `${/^(?:[AEIO]|U(?!int))/.test(after ?? '') ? 'an' : 'a'} ${after}`;
  } catch {
    // The clone that is to come will say so, better.
    return undefined;
  }
}

const PLAIN = 'a plain object';

/** What is iterated from afar. */
const AFAR = 'an asynchronous iterator, for `for await`';

function isUnclonable(value: unknown): boolean {
  return typeof value === 'function' || typeof value === 'symbol';
}

function nameOf(value: object | undefined): string {
  return functionName((value as { readonly constructor?: unknown }).constructor);
}

function instanceOf(prototype: object): string {
  const name = nameOf(prototype);
  if (name === '') return 'an instance of a class without a name';
  return name === 'Object' ? 'an object with a prototype of its own' : `an instance of ${name}`;
}

/** Whether nobody has been told yet of instances of this class among such things. */
export function isNews(instance: object, where: Where): boolean {
  return arrivalOf(instance)?.told.has(where) === false;
}

/** Tells of an instance that was found, if it is news. */
export function tellOf(
  instance: object,
  where: Where,
  path: readonly Step[],
  name: string,
  site: Site | undefined,
): void {
  const arrival = arrivalOf(instance);
  if (arrival === undefined || arrival.told.has(where)) return;
  arrival.told.add(where);
  const key = `${where} ${arrival.what}`;
  // A class that a function makes anew at each call has one name.
  const before = namesakes.get(key) ?? 0;
  if (before >= MOST_NAMESAKES || (before === 0 && namesakes.size >= MOST_NAMES)) return;
  namesakes.set(key, before + 1);
  const at = site?.place === undefined ? '' : ` at ${site.place}`;
  hear(
    key,
    `${pathText(where, path)} is ${arrival.what} and arrives as ${arrival.as}, without what its class gives it (call of ${titleOf(name)}${at})`,
  );
}

/** Classes of one name are told apart, but not for ever. */
const MOST_NAMESAKES = 64;
const namesakes = new Map<string, number>();

/** A program that makes names as it makes classes is not told of all of them. */
const MOST_NAMES = 1024;

/** Hears of a warning. */
export type Hear = (key: string, text: string) => void;

const passed = new Set<string>();

class InstanceWarning extends Error {
  override readonly name = 'SkeinWarning';
  readonly code = 'SKEIN_INSTANCE';
}

let hear: Hear = (_, text) => warn(new InstanceWarning(text));

/** Passes on what a worker tells: its classes are those of the other workers, and known here by their names. */
export function pass(key: string, text: string): void {
  if (passed.has(key) || passed.size >= MOST_NAMES) return;
  passed.add(key);
  hear(key, text);
}

/** In a worker: warnings go to the process that it works for. */
export function passOn(to: Hear): void {
  hear = to;
}

/** What a body says that misses a method, a field or a private name. */
const MISSING =
  /is not (?:a function|a constructor|iterable)|undefined|private|#|incompatible|instance/;

/** Whether what was thrown may come of an instance that arrived without its class. */
export function mayMissClass(thrown: EncodedThrown): boolean {
  const error = errorIn(thrown);
  return error?.name === 'TypeError' && MISSING.test(error.message);
}

function errorIn({ thrown, errors }: EncodedThrown): EncodedError | undefined {
  return thrown.kind === 'error' ? errors[thrown.at] : undefined;
}

/** Adds to an error which argument is not what it was here. */
export function explainedBy(
  thrown: EncodedThrown,
  instance: object,
  path: readonly Step[],
  kind: 'instance' | 'iterator',
): EncodedThrown {
  const { what, as } =
    kind === 'iterator' ? { what: whatIs(instance), as: AFAR } : (arrivalOf(instance) ?? {});
  const error = errorIn(thrown);
  if (what === undefined || error === undefined) return thrown;
  const message = `${error.message}: ${pathText('args', path)} (${what}) arrives as ${as}`;
  const stack = error.stack?.replace(error.message, () => message);
  const errors = thrown.errors.map((each) => (each === error ? { ...each, message, stack } : each));
  return { ...thrown, errors };
}
