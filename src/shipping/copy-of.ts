/**
 * A copy of data that is sure to be cloneable again: by a structured clone, and by Node's serialization for child processes, which
 * takes less (no Blob, no SharedArrayBuffer, no DOMException).
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';

/** Asked for when it is needed: it brings all of Node's streams with it. */
let v8: typeof import('node:v8') | undefined;

/** Copies an object, or gives undefined when it cannot be cloned. A copy, because a getter may throw the second time. */
export function copyOf(value: object): unknown {
  try {
    const copy: unknown = structuredClone(value);
    v8 ??= hostModule<typeof import('node:v8')>('node:v8');
    if (v8 !== undefined) v8.deserialize(v8.serialize(copy));
    return copy;
  } catch {
    return undefined;
  }
}
