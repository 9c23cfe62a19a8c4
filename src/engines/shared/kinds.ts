/**
 * Which values are shared across the boundary of a call instead of copied, told by their class.
 *
 * @module
 */
import { isThenable } from '../../core/arguments.ts';
import { AsyncEvent } from '../../sync/async-event.ts';
import { Barrier } from '../../sync/barrier.ts';
import { Broadcast } from '../../sync/broadcast.ts';
import { Condition } from '../../sync/condition.ts';
import { Deferred } from '../../sync/deferred.ts';
import { DirectSeat } from '../../sync/items-seat.ts';
import { KeyedLock } from '../../sync/keyed-lock.ts';
import { Queue } from '../../sync/queue.ts';
import { ReadWriteLock } from '../../sync/read-write-lock.ts';
import { Receiver } from '../../sync/receiver.ts';
import { Sender } from '../../sync/sender.ts';
import { WaitGroup } from '../../sync/wait-group.ts';

/** A kind of shared object: what it is on the other side, and what it can be asked there. */
export type Kind =
  | 'signal'
  | 'callback'
  | 'queue'
  | 'sender'
  | 'receiver'
  | 'broadcast'
  | 'event'
  | 'limiter'
  | 'runner'
  | 'iterator'
  | 'items'
  | 'steps';

/** Looking at a class takes longer than all the rest; an object of a class that was seen before costs one look-up. */
const known = new WeakMap<object, Kind | 'copied' | 'refused'>();

/** Enters a class of ours that stands for a kind. */
export function lendAs(type: { readonly prototype: object }, kind: Kind): void {
  known.set(type.prototype, kind);
}

/**
 * The kind of an instance of a class; undefined when it is copied, `refused` when a copy would be an empty object that does nothing.
 * Not for plain objects, arrays and functions.
 */
export function kindOf(instance: object): Kind | 'refused' | undefined {
  const prototype = Object.getPrototypeOf(instance) as object;
  let kind = known.get(prototype);
  if (kind === undefined) {
    kind = lookAt(instance) ?? 'copied';
    known.set(prototype, kind);
  }
  return kind === 'copied' ? undefined : kind;
}

/** Of the library, and not shared: they are of use among tasks that share a memory. */
const LOCAL = [Barrier, Condition, Deferred, KeyedLock, ReadWriteLock, WaitGroup];

function lookAt(instance: object): Kind | 'refused' | undefined {
  if (isCopied(instance)) return undefined;
  if (instance instanceof AbortSignal) return 'signal';
  if (instance instanceof Queue) return 'queue';
  if (instance instanceof Sender) return 'sender';
  if (instance instanceof Receiver) return 'receiver';
  if (instance instanceof Broadcast) return 'broadcast';
  if (instance instanceof AsyncEvent) return 'event';
  if (instance instanceof DirectSeat) return 'items';
  // Promises and tasks, too.
  if (LOCAL.some((type) => instance instanceof type) || isThenable(instance)) return 'refused';
  return kindOfRunner(instance) ?? kindOfIterable(instance);
}

/** What runs functions when it is their turn; a limiter can also be acquired. */
export function kindOfRunner(value: object): Kind | undefined {
  const { run, acquire } = value as { readonly run?: unknown; readonly acquire?: unknown };
  if (typeof run !== 'function') return undefined;
  return typeof acquire === 'function' ? 'limiter' : 'runner';
}

/** What can be iterated. */
export function kindOfIterable(value: object): Kind | undefined {
  const from = value as Partial<Iterable<unknown> & AsyncIterable<unknown> & Iterator<unknown>>;
  const iterates =
    typeof from.next === 'function' ||
    typeof from[Symbol.asyncIterator] === 'function' ||
    typeof from[Symbol.iterator] === 'function';
  return iterates ? 'iterator' : undefined;
}

/** What the platform copies or moves, though it could be iterated. */
function isCopied(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof String ||
    value instanceof Error ||
    // A stream of the platform can be moved.
    typeof (value as { readonly getReader?: unknown }).getReader === 'function'
  );
}
