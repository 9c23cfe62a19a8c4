/**
 * What is said of things that can be neither copied nor shared.
 *
 * @module
 */
import { describe } from '../../core/arguments.ts';
import { titleOf } from '../../shipping/errors.ts';
import { Unclonable } from '../../shipping/unclonable.ts';
import { placeText, type Step, type Where } from './path.ts';

/** The error for something that was found. */
export function refusal(
  where: Where,
  name: string,
  path: readonly Step[],
  what: string,
): Unclonable {
  const [index] = path;
  const sent = {
    args: `argument ${index} of ${titleOf(name)} to a worker`,
    value: `a value of ${titleOf(name)} from a worker`,
    result: `the result of ${titleOf(name)} from a worker`,
    sent: `to a shared object what a worker of ${titleOf(name)} gave it`,
    item: `an item of ${titleOf(name)} to a worker`,
    init: `init of ${name} to a worker`,
  };
  return new Unclonable(sent[where], { path: placeText(where, path), what });
}

/** What works in one memory only. Of what is no more than a list there, the list can be sent. */
export function refusedWhat(object: object): string {
  return Symbol.iterator in object
    ? `${whatIs(object)}, which arrives only as a list: pass [...it]`
    : `${whatIs(object)}, which works in one memory only`;
}

/** What would be shared, in a place where only a copy can be sent. */
export function unlentWhat(object: object): string {
  const what = `${whatIs(object)}, which a worker cannot lend`;
  return isGenerator(object)
    ? `${what}: generateInThread and generateInProcess give its values`
    : what;
}

/** Generators have no class of their own. */
export function whatIs(object: object): string {
  const tag = tagOf(object);
  if (tag === 'Arguments') return 'an arguments object';
  if (tag === 'Generator') return 'a generator';
  return tag === 'AsyncGenerator' ? 'an async generator' : describe(object);
}

function isGenerator(object: object): boolean {
  return /Generator$/.test(tagOf(object));
}

function tagOf(object: object): string {
  return Object.prototype.toString.call(object).slice(8, -1);
}
