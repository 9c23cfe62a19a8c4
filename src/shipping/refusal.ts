/**
 * Why a function cannot be sent, in words: what stands in the way, where it was submitted, and the ways out.
 *
 * @module
 */

import { textOf } from '../core/arguments.ts';
import { functionName } from '../core/function-name.ts';
import { framesOf, placeAt } from '../core/placed.ts';
import type { Captures } from './captured.ts';
import { calledAt, NotShippable, titleOf } from './errors.ts';
import { isCommonJsFile } from './exports.ts';
import { fileOfPlace } from './file-url.ts';
import type { FunctionText } from './free-variables.ts';
import type { AnyFunction, Site } from './shipment.ts';
import { isTransformedMeta, writtenAs } from './transformed.ts';

/** The refusal names the place of the call, in its message and as its stack: it may be made in a turn that has forgotten it. */
function refused(
  message: string,
  site: Site | undefined,
  captured?: readonly string[],
  options?: ErrorOptions,
): NotShippable {
  const error = new NotShippable(`${message}${calledAt(site)}`, captured, options);
  if (site !== undefined && site.frames !== '') placeAt(error, () => site.frames);
  return error;
}

/** The way out that is always there, as the module system of the caller has it. */
function task(site: Site | undefined): string {
  const isCommonJs = isCommonJsFile(fileOfPlace(site?.place) ?? '');
  return `task(${isCommonJs ? '__filename' : 'import.meta'}, …)`;
}

/** Refuses a function without source text: it is bound, or built into the host. */
export function noSource(fn: AnyFunction, site: Site | undefined): NotShippable {
  const title = titleOf(functionName(fn));
  return refused(
    `Cannot send ${title} to a worker: bound and built-in functions, and proxies, have no source text. ` +
      'Write a function that calls it',
    site,
  );
}

/** Refuses text that a worker could not evaluate. */
export function notEvaluated(
  fn: AnyFunction,
  cause: unknown,
  site: Site | undefined,
): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: its text cannot be evaluated (${textOf(cause)}). ` +
      `Declare it with ${task(site)} at the top level of a module`,
    site,
    [],
    { cause },
  );
}

/** Refuses a class. */
export function noCall(fn: AnyFunction, site: Site | undefined): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: it is a class, which cannot be called. ` +
      'Write a function that makes an instance',
    site,
  );
}

/** Refuses a method for what it is called on, which is nothing in a worker. */
export function usesReceiver(fn: AnyFunction, site: Site | undefined): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: it is a method that uses this, the object it is called on, and there it is called on none. ` +
      'Pass what it needs as an argument, or write a function that makes the object and calls the method',
    site,
    ['this'],
  );
}

/** Refuses a function whose own name means something else by now. */
export function rebound(
  fn: AnyFunction,
  name: string,
  what: string,
  site: Site | undefined,
): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: it uses "${name}", its own name, which means something else by now (${what}). ` +
      'There it would mean the function itself. Give one of the two another name, ' +
      `or declare the function with ${task(site)} at the top level of a module`,
    site,
    [name],
  );
}

/** Refuses a function that assigns to its own name. */
export function rebinds(fn: AnyFunction, name: string, site: Site | undefined): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: it assigns to "${name}", its own name, which there is no variable. ` +
      `Keep what changes in a variable inside the function, or declare the function with ${task(site)} at the top level of a module`,
    site,
    [name],
  );
}

/** Refuses a function that can see what was attached to it. */
export function hasAttached(fn: AnyFunction, what: string, site: Site | undefined): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: it refers to itself and has ${what}, which its source text does not bring along. ` +
      `Pass what it needs as an argument, or declare the function with ${task(site)} at the top level of a module`,
    site,
  );
}

/** Refuses a function whose relative `import()` cannot be resolved because nobody knows its file. */
export function noBase(fn: AnyFunction, specifier: string, site: Site | undefined): NotShippable {
  return refused(
    `Cannot send ${titleOf(functionName(fn))} to a worker: it imports '${specifier}', and the file it was written in is not known. ` +
      `Import by an absolute URL, or declare the function with ${task(site)}`,
    site,
  );
}

