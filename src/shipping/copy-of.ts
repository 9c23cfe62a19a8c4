/**
 * A copy of data that is sure to be cloneable again: by a structured clone, and by Node's serialization for child processes, which
 * takes less (no Blob, no SharedArrayBuffer, no DOMException).
 *
 * @module
 */
import { hostModule } from '../runtime/runtime.ts';

/** Asked for when it is needed: it brings all of Node's streams with it. */
let v8: typeof import('node:v8') | undefined;

/** Levels that every stack can read. A thread may have one that is four times larger than that of the thread for which it writes. */
const DEEPEST = 500;

/** Copies an object, or gives undefined when it cannot be cloned, or is too deep to be sure of it. A copy, because a getter may throw the second time. */
export function copyOf(value: object): unknown {
  try {
    const copy: unknown = structuredClone(value);
    if (isDeep(copy)) return undefined;
    v8 ??= hostModule<typeof import('node:v8')>('node:v8');
    if (v8 !== undefined) v8.deserialize(v8.serialize(copy));
    return copy;
  } catch {
    return undefined;
  }
}

/** Whether a copy has more levels than that. Its errors have causes, as a clone keeps them. */
function isDeep(copy: unknown): boolean {
  const seen = new Set<unknown>();
  let level: unknown[] = [copy];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((each) => (seen.has(each) ? [] : partsOf(each, seen)));
  }
  return false;
}

function partsOf(value: unknown, seen: Set<unknown>): readonly unknown[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  seen.add(value);
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set) return [...value];
  return value instanceof Error ? [value.cause] : Object.values(value);
}
