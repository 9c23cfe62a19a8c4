/**
 * What the explorer is given.
 *
 * @module
 */

/** A small concurrent program that checks itself. */
export interface Program {
  readonly name: string;
  readonly run: () => Promise<void>;
  /** Whether it stands a cancellation of any of its tasks at any step. Default true. */
  readonly cancelAnywhere?: boolean;
  /** Default exhaustive, as far as the number of runs allows. */
  readonly strategy?: 'exhaustive' | 'random' | 'pct' | 'delay-bounded';
}
