/**
 * What somebody may have meant who wrote a name that there is not.
 *
 * @module
 */
import { nearestName } from '../core/nearest-name.ts';

/** The nearest of the names as a question, with a space before it; nothing when none is near. */
export function suggestion(written: string, names: readonly string[]): string {
  const bare = (name: string): string => name.replace(/^--?/, '');
  const near = nearestName(bare(written), names.map(bare));
  const meant = names.find((name) => bare(name) === near);
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
}
