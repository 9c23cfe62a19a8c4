/**
 * Names of primitives, for errors and the task tree.
 *
 * @module
 */
import { describe, requireOptions } from '../core/arguments.ts';

/** What every primitive takes. */
export interface NameOption {
  /** What errors and the task tree call it, after its kind. */
  readonly name?: string | undefined;
}

/** What errors and the task tree call a primitive. Refuses what is no object of options, such as the `5` in `new Queue(5)`. */
export function labelOf(kind: string, options: NameOption): string {
  requireOptions(options, `a ${kind}`);
  const { name } = options;
  if (name === undefined) return kind;
  if (typeof name !== 'string') {
    throw new TypeError(`Expected name of a ${kind} to be a string: got ${describe(name)}`);
  }
  return `${kind} ${name}`;
}
