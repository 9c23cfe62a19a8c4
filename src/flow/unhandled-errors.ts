/**
 * What a waiter rejects with when copies have failed.
 *
 * @module
 */
import { countOf, textOf } from '../core/arguments.ts';

/** Says that copies of a body have failed. `errors` has what each threw, unchanged, in the order of the copies. */
export class UnhandledErrors extends AggregateError {
  /** Stable, for matching. */
  override readonly name = 'UnhandledErrors';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_UNHANDLED_ERRORS';

  /**
   * @param errors what the copies threw
   * @param what what failed, for people
   */
  constructor(errors: readonly unknown[], what = 'the work') {
    const first = errors.length === 0 ? '' : `: ${textOf(errors[0])}`;
    super(errors, `${countOf(errors.length, 'error')} in ${what}${first}`);
  }
}
