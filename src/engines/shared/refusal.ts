/**
 * The error of what can be neither copied nor shared.
 *
 * @module
 */

/** Says that a value cannot cross to another memory, and where it was found. */
export class CannotShare extends TypeError {
  /** Stable, for matching. */
  readonly code = 'ERR_UNCLONABLE';
  /** Where it is, as in `args[0].onDone`. */
  readonly path: string;

  constructor(path: string, what: string) {
    super(`Cannot send ${path} to another thread or process: it is ${what}`);
    this.path = path;
  }
}
