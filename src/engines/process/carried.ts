/**
 * Objects of the host that a clone takes along within one process only: a Blob, a key, compiled code. The channel to another process would
 * be given empty objects, or bytes that nobody there can read.
 *
 * @module
 */
import { describe } from '../../core/arguments.ts';
import { hostModule } from '../../runtime/runtime.ts';
import { Uncarried } from '../../shipping/unclonable.ts';
import { isContainer, partsOf } from '../shared/contents.ts';
import { hasHostObjects, isOrdinary } from '../shared/kinds.ts';

/** By prototype. */
const carried = new WeakMap<object, boolean>();

/**
 * Looks for what another process cannot be sent. Costs nothing before the first object of the host has come along.
 *
 * @throws Uncarried
 */
export function requireCarried(value: unknown): void {
  if (!hasHostObjects() || typeof value !== 'object' || value === null) return;
  const seen = new Set<object>([value]);
  const ahead: object[] = [value];
  for (let each = ahead.pop(); each !== undefined; each = ahead.pop()) {
    if (!isCarried(each)) throw uncarried(each);
    if (ArrayBuffer.isView(each)) continue;
    for (const part of isContainer(each) ? partsOf(each) : Object.values(each)) {
      if (typeof part !== 'object' || part === null || seen.has(part)) continue;
      seen.add(part);
      ahead.push(part);
    }
  }
}

function uncarried(object: object): Uncarried {
  return new Uncarried(describe(object), 'which only a thread can be sent', (value) =>
    requireCarried(value),
  );
}

function isCarried(object: object): boolean {
  if (isContainer(object) || isOrdinary(object)) return true;
  const prototype = Object.getPrototypeOf(object) as object;
  let is = carried.get(prototype);
  if (is === undefined) {
    is = arrivesAsCloned(object);
    carried.set(prototype, is);
  }
  return is;
}

/** What cannot be cloned at all, the channel refuses. */
function arrivesAsCloned(object: object): boolean {
  let cloned: object;
  try {
    cloned = structuredClone(object);
  } catch {
    return true;
  }
  try {
    const v8 = hostModule<typeof import('node:v8')>('node:v8') as typeof import('node:v8');
    const arrived = v8.deserialize(v8.serialize(object)) as object;
    return Object.getPrototypeOf(arrived) === Object.getPrototypeOf(cloned);
  } catch {
    return false;
  }
}
