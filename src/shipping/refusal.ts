/**
 * Why a function cannot be sent, in words: what stands in the way, where it was submitted, and the ways out.
 *
 * @module
 */
import type { Captures } from './captured.ts';
import { calledAt, NotShippable, titleOf } from './errors.ts';
import type { FunctionText } from './free-variables.ts';
import type { AnyFunction, Site } from './shipment.ts';

/** What a test runner makes of an import: `helper` becomes `__vite_ssr_import_0__.helper`. */
const TRANSFORMED = /^__vi(?:te_ssr)?_import_\d+__$/;

/** Refuses a function without source text: it is bound, or built into the host. */
export function noSource(fn: AnyFunction, site: Site | undefined): NotShippable {
  const title = titleOf(fn.name);
  return new NotShippable(
    `Cannot send ${title} to a worker: bound and built-in functions have no source text. ` +
      `Write a function that calls it${calledAt(site)}`,
  );
}

/** Refuses a class. */
export function noCall(fn: AnyFunction, site: Site | undefined): NotShippable {
  return new NotShippable(
    `Cannot send ${titleOf(fn.name)} to a worker: it is a class, which cannot be called. ` +
      `Write a function that makes an instance${calledAt(site)}`,
  );
}

/** Refuses a function whose relative `import()` cannot be resolved because nobody knows its file. */
export function noBase(fn: AnyFunction, specifier: string, site: Site | undefined): NotShippable {
  return new NotShippable(
    `Cannot send ${titleOf(fn.name)} to a worker: it imports '${specifier}', and the file it was written in is not known. ` +
      `Import by an absolute URL, or declare the function with task(import.meta, …)${calledAt(site)}`,
  );
}

/** Refuses a function that uses what is around it. */
export function uses(
  fn: AnyFunction,
  read: FunctionText,
  { variables }: Captures,
  site: Site | undefined,
): NotShippable {
  const title = titleOf(fn.name);
  const [bound] = [...variables.keys()].filter((name) => BOUND_TO.has(kindOfBound(name)));
  if (bound !== undefined) {
    return new NotShippable(
      `Cannot send ${title} to a worker: it uses ${bound}, ${BOUND_TO.get(kindOfBound(bound))}. ` +
        `Pass what it needs as an argument, or declare the function with task(import.meta, …) in a module of its own${calledAt(site)}`,
      [bound],
    );
  }
  const named = [...variables].flatMap(([name, what]) => written(name, what, read));
  const list = named.map(({ name, what }) => `"${name}"${what === undefined ? '' : ` (${what})`}`);
  const names = [...new Set(named.map(({ name }) => name))];
  const some = names.length === 1 ? `"${names[0]}"` : 'them';
  const compiled = names.some((name) => /^(?:__|cov_)/.test(name))
    ? ' A name that you did not write comes from a compiler or a coverage tool: compile for a newer target, or declare the function.'
    : '';
  return new NotShippable(
    `Cannot send ${title} to a worker: it uses ${list.join(' and ')} from around it. ` +
      'A function travels as source text and cannot see the variables of the place where it was written. ' +
      `Pass ${some} as an argument, import ${names.length === 1 ? 'it' : 'them'} inside the function, ` +
      `or declare the function with task(import.meta, …) at the top level of a module.${compiled}${calledAt(site)}`,
    names,
  );
}

/** Refuses, after the fact, a function for which the worker misses a name. */
export function lost(
  name: string,
  missing: string,
  cause: unknown,
  site: Site | undefined,
): NotShippable {
  return new NotShippable(
    `Cannot run ${titleOf(name)} in a worker: it uses "${missing}", which is not defined there. ` +
      'A function travels as source text and sees its arguments and the globals of the worker only. ' +
      `Pass "${missing}" as an argument, import it inside the function, ` +
      `or declare the function with task(import.meta, …) at the top level of a module${calledAt(site)}`,
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
]);

function kindOfBound(name: string): string {
  return name.startsWith('#') ? '#' : name;
}

/** A variable as the user wrote it: under a test runner, an import by the names that are used of it. */
function written(
  name: string,
  what: string | undefined,
  { tokens }: FunctionText,
): { readonly name: string; readonly what: string | undefined }[] {
  if (!TRANSFORMED.test(name)) return [{ name, what }];
  const members = new Set<string>();
  tokens.forEach(({ text }, index) => {
    if (text === name && tokens[index + 1]?.text === '.') {
      members.add(tokens[index + 2]?.text ?? '');
    }
  });
  const names = members.size === 0 ? [name] : [...members];
  return names.map((member) => ({ name: member, what: 'an import' }));
}
