/**
 * What those get who use a shared object when its call has ended.
 *
 * @module
 */
import { ownErrors } from '../../core/error-classes.ts';

/** Says that a shared object was used, or waited for, when the call it was an argument of had ended. */
export class CallEnded extends Error {
  /** Stable, for matching. */
  override readonly name = 'CallEnded';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_CALL_ENDED';

  /** @param action what was wanted, as in `put into queue` */
  constructor(action: string) {
    super(
      `Cannot ${action}: the call that it was shared with has ended; await all work in the body before it returns`,
    );
  }
}

ownErrors(CallEnded);
