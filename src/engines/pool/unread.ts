/**
 * What becomes of a call that a worker could not read: the stack there was too small for what it came with.
 *
 * @module
 */
import { titleOf } from '../../shipping/errors.ts';
import { tooDeep } from '../../shipping/unclonable.ts';
import type { LinkEvents } from './link.ts';
import type { PoolCall } from './pool-call.ts';

/** One of those that travelled together is to blame: the next time each travels alone, and then it is known. */
export function unread(call: PoolCall, events: LinkEvents): void {
  if (call.travelsAlone) {
    const what = `the arguments of ${titleOf(call.name)} to a worker`;
    events.refused(call, tooDeep(what, 'args', 'there'));
    return;
  }
  call.travelsAlone = true;
  events.returned(call);
}
