/**
 * Whether a function is strict code. Its text does not say that of what is around it, and it is evaluated as strict code in a worker; so this
 * matters for a text that would be another thing there.
 *
 * @module
 */
import type { FunctionText } from './free-variables.ts';
import type { AnyFunction } from './shipment.ts';

/** Is it known that a function is strict code, by the function itself? What it is inside of may tell, too: see captured.ts. */
export function isStrict(fn: AnyFunction, { form, tokens }: FunctionText): boolean {
  // Only what is written as `function`, and is no generator, has `caller` in sloppy mode. A method of the name `function` is none of these.
  const isPlain = form === 'function' && tokens[1]?.text !== '*' && tokens[0]?.text === 'function';
  return isPlain && Object.hasOwn(fn, 'prototype') && !Object.hasOwn(fn, 'caller') && tells();
}

let told: boolean | undefined;

/** Does this host give sloppy functions what strict ones have not? */
function tells(): boolean {
  if (told === undefined) {
    try {
      told = Object.hasOwn(new Function(''), 'caller');
    } catch {
      told = false;
    }
  }
  return told;
}
