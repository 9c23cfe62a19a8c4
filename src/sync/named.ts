/**
 * Names of primitives, for errors and the task tree.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';

/** What every primitive takes. */
export interface NameOption {
  /** What errors and the task tree call it, after its kind. */
  readonly name?: string | undefined;
}

/** The names of the options of a primitive that has no others. */
export const NAME_ONLY: NamesOf<NameOption> = { name: true };

/**
 * What errors and the task tree call a primitive. Refuses what is no object of options, such as the `5` in `new Queue(5)`, and names that
 * it does not know.
 */
export function labelOf(
  kind: string,
  options: NameOption,
  names: NamesOf<NameOption> = NAME_ONLY,
): string {
  requireOptions(options, names, `a ${kind}`);
  const { name } = options;
  if (name === undefined) return kind;
  if (typeof name !== 'string') {
    throw new TypeError(`Expected name of a ${kind} to be a string: got ${describe(name)}`);
  }
  return `${kind} ${name}`;
}
