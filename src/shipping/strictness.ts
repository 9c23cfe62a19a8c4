/**
 * Whether a function is strict code. Its text does not say that of what is around it, and it is evaluated as strict code in a worker; so this
 * matters for a text that would be another thing there.
 *
 * @module
 */
import type { FunctionText } from './free-variables.ts';
import { isForeign } from './realm.ts';
import type { AnyFunction } from './shipment.ts';

/** Is it known that a function is strict code, by the function itself? What it is inside of may tell, too: see captured.ts. */
export function isStrict(fn: AnyFunction, read: FunctionText): boolean {
  return tells(fn, read) && keepsCaller(fn);
}

/** Is it known that a function is sloppy code, and of this realm? Then it is sent as such. */
export function isSloppy(fn: AnyFunction, read: FunctionText): boolean {
  return tells(fn, read) && !keepsCaller(fn) && !isForeign(fn);
}

/** Can a function of this kind tell? Of all others `caller` is told in neither mode: arrow functions, methods (one may be called `function`), generators, async ones. */
function tells(fn: AnyFunction, { form, tokens }: FunctionText): boolean {
  const isPlain = form === 'function' && tokens[0]?.text === 'function' && tokens[1]?.text !== '*';
  return isPlain && Object.hasOwn(fn, 'prototype') && !keepsCaller(sloppy());
}

const callerOf = Object.getOwnPropertyDescriptor(Function.prototype, 'caller')?.get;

/** Does a function refuse to tell who calls it? Strict ones do. */
function keepsCaller(fn: AnyFunction): boolean {
  // In sloppy mode it is a property of the function itself (V8 up to 13), or the getter tells (JavaScriptCore, V8 since).
  if (callerOf === undefined || Object.hasOwn(fn, 'caller')) return false;
  try {
    callerOf.call(fn);
    return false;
  } catch {
    return true;
  }
}

let made: AnyFunction | undefined;

/** A sloppy function, to see whether this host makes the difference; a strict one if it makes no code of text. */
function sloppy(): AnyFunction {
  try {
    made ??= new Function('') as AnyFunction;
  } catch {
    made = () => undefined;
  }
  return made;
}
