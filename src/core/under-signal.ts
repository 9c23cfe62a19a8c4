/**
 * A call that an `AbortSignal` can stop, while it waits for its turn and while it is at work. The signal becomes a token at the edge: what
 * waits inside leaves its line as at any other cancellation, what runs inside has a signal that aborts, and no line has to know of signals.
 *
 * @module
 */
import { watchAbort } from './abort-watch.ts';
import { requireLimits, type WaitBounds } from './bounds.ts';
import type { MaybePromise } from './context.ts';
import { isCancelled } from './errors.ts';
import { requireOptions } from './known-options.ts';
import { cancelBy } from './link-signal.ts';
import { currentToken, inFrame, Token } from './token.ts';
import { isAbortOf } from './verdict.ts';
import { Wait } from './wait.ts';

/**
 * Runs `body` until it has ended, with a token of its own that `signal` cancels. It gives what `body` gives: also after the abort, if
 * `body` has a value all the same.
 *
 * @param label what the cancellation is said to have stopped
 * @throws the reason of the signal, as it is, when `body` has ended because of the abort; at once, without a call, when it has aborted before
 * @throws Cancelled at once, without a call, in a cancelled scope
 */
export function underSignal<R>(
  signal: AbortSignal,
  label: string,
  body: () => MaybePromise<R>,
): Promise<R> {
  const outer = currentToken();
  // The wait that is refused counts the rejections of a loop that swallows them.
  if (outer.effective !== undefined) return new Wait<R>(label, outer).promise;
  if (signal.aborted) return Promise.reject(signal.reason);
  return watched(signal, new Token(label, outer, 'part'), body);
}

async function watched<R>(
  signal: AbortSignal,
  token: Token,
  body: () => MaybePromise<R>,
): Promise<R> {
  const unwatch = watchAbort(signal, () => cancelBy(signal, token));
  try {
    return await inFrame(token, body);
  } catch (error) {
    throw isCancelled(error) && isStoppedBy(signal, token) ? signal.reason : error;
  } finally {
    unwatch();
    token.close();
  }
}

/** Whether it was the signal that cancelled the token, and not what is around it. */
export function isStoppedBy(signal: AbortSignal, { own, effective }: Token): boolean {
  return own === effective && isAbortOf(signal, own);
}

/**
 * Whether the bounds of a call hold a signal that must be watched. That of the scope, task or flow at work reaches all that is inside
 * anyway: flows give it to their limiters with every item.
 */
export function hasSignal(bounds: WaitBounds | undefined): bounds is Signalled {
  const signal = bounds?.signal;
  return signal !== undefined && signal !== null && !currentToken().hasSignal(signal);
}

/** Bounds with a signal in them. */
type Signalled = WaitBounds & { readonly signal: AbortSignal };

/**
 * Runs `body` under the signal of `bounds`; it is given the others.
 *
 * @param names what may be said; undefined where somebody else knows
 */
export function underBounds<B extends WaitBounds, R>(
  bounds: B & Signalled,
  names: Readonly<Record<string, boolean>> | undefined,
  label: string,
  body: (others: B) => MaybePromise<R>,
): Promise<R> {
  try {
    if (names !== undefined) requireOptions(bounds, names, `a call of ${label}`);
    requireLimits(bounds);
  } catch (error) {
    return Promise.reject(error);
  }
  // Bounds may be an object of any class, such as the context of the call around.
  const others = Object.create(bounds, NO_SIGNAL) as B;
  return underSignal(bounds.signal, label, () => body(others));
}

const NO_SIGNAL: PropertyDescriptorMap = { signal: { value: undefined } };
