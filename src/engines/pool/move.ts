/**
 * Values that are moved to another memory instead of copied, in both directions.
 *
 * @module
 */
import { describe } from '../../core/arguments.ts';
import type { Transferred } from '../../core/engine.ts';

const moved = new WeakMap<object, readonly Transferred[]>();
let isUsed = false;

/**
 * Marks a value so that it is moved when it is next an argument or a result of a call in another thread: what it is made of is then
 * unusable on this side, and nothing was copied. In another process there is no memory to move to, so there it is copied all the same.
 *
 * @param value an ArrayBuffer, a typed array or a MessagePort; or any value that holds some
 * @param parts what to move of it. Default: the value itself, or its buffer
 * @returns the same value
 * @throws TypeError when there is nothing to move
 *
 * @example
 * ```ts
 * import { inThread, move } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const bytes = new Uint8Array(1024).fill(7);
 * const sum = await inThread((all: Uint8Array) => all.reduce((a, b) => a + b, 0), move(bytes));
 * assert.deepEqual([sum, bytes.length], [7168, 0]);
 * ```
 */
export function move<T extends object>(value: T, parts?: readonly Transferred[]): T {
  isUsed = true;
  if (parts === undefined && ArrayBuffer.isView(value)) {
    moved.set(value, [value.buffer as ArrayBuffer]);
    return value;
  }
  const list = parts ?? [value as unknown as Transferred];
  if (!Array.isArray(list)) {
    throw new TypeError(`Expected parts of move to be an array: got ${describe(parts)}`);
  }
  if (typeof value !== 'object' || value === null || list.some((part) => !isTransferable(part))) {
    throw new TypeError(
      `Expected value of move to be an ArrayBuffer, a typed array or a MessagePort, or parts to name some: got ${describe(value)}`,
    );
  }
  moved.set(value, list);
  return value;
}

function isTransferable(part: unknown): boolean {
  return (
    part instanceof ArrayBuffer ||
    typeof (part as { postMessage?: unknown } | null)?.postMessage === 'function'
  );
}

/** Whether something of these values is to be moved. */
export function isToMove(
  values: readonly unknown[],
  listed: readonly Transferred[] | undefined,
): boolean {
  if (listed !== undefined && listed.length > 0) return true;
  return isUsed && values.some((value) => moved.has(value as object));
}

/** What is to be moved of these values, beside what the caller lists; undefined when nothing is. */
export function partsToMove(
  values: readonly unknown[],
  listed: readonly Transferred[] | undefined,
): readonly Transferred[] | undefined {
  const some = listed?.length === 0 ? undefined : listed;
  if (!isUsed) return some;
  let parts: Set<Transferred> | undefined;
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    for (const part of moved.get(value) ?? []) {
      parts ??= new Set(listed);
      parts.add(part);
    }
    moved.delete(value);
  }
  return parts === undefined ? some : [...parts];
}
