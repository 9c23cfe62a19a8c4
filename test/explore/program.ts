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
  /** Whether all its schedules can be run, with a cancellation of each task at each step: some thousands. Default false. */
  readonly small?: boolean;
}
