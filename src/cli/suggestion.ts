/**
 * What somebody may have meant who wrote a name that there is not.
 *
 * @module
 */
import { nearestName } from '../core/nearest-name.ts';

/** The nearest of the names as a question, with a space before it; nothing when none is near. */
export function suggestion(written: string, names: readonly string[]): string {
  const near = nearestName(written, names);
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}
