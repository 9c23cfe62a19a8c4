/**
 * Values that may be too deep for the one who is to read them: a writer with a larger stack, such as a thread, writes what a child cannot
 * read. The host reads a message as a whole, and in an event of its own, so one such value would cost all of it, and more. Sealed, a value
 * is bytes in the message, and is read by itself.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';
import { forged } from '../pool/forged.ts';
import { isContainer, partsOf } from '../shared/contents.ts';

type V8 = typeof import('node:v8');

/** Levels that any stack can read. */
const LEVELS = 400;

/** Parts that are looked at. With more, to seal them costs little in comparison. */
const MOST = 10_000;

let v8: V8 | undefined;

function codec(): V8 {
  v8 ??= hostModule<V8>('node:v8') as V8;
  return v8;
}

/** Whether a value may have very many levels: it has, or has too many parts to look at, or some of which only a clone knows what is in them. */
export function mayBeDeep(value: unknown): boolean {
  let left = MOST;
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LEVELS) return true;
    const inside: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null || ArrayBuffer.isView(each)) continue;
      if (!isContainer(each)) {
        if (each instanceof Error || Object.keys(each).length > 0) return true;
        continue;
      }
      if (Array.isArray(each) && each.length > left) return true;
      const parts = partsOf(each);
      left -= parts.length;
      if (left < 0) return true;
      for (const part of parts) if (typeof part === 'object' && part !== null) inside.push(part);
    }
    level = inside;
  }
  return false;
}

/** A value in a message: as it is, or sealed. Messages of ours are lists, so nobody takes one for the other. */
export type Sealed<T> = T | Uint8Array;

/**
 * Seals a value that may be deep.
 *
 * @throws RangeError when it is too deep to be written
 */
export function seal<T>(value: T): Sealed<T> {
  try {
    return mayBeDeep(value) ? codec().serialize(value) : value;
  } catch (error) {
    if (error instanceof RangeError) throw error;
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
    return codec().deserialize(value as Uint8Array);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw forged('bytes that nobody has written', { cause: error });
  }
}
