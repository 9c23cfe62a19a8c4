/**
 * On whose behalf code runs that a worker has called back. If it makes a call of its own to the same pool, that must not wait for a worker:
 * the one that it would get may be the one that waits for it. And if it waited for the end of the pool, it would wait for itself.
 *
 * @module
 */
import { TaskLocal } from '../../core/task-local.ts';
import { captureContext, currentFrame, currentToken, inFrame } from '../../core/token.ts';
import type { CapturedContext } from '../../runtime/context.ts';
import type { CallOwner, PoolCall } from './pool-call.ts';

/** A call that calls back, and the one in whose callback it was made. */
interface Behalf {
  readonly call: PoolCall;
  outer: Behalf | null;
}

/** Null where nothing is called back. */
const behalf = new TaskLocal<Behalf | null>('call', null);

/** Captures the context in which the callbacks, sources and limiters of a call are asked. */
export function captureFor(call: PoolCall): CapturedContext {
  const { bindings } = currentFrame();
  // A callback that makes the next call, and so on for ever, must not keep all that were before.
  const outer = bindings?.key === behalf ? bindings.outer : bindings;
  const value: Behalf = { call, outer: unsettled(behalf.get()) };
  const frame = { token: currentToken(), bindings: { key: behalf, value, outer } };
  return inFrame(frame, captureContext);
}

/** The innermost that has not ended. Those that have are forgotten on the way. */
function unsettled(from: Behalf | null): Behalf | null {
  let first = from;
  while (first?.call.settled === true) first = first.outer;
  for (let each = first; each !== null; each = each.outer) {
    while (each.outer?.call.settled === true) each.outer = each.outer.outer;
  }
  return first;
}

/** Whether this code was called back, perhaps by way of other pools, by a call of `owner` that has not ended. */
export function isCalledFrom(owner: CallOwner): boolean {
  return callFrom(owner, () => true);
}

/**
 * Whether such a call has no answer yet, so that it may wait for this code. What was only begun in a callback, as a listener that was added
 * there, is nobody's to wait for.
 */
export function isAwaitedBy(owner: CallOwner): boolean {
  return callFrom(owner, ({ lender }) => lender?.isCalling === true);
}

function callFrom(owner: CallOwner, is: (call: PoolCall) => boolean): boolean {
  for (let each = behalf.get(); each !== null; each = each.outer) {
    const { call } = each;
    if (!call.settled && call.owner === owner && is(call)) return true;
  }
  return false;
}
