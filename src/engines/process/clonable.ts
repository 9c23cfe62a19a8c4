/**
 * A check of messages where the host makes none in time.
 *
 * @module
 */

/** Deno 2.9 tells of a message that cannot be cloned when it has accepted it, and its channel is dead from then on. */
const isToldLate = 'Deno' in globalThis;

/**
 * Must come before a message is sent to a process.
 *
 * @throws DataCloneError as the host should, when the message cannot be cloned
 */
export function requireClonable(message: unknown): void {
  if (isToldLate) structuredClone(message);
}
