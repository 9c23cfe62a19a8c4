/**
 * The run in which nobody is held back: all that is ready goes on in the same turn, as it does without an explorer. In it the plain
 * `await`s of several tasks take turns, which they never do where each goes on alone; and what fails without the explorer fails in it.
 *
 * @module
 */
import type { Strategy } from '../strategy.ts';

/** What stands for this run where a trace is expected. */
export const TOGETHER = 'together';

/** One run. */
export class Together implements Strategy {
  readonly together = true;
  readonly complete = false;
  readonly footprints = false;

  begin(run: number): boolean {
    return run === 0;
  }

  pick(): number {
    return 0;
  }

  choose(): number {
    return 0;
  }

  end(): void {
    // It is run once.
  }
}
