/**
 * Values in messages that are bytes, and are read by themselves. What may be too deep for the one who is to read it: a writer with a larger
 * stack, such as a thread, writes what a child cannot read, and the host reads a message as a whole, in an event of its own, so that one such
 * value would cost all of it, and more. And what has views of buffers: the host would let them look into the message.
 *
 * @module
 */
import { Uncarried } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import { isContainer, partsOf } from '../shared/contents.ts';
import { requireCarried } from './carried.ts';
import { type Buffers, codecHere } from './codec.ts';

/** Levels that any stack can read. */
const LEVELS = 400;

/** Parts that are looked at. With more, to seal them costs little in comparison. */
const MOST = 10_000;

/** Views in a value whose number is not known. */
const UNCOUNTED = undefined;

/**
 * Whether a value is to be sealed, and then the buffers in it. It may have very many levels: it has, or has too many parts to look at, or some
 * of which only a clone knows what is in them. Or it has views.
 */
function lookAt(value: unknown): false | Buffers | typeof UNCOUNTED {
  let left = MOST;
  let hasViews = false;
  let buffers: Map<ArrayBufferLike, number> | undefined;
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LEVELS) return UNCOUNTED;
    const inside: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue;
      const isView = ArrayBuffer.isView(each);
      if (isView || each instanceof ArrayBuffer) {
        const buffer = isView ? each.buffer : each;
        buffers ??= new Map();
        buffers.set(buffer, (buffers.get(buffer) ?? 0) + 1);
        hasViews ||= isView;
        continue;
      }
      if (!isContainer(each)) {
        if (each instanceof Error || Object.keys(each).length > 0) return UNCOUNTED;
        continue;
      }
      if (Array.isArray(each) && each.length > left) return UNCOUNTED;
      const parts = partsOf(each);
      left -= parts.length;
      if (left < 0) return UNCOUNTED;
      for (const part of parts) if (typeof part === 'object' && part !== null) inside.push(part);
    }
    level = inside;
  }
  return hasViews && (buffers as Buffers);
}

/** A value in a message: as it is, or sealed. Messages of ours are lists, so nobody takes one for the other. */
export type Sealed<T> = T | Uint8Array;

/**
 * Seals a value that may be deep, or has views.
 *
 * @throws RangeError when it is too deep to be written; Uncarried for what another process cannot be sent
 */
export function seal<T>(value: T): Sealed<T> {
  try {
    requireCarried(value);
    const found = lookAt(value);
    return found === false ? value : codecHere().write(value, found);
  } catch (error) {
    if (error instanceof RangeError || error instanceof Uncarried) throw error;
    // A getter of the user's threw, or something cannot be cloned: the channel takes more than this does, and says better what it does not take.
    return value;
  }
}

/**
 * Opens what `seal` gave.
 *
 * @throws RangeError when it is too deep for the stack here; Error when nobody has sealed that
 */
export function unseal<T extends object>(value: Sealed<T>): T {
  return value instanceof Uint8Array ? (open(value) as T) : value;
}

/** Opens what is sealed for certain. */
export function open(value: unknown): unknown {
  try {
    return codecHere().read(value as Uint8Array);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw forged('bytes that nobody has written', { cause: error });
  }
}
