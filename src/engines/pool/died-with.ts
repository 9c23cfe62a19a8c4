/**
 * The error of a call that its worker took along.
 *
 * @module
 */
import type { WorkerEnd } from './link.ts';
import type { PoolCall } from './pool-call.ts';
import { WorkerDied } from './worker-died.ts';

/** Makes it. Its stack is that of the call: it is noticed in an event of the worker, which tells nobody anything. */
export function workerDied(call: PoolCall, end: WorkerEnd, state: WorkerDied['state']): WorkerDied {
  const { exitCode, killedBy, error: cause } = end;
  const died = new WorkerDied({ task: call.name, state, exitCode, killedBy, cause });
  if (call.site !== undefined) died.stack = `${died.name}: ${died.message}\n${call.site.frames}`;
  return died;
}

/** Tells calls that wait that there is no worker for them. */
export function refuseAll(calls: readonly PoolCall[], end: WorkerEnd): void {
  for (const call of calls) call.drop(workerDied(call, end, 'unstarted'));
}
