/**
 * Which variables of its surroundings a function really uses. The text tells the names; on Node the inspector tells which of them the
 * function sees, so that a variable which shadows a global is found and a name that nobody declares is none. Elsewhere a name that is no
 * global of this heap counts as captured.
 *
 * @module
 */
import type { FunctionText } from './free-variables.ts';
import { type Inspector, inspect, type Property, type Remote } from './inspector.ts';
import { isForeign } from './realm.ts';
import type { AnyFunction } from './shipment.ts';
import { PROVIDED } from './source.ts';
import { isSloppy, isStrict } from './strictness.ts';

/** What a function uses of its surroundings. */
export interface Captures {
  /** By name: what it is, where the host tells. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** The names by which the function calls itself. */
  readonly own: readonly string[];
}

/** Not variables, and never in another heap: words with a meaning of their own, and all that is no name. */
const BOUND = /^(?:this|arguments|super)$|[ .#(<>]/;
/** Globals of this heap that a module sees as its own. */
const MODULE_NAMES = new Set(['require', 'module', 'exports', '__filename', '__dirname']);

/** Finds what a function uses of its surroundings. Cost: nothing if its text has no free name, otherwise 0.5 to 1 ms on Node. */
export function capturesOf(fn: AnyFunction, read: FunctionText): Captures {
  const variables = new Map<string, string | undefined>();
  for (const name of read.free) if (BOUND.test(name)) variables.set(name, undefined);
  const names = read.free.filter((name) => !(BOUND.test(name) || isProvided(name, read)));
  const isTold = read.sloppy.length === 0 || isStrict(fn, read) || isSloppy(fn, read);
  const sloppy = isTold ? [] : read.sloppy;
  if (names.length === 0 && sloppy.length === 0) return { variables, own: [] };
  const seen = inspect(fn, (inspector) => visible(inspector, new Set(names)));
  if (seen?.inModule !== true) for (const what of sloppy) variables.set(what, undefined);
  const own: string[] = [];
  for (const name of names) {
    const found = seen?.variables.get(name);
    if (found?.isSubject === true) own.push(name);
    else if (found !== undefined) variables.set(name, found.what);
    else if (isForeign(fn)) variables.set(name, 'a global of another context');
    else if (seen === undefined && !isGlobal(name)) variables.set(name, undefined);
  }
  return { variables, own };
}

/** A compiler calls what it writes into functions, and does nothing else with it. */
function isProvided(name: string, { tokens }: FunctionText): boolean {
  return (
    PROVIDED.has(name) &&
    tokens.every(({ text }, index) => text !== name || tokens[index + 1]?.code === '(')
  );
}

function isGlobal(name: string): boolean {
  return name === 'undefined' || (name in globalThis && !MODULE_NAMES.has(name));
}

interface Seen {
  /** The variables that the function sees, the innermost of each name; globals are none. */
  readonly variables: ReadonlyMap<string, Variable>;
  /** Is it written in a module, and so strict code? */
  readonly inModule: boolean;
}

interface Variable {
  readonly what: string;
  readonly isSubject: boolean;
}

/** Looks for variables of these names. */
function visible(inspector: Inspector, names: Set<string>): Seen {
  const variables = new Map<string, Variable>();
  const scopes = scopesOf(inspector);
  for (const scope of scopes) {
    if (names.size === 0) break;
    for (const { name, value } of inspector.properties(scope)) {
      if (!names.delete(name)) continue;
      variables.set(name, { what: kindOf(value), isSubject: isSubject(inspector, value) });
    }
    if (scope.description !== 'With Block') continue;
    // Each may be a property that the object inherits.
    for (const name of names) variables.set(name, { what: 'looked up by with', isSubject: false });
    names.clear();
  }
  return { variables, inModule: scopes.some(({ description }) => description === 'Module') };
}

function scopesOf(inspector: Inspector): Remote[] {
  const scopes = inspector.internals.find(({ name }) => name === '[[Scopes]]')?.value;
  if (scopes === undefined) throw new Error('no scopes');
  return inspector
    .properties(scopes)
    .filter(({ name, value }) => /^\d+$/.test(name) && value?.description !== 'Global')
    .map(({ value }) => value as Remote);
}

function isSubject({ post, subject }: Inspector, value: Property['value']): boolean {
  if (value?.type !== 'function') return false;
  const { result } = post<{ result: Remote }>('Runtime.callFunctionOn', {
    objectId: subject.objectId,
    functionDeclaration: 'function (other) { return this === other; }',
    arguments: [{ objectId: value.objectId }],
    returnByValue: true,
  });
  return result.value === true;
}

/** Says what a variable is: `a number`, `an array`, `an instance of Pool`. */
function kindOf(value: Remote | undefined): string {
  if (value === undefined) return 'not initialised yet';
  const { type, subtype, className = 'Object', description = '' } = value;
  if (type === 'undefined' || subtype === 'null') return subtype ?? type;
  if (type === 'function') return description.startsWith('class') ? 'a class' : 'a function';
  if (type !== 'object') return `a ${type}`;
  if (subtype === 'array') return 'an array';
  if (className === 'Object') return 'an object';
  return className === 'Module' ? 'a module' : `an instance of ${className}`;
}
