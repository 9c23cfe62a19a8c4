/**
 * What a pool says to work that comes after its end.
 *
 * @module
 */

/** Says that an engine was given work after it was disposed. */
export class EngineClosed extends Error {
  /** Stable, for matching. */
  override readonly name = 'EngineClosed';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_ENGINE_CLOSED';
}
