/**
 * What a ReferenceError of a function that was sent as source text really means.
 *
 * @module
 */
import { readFunction } from './free-variables.ts';
import { lost } from './refusal.ts';
import type { Shipment, Site } from './shipment.ts';

/** V8's words, and those of JavaScriptCore. */
const MISSING = /^(?<left>[^\s]+) is not defined$|^Can't find variable: (?<right>[^\s]+)$/;

/**
 * Turns the ReferenceError of a shipped function into a NotShippable with the original as its `cause`, if the name that is missing is one that
 * the function's text uses and does not declare: a variable that was not seen before the function was sent, or a global that this heap
 * has and the worker has not. Gives everything else back as it is. For either side: the error is known by its name and message.
 */
export function explain(thrown: unknown, shipment: Shipment, site?: Site): unknown {
  if (shipment.kind !== 'source') return thrown;
  const { name, message } = (thrown ?? {}) as {
    readonly name?: unknown;
    readonly message?: unknown;
  };
  if (name !== 'ReferenceError' || typeof message !== 'string') return thrown;
  const groups = MISSING.exec(message)?.groups;
  const missing = groups?.left ?? groups?.right;
  if (missing === undefined) return thrown;
  const { free } = readFunction(`() => ${shipment.text}`);
  return free.includes(missing) ? lost(shipment.name, missing, thrown, site) : thrown;
}
