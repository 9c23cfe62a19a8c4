/**
 * Whether the text of a function is all of it. A function that uses nothing around it may still differ from what is made of its text: by what was
 * attached to it, by what its own name has come to mean, by the object it belongs to.
 *
 * @module
 */
import { attachedTo } from './attached.ts';
import type { NotShippable } from './errors.ts';
import type { FunctionText } from './free-variables.ts';
import { ownUse } from './own-use.ts';
import { reboundTo } from './rebound.ts';
import { hasAttached, rebinds, rebound, usesReceiver } from './refusal.ts';
import type { AnyFunction, Site } from './shipment.ts';

/** A function that uses nothing around it. */
interface SelfContained {
  readonly fn: AnyFunction;
  readonly read: FunctionText;
  /** The names of variables that hold it and that it uses. */
  readonly own: readonly string[];
  /** Makes a function of its text, here. */
  readonly copy: () => AnyFunction;
  readonly site: Site | undefined;
}

/** Refuses a function of which the text is not the whole. */
export function incomplete({ fn, read, own, copy, site }: SelfContained): NotShippable | undefined {
  const { name, assigned, self } = ownUse(read);
  if (read.usesThis && read.form === 'method') return usesReceiver(fn, site);
  if (name !== undefined && assigned) return rebinds(fn, name, site);
  const meaning = name === undefined ? undefined : reboundTo(fn, name, read);
  if (name !== undefined && meaning !== undefined) return rebound(fn, name, meaning, site);
  const what = self || own.length > 0 ? attachedTo(fn, copy()) : undefined;
  return what === undefined ? undefined : hasAttached(fn, what, site);
}
