/**
 * What is said when the optional package is not there.
 *
 * @module
 */

/** Says that fibers cannot run because the package `effect`, which skein does not install by itself, is not there. */
export class EffectMissing extends Error {
  /** Stable, for matching. */
  override readonly name = 'EffectMissing';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_EFFECT_MISSING';

  constructor(options?: ErrorOptions) {
    super(
      "Cannot run fibers as the package 'effect' is not installed: npm install effect@^4.1.0",
      options,
    );
  }
}
