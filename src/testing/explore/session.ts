/**
 * What `explore` and `replay` share: the hooks are claimed for all runs together, and given back whatever happens.
 *
 * @module
 */
import { kernel } from '../../core/kernel.ts';
import { Join } from '../../core/wait.ts';
import { HookClaim } from '../hooks.ts';
import { Outside } from '../outside.ts';
import { execute, type Setting } from './execution.ts';
import type { Run, Strategy } from './strategy.ts';

/** Runs a body under the schedule of a strategy. */
export type RunOnce = (strategy: Strategy) => Promise<Run>;

/**
 * Calls `use` with what runs the body.
 * @throws Error inside another exploration or virtual time
 */
export async function explorationOf<R>(
  setting: Pick<Setting, 'cancelAnywhere' | 'maxSteps'> & {
    readonly body: () => unknown;
  },
  use: (run: RunOnce) => Promise<R>,
): Promise<R> {
  const hooks = new HookClaim('an exploration');
  // Whoever explores is in a library wait: to the runs it must not look like a body that waits for a plain promise.
  const join = new Join<R>('explore');
  const otherFlows = new Set<object>(kernel.flows);
  const whole = { ...setting, hooks, otherFlows, outside: new Outside() };
  try {
    const result = await use((strategy) => execute(whole, strategy));
    hooks.release();
    join.ok(result);
  } catch (error) {
    hooks.release();
    join.fail(error);
  }
  return join.promise;
}