/** Refuses a function that uses what is around it. */
export function uses(
  fn: AnyFunction,
  read: FunctionText,
  { variables }: Captures,
  site: Site | undefined,
): NotShippable {
  const title = titleOf(functionName(fn));
  const [bound] = [...variables.keys()].filter((name) => BOUND_TO.has(kindOfBound(name)));
  if (bound !== undefined) {
    const kind = kindOfBound(bound);
    const shown = kind === '#' ? bound : kind;
    return refused(
      `Cannot send ${title} to a worker: it uses ${shown}, ${BOUND_TO.get(kind)}. ` +
        `${INSTEAD.get(kind) ?? 'Pass what it needs as an argument'}, or declare the function with ${task(site)} in a module of its own`,
      site,
      [shown],
    );
  }
  const named = [...variables].flatMap(([name, what]) => {
    const members = writtenAs(name, read.tokens);
    return members?.map((member) => ({ name: member, what: 'an import' })) ?? [{ name, what }];
  });
  const list = named.map(({ name, what }) => `"${name}"${what === undefined ? '' : ` (${what})`}`);
  const names = [...new Set(named.map(({ name }) => name))];
  const compiled = names.some((name) => /^(?:__|cov_)/.test(name) && !PATHS.has(name))
    ? '. A name that you did not write comes from a compiler or a coverage tool'
    : '';
  return refused(
    `Cannot send ${title} to a worker: it uses ${list.join(' and ')} from around it. ` +
      'A function travels as source text and cannot see the variables of the place where it was written. ' +
      `${waysWithout(names)}, or declare the function with ${task(site)} at the top level of a module${compiled}`,
    site,
    names,
  );
}

/** What to do without these names. A function of a module cannot be passed, nor its path imported. */
function waysWithout(names: readonly string[]): string {
  const [some, it] = names.length === 1 ? [`"${names[0]}"`, 'it'] : ['them', 'them'];
  if (names.includes('require')) {
    const others = names.length === 1 ? '' : ', and pass the others as arguments';
    return `Write await import(…) inside the function in the place of require(…)${others}`;
  }
  const pass = `Pass ${some} as an argument`;
  return names.every((name) => PATHS.has(name))
    ? pass
    : `${pass}, import ${it} inside the function`;
}

const PATHS: ReadonlySet<string> = new Set(['__dirname', '__filename']);

/** Refuses a function that its module exports only as a member of something else, which has no name to be found by. */
export function isMember(
  { message, captured, stack }: NotShippable,
  path: string,
  site: Site | undefined,
): NotShippable {
  const before = message.slice(0, message.length - calledAt(site).length);
  const error = new NotShippable(
    `${before}. Or export the function itself, which its module has as ${path} only, and it is found there${calledAt(site)}`,
    captured,
  );
  const frames = site?.frames ?? framesOf({ stack } as Error);
  placeAt(error, () => frames);
  return error;
}

/** Refuses, after the fact, a function for which the worker misses a name. */
export function lost(
  name: string,
  missing: string,
  cause: unknown,
  site: Site | undefined,
): NotShippable {
  return refused(
    `Cannot run ${titleOf(name)} in a worker: it uses "${missing}", which is not defined there. ` +
      'A function travels as source text and sees its arguments and the globals of the worker only. ' +
      `Pass "${missing}" as an argument, import it inside the function, ` +
      `or declare the function with ${task(site)} at the top level of a module`,
    site,
    [missing],
    { cause },
  );
}

const BOUND_TO = new Map([
  ['this', 'which an arrow function has from the place where it was written'],
  ['arguments', 'which an arrow function has from the place where it was written'],
  ['new.target', 'which an arrow function has from the place where it was written'],
  ['super', 'which belongs to its class or object'],
  ['import.meta', 'which belongs to its module'],
  ['#', 'a private name of its class'],
  ['eval(…)', 'which may use any variable around it'],
  ['<!--', 'which is a comment in a script and two operators in a module'],
  ['-->', 'which is a comment in a script and two operators in a module'],
  ['deep nesting', 'which is deeper than can be read'],
  ['unknown syntax', 'which skein cannot read'],
  ['sloppy arguments', 'which are its parameters themselves and are none in strict mode'],
  ['sloppy this', 'which is another one in strict mode'],
  ['a hoisted function', 'which strict mode knows in its block only'],
]);

const STRICT = "Begin it with 'use strict'";

/** The ways out that are not to pass what is used. */
const INSTEAD = new Map([
  ['eval(…)', 'Call (0, eval)(…), which sees globals only'],
  ['<!--', 'Write a blank between the operators'],
  ['-->', 'Write a blank between the operators'],
  ['deep nesting', 'Divide it into functions'],
  ['unknown syntax', 'Write it in another way'],
  ['sloppy arguments', STRICT],
  ['sloppy this', STRICT],
  ['a hoisted function', STRICT],
]);

function kindOfBound(name: string): string {
  if (isTransformedMeta(name)) return 'import.meta';
  return name.startsWith('#') ? '#' : name;
}
