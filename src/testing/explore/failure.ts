/**
 * The error of a failed exploration: everything that is needed to see the failure again.
 *
 * @module
 */
import { textOf } from '../../core/arguments.ts';

/** What a `ScheduleFailed` tells. */
export interface FailureReport {
  readonly strategy: string;
  readonly seed: number | string | undefined;
  readonly runs: number;
  readonly trace: string;
  readonly steps: readonly string[];
  /** Whether the same choices failed again. */
  readonly repeatable: boolean;
  readonly cause: unknown;
}

/**
 * Says that a body fails under a schedule. The schedule has been shrunk: it is the default one but for the choices of `trace`.
 */
export class ScheduleFailed extends Error {
  /** Stable, for matching. */
  override readonly name = 'ScheduleFailed';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_SCHEDULE_FAILED';
  /** What to give to `replay`. */
  readonly trace: string;
  /** What to give to `explore` to find it again; undefined for strategies without chance. */
  readonly seed: number | string | undefined;
  /** How many schedules were run before it failed, with the one that did; 0 when it failed only with nobody held back. */
  readonly runs: number;
  /** The steps of the shrunk run, each as `task: what it waited for`. */
  readonly steps: readonly string[];

  /** @internal */
  constructor(report: FailureReport) {
    const { strategy, seed, runs, trace, steps, repeatable, cause } = report;
    const how = [
      strategy,
      runs === 0 ? 'nobody held back' : `run ${runs}`,
      ...(seed === undefined ? [] : [`seed ${seed}`]),
    ];
    const again = repeatable
      ? `Run it again with replay(body, '${trace}')`
      : `The same choices did not fail again: the body is not deterministic. Its trace was '${trace}'`;
    super(
      `Failed under a schedule (${how.join(', ')}): ${textOf(cause)}\n${again}\nIts steps:\n${listed(steps)}`,
      { cause },
    );
    this.trace = trace;
    this.seed = seed;
    this.runs = runs;
    this.steps = steps;
  }
}

/** Of a long run the beginning and the end; `steps` has all. */
function listed(steps: readonly string[]): string {
  const shown = steps.map((step) => `  ${step}`);
  if (shown.length > 60) shown.splice(20, shown.length - 50, `  … ${shown.length - 50} more`);
  return shown.join('\n');
}
