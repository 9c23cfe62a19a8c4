/**
 * Values that are copied and never shared: those of `runSync`, and what a pool gives to all its workers.
 *
 * @module
 */
import type { Site } from '../../shipping/shipment.ts';
import { arePrimitive, look, pathTo, SHARED, search, sharedAs } from './contents.ts';
import { tellOf } from './instances.ts';
import type { Where } from './path.ts';
import { refusal, refusedWhat, whatIs } from './refused.ts';

/**
 * Looks at values before they are copied, and tells of an instance among them.
 *
 * @param cannot why nothing is shared, and the way out: `which …`
 * @throws Unclonable for what would have to be shared, of which a copy would be an empty object
 */
export function lookAtCopied(
  values: readonly unknown[],
  where: Where,
  name: string,
  cannot: string,
  site?: Site,
): void {
  if (arePrimitive(values)) return;
  if (look(values, where, true) === SHARED) {
    const callback = where === 'args' ? values.findIndex((each) => typeof each === 'function') : -1;
    if (callback >= 0) throw refusal(where, name, [callback], `a function, ${cannot}`);
    const found = search(values, (part) => !COPIED.has(sharedAs(part)));
    if (found !== undefined) {
      const { object, path } = found;
      const isRefused = sharedAs(object) === 'refused';
      const what = isRefused ? refusedWhat(object) : `${whatIs(object)}, ${cannot}`;
      throw refusal(where, name, path, what);
    }
  }
  const found = look(values, where, false);
  if (typeof found === 'object') tellOf(found, where, pathTo(values, found), name, site);
}

/** What can be iterated may be data all the same; the clone refuses what is not. */
const COPIED: ReadonlySet<ReturnType<typeof sharedAs>> = new Set([
  undefined,
  'instance',
  'iterator',
] as const);
