/**
 * Which values are shared across the boundary of a call instead of copied, told by their class. The library's own classes are entered
 * where they are lent from: a heap that has never loaded them has no object of theirs, so a worker need not load them to tell.
 *
 * @module
 */
import { isThenable } from '../../core/arguments.ts';
import { arrivalOf } from './instances.ts';

/** A kind of shared object: what it is on the other side, and what it can be asked there. */
export type Kind =
  | 'signal'
  | 'callback'
  | 'queue'
  | 'sender'
  | 'receiver'
  | 'broadcast'
  | 'event'
  | 'limiter'
  | 'runner'
  | 'iterator'
  | 'items'
  | 'steps';

/**
 * What else an instance can be: `refused` when a copy would be an empty object that does nothing, `instance` when it arrives without its
 * class.
 */
export type Other = 'refused' | 'instance';

/** By the prototypes of classes that were entered: what their objects are. */
const classes = new WeakMap<object, Kind | 'refused'>();

/** Looking at a class takes longer than all the rest; an object of a class that was seen before costs one look-up. */
const known = new WeakMap<object, Kind | 'copied' | Other>();

/** Enters a class, and those that extend it, for a kind. */
export function lendAs(type: { readonly prototype: object }, kind: Kind): void {
  classes.set(type.prototype, kind);
}

/** Enters a class whose objects are of use only among tasks that share a memory. */
export function refuseToLend(type: { readonly prototype: object }): void {
  classes.set(type.prototype, 'refused');
}

/**
 * The kind of an instance of a class; undefined when it is copied as it is. Not for plain objects, arrays and functions.
 */
export function kindOf(instance: object): Kind | Other | undefined {
  const prototype = Object.getPrototypeOf(instance) as object;
  let kind = known.get(prototype);
  if (kind === undefined) {
    kind = lookAt(instance) ?? 'copied';
    known.set(prototype, kind);
  }
  return kind === 'copied' ? undefined : kind;
}

let hasMetHostObjects = false;

/** Whether anything but data of ordinary kinds has been looked at in this heap. */
export function hasHostObjects(): boolean {
  return hasMetHostObjects;
}

/** Data that every clone takes, and instances of classes of the user's with fields. Not for plain objects, arrays and the like. */
export function isOrdinary(instance: object): boolean {
  const tag = Object.prototype.toString.call(instance);
  if (tag !== '[object Object]') return ORDINARY.has(tag) || ArrayBuffer.isView(instance);
  return Object.keys(instance).length > 0;
}

const ORDINARY: ReadonlySet<string> = new Set(
  ['ArrayBuffer', 'BigInt', 'Boolean', 'Date', 'Error', 'Number', 'RegExp', 'String'].map(
    (name) => `[object ${name}]`,
  ),
);

function lookAt(instance: object): Kind | Other | undefined {
  hasMetHostObjects ||= !isOrdinary(instance);
  if (isCopied(instance)) return isBuffer(instance) ? undefined : asInstance(instance);
  if (instance instanceof AbortSignal) return 'signal';
  // Promises and tasks, too.
  const entered = kindOfClass(instance) ?? (isThenable(instance) ? 'refused' : undefined);
  const shared = entered ?? kindOfRunner(instance) ?? kindOfSource(instance);
  return shared ?? (isEmptied(instance) ? 'refused' : asInstance(instance));
}

/** What can be iterated; but of a list of the host (Headers, FormData) one that is iterated from afar has lost all that it is for. */
function kindOfSource(instance: object): Kind | 'refused' | undefined {
  const kind = kindOfIterable(instance);
  const isList = Symbol.iterator in instance && !('next' in instance);
  return kind !== undefined && isList && isEmptied(instance) ? 'refused' : kind;
}

function asInstance(instance: object): Other | undefined {
  return arrivalOf(instance) === undefined ? undefined : 'instance';
}

/** It is documented to arrive as a `Uint8Array`. */
function isBuffer(instance: object): boolean {
  return 'Buffer' in globalThis && Buffer.isBuffer(instance);
}

/** An object of the host that has all it is hidden, and cannot be cloned (URL, Response): a process would be sent an empty object. */
function isEmptied(instance: object): boolean {
  const isOfHost =
    Object.prototype.toString.call(instance) !== '[object Object]' &&
    Object.keys(instance).length === 0;
  try {
    if (isOfHost) structuredClone(instance);
    return false;
  } catch {
    return true;
  }
}

function kindOfClass(instance: object): Kind | 'refused' | undefined {
  for (let type: unknown = instance; typeof type === 'object' && type !== null; ) {
    const kind = classes.get(type);
    if (kind !== undefined) return kind;
    type = Object.getPrototypeOf(type);
  }
  return undefined;
}

/**
 * What runs functions when it is their turn, and says so: a limiter can be acquired, a runner tells whether it paces. A method `run` alone
 * may be anybody's.
 */
export function kindOfRunner(value: object): Kind | undefined {
  const { run, acquire, paces } = value as Partial<Record<'run' | 'acquire' | 'paces', unknown>>;
  if (typeof run !== 'function') return undefined;
  if (typeof acquire === 'function') return 'limiter';
  return typeof paces === 'boolean' ? 'runner' : undefined;
}

/** What can be iterated. */
export function kindOfIterable(value: object): Kind | undefined {
  const from = value as Partial<Iterable<unknown> & AsyncIterable<unknown> & Iterator<unknown>>;
  const iterates =
    typeof from.next === 'function' ||
    typeof from[Symbol.asyncIterator] === 'function' ||
    typeof from[Symbol.iterator] === 'function';
  return iterates ? 'iterator' : undefined;
}

/** What the platform copies or moves, though it could be iterated. */
function isCopied(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof String ||
    value instanceof Error ||
    // A stream of the platform can be moved.
    typeof (value as { readonly getReader?: unknown }).getReader === 'function'
  );
}
