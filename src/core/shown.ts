/**
 * How things look when they are printed: one line for `console.log`, a small object for `JSON.stringify`, both of the same facts. What
 * they are made of is nobody's business, goes round in circles, and fills a screen.
 *
 * The methods are on the prototype, so an instance costs nothing. Node, Bun and Deno look for the line under a symbol of the registry;
 * `node:util` is not needed for it.
 *
 * @module
 */
import { describe } from './arguments.ts';
import { kernel } from './kernel.ts';

/** A count, a word, whether something is so, or a list; undefined for what need not be said. */
type Fact = number | string | boolean | readonly string[] | undefined;

/** What there is to say of a thing, in the order in which it is said. */
export interface Facts {
  /** What errors and the task tree call it. */
  readonly what: string;
  /** As in the task tree. */
  readonly id?: number | undefined;
  readonly state?: string | undefined;
  /** Milliseconds in that state. */
  readonly age?: number | undefined;
  /** Of how many the first of the following counts is a part; Infinity need not be said. */
  readonly of?: number | undefined;
  readonly [more: string]: Fact;
}

const LINE = Symbol.for('nodejs.util.inspect.custom');

/**
 * Gives the things that inherit from `prototype` a line and an object.
 *
 * @param facts looks and changes nothing; may throw where a proxy hides what it looks for
 */
export function show<T extends object>(prototype: T, facts: (thing: T) => Facts): void {
  const methods = {
    toJSON(this: T): Facts {
      return look(this, facts);
    },
    [LINE](this: T): string {
      return lineOf(look(this, facts));
    },
  };
  for (const key of ['toJSON', LINE] as const) {
    Object.defineProperty(prototype, key, {
      value: methods[key],
      writable: true,
      configurable: true,
    });
  }
}

/** To print something is no step of a program: an explorer must not see it. */
function look<T extends object>(thing: T, facts: (thing: T) => Facts): Facts {
  const { scheduler } = kernel;
  kernel.scheduler = undefined;
  try {
    const said = facts(thing);
    const { age, of } = said;
    return {
      ...said,
      ...(age === undefined ? {} : { age: Math.round(age) }),
      ...(of === Number.POSITIVE_INFINITY ? { of: undefined } : {}),
    };
  } catch {
    return { what: describe(thing) };
  } finally {
    kernel.scheduler = scheduler;
  }
}

function lineOf({ what, id, state, age, of, ...more }: Facts): string {
  const head = [
    `${what[0]?.toUpperCase()}${what.slice(1)}`,
    id === undefined ? '' : `#${id}`,
    state ?? '',
    age === undefined ? '' : `${age} ms`,
  ];
  const tail = Object.entries(more).map(([name, fact], place) =>
    phrase(name, fact, place === 0 ? of : undefined),
  );
  const line = [head.filter(Boolean).join(' '), tail.filter(Boolean).join(', ')]
    .filter(Boolean)
    .join(state === undefined ? ': ' : ', ');
  // A name may have any letters; a line has no others.
  return line.replace(/\s+/g, ' ');
}

function phrase(name: string, fact: Fact, of: number | undefined): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (fact === undefined || fact === false) return '';
  if (fact === true) return words;
  if (typeof fact === 'string') return `${words} ${fact}`;
  if (typeof fact !== 'number') return fact.length === 0 ? '' : `${words} ${fewOf(fact)}`;
  if (of !== undefined) return `${fact} of ${of} ${words}`;
  return `${fact} ${fact === 1 ? words.replace(/s$/, '') : words}`;
}

/** The first of a list, and how many more there are. */
export function fewOf(list: readonly string[]): string {
  const shown = list.slice(0, 5).join(', ');
  return list.length > 5 ? `${shown} and ${list.length - 5} more` : shown;
}
