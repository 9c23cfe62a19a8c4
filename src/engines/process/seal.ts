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

/** What has fewer parts has fewer levels, and any stack can read it. */
const FEW = 400;

let v8: V8 | undefined;

function codec(): V8 {
  v8 ??= hostModule<V8>('node:v8') as V8;
  return v8;
}

/** Whether a value may have very many levels: it has many parts, or some of which only a clone knows what is in them. */
export function mayBeDeep(value: unknown): boolean {
  const ahead: unknown[] = [value];
  let left = FEW;
  for (let i = 0; i < ahead.length; i++) {
    const part = ahead[i];
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) continue;
    // The parts of a list are counted before they are looked at: there may be millions.
    const size = sizeOf(part);
    left -= size + 1;
    if (left < 0) return true;
    if (isContainer(part)) ahead.push(...partsOf(part));
    else if (size > 0 || part instanceof Error) return true;
  }
  return false;
}

function sizeOf(part: object): number {
  if (Array.isArray(part)) return part.length;
  return part instanceof Map || part instanceof Set ? 2 * part.size : Object.keys(part).length;
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
