/**
 * Places inside what travels, and what messages call them.
 *
 * @module
 */
import { isIdentifier } from '../../shipping/identifier.ts';

/** A key, an index, or in a `Map` or `Set` the position: of entry n of a `Map` the key is 2n, the value 2n + 1. */
export type Step = string | number;

/**
 * What travels: the arguments of a call, its one result, one value of its generator, one item that a worker gets from a shared object, what
 * it sends to one, or what a pool gives to all its workers.
 */
export type Where = 'args' | 'result' | 'value' | 'item' | 'sent' | 'init';

/** Such as `args[0].onDone`. */
export function placeText(where: Where, [index, ...inside]: readonly Step[]): string {
  return inside.reduce<string>(
    (text, step) =>
      typeof step === 'number' || !isIdentifier(step)
        ? `${text}[${JSON.stringify(step)}]`
        : `${text}.${step}`,
    where === 'args' ? `args[${index}]` : where,
  );
}

const WHOLE: Readonly<Record<Exclude<Where, 'args'>, string>> = {
  result: 'the result',
  value: 'a value',
  item: 'an item',
  sent: 'what was sent',
  init: 'init',
};

/** The same, for people: `argument 0`, where it is one as a whole. */
export function pathText(where: Where, path: readonly Step[]): string {
  if (path.length > 1) return placeText(where, path);
  return where === 'args' ? `argument ${path[0]}` : WHOLE[where];
}
