/**
 * What becomes of the calls of a worker that has died.
 *
 * @module
 */
import type { Deaths } from './deaths.ts';
import type { WorkerEnd } from './link.ts';
import type { PoolCall } from './pool-call.ts';
import type { PoolWorker } from './pool-worker.ts';
import type { Route } from './route.ts';
import { WorkerDied } from './worker-died.ts';

/** What is left of a worker. */
export interface Remains {
  /** Calls that go back in line, the oldest first. */
  readonly back: PoolCall[];
  /** A function during whose loading workers die again and again. */
  readonly hopeless: Route | undefined;
  /** It has begun nothing, though it was there for that. */
  readonly isIdle: boolean;
}

/** Fails the calls that had started, or may have, and finds those that had not. */
export function sortOut(
  worker: PoolWorker,
  end: WorkerEnd,
  pending: readonly PoolCall[],
  deaths: Deaths,
): Remains {
  const back: PoolCall[] = [];
  let hopeless: Route | undefined;
  let hasBegun = worker.hasEnded;
  for (const call of pending) {
    const fate = worker.link.fate(call);
    const isUntouched = fate === 'unstarted' || fate === 'unloaded';
    if (fate !== 'unstarted') hasBegun = true;
    if (!isUntouched) deaths.lived(call.route);
    if (call.stopped !== undefined) {
      call.drop(call.stopped.error);
      continue;
    }
    if (fate === 'unloaded' && deaths.whileLoading(call.route, end)) hopeless = call.route;
    if (!isUntouched) call.drop(workerDied(call, end, fate));
    else if (call.wasMoved) call.drop(workerDied(call, end, 'moved'));
    else back.push(call);
  }
  const isWanted = worker.isReady ? pending.length > 0 : !worker.retiring;
  return { back, hopeless, isIdle: !hasBegun && isWanted };
}

/** Makes the error of a call that its worker took along. Its stack is that of the call: it is noticed in an event of the worker, which tells nobody anything. */
export function workerDied(
  call: PoolCall,
  end: WorkerEnd,
  state: WorkerDied['state'],
  module?: string,
): WorkerDied {
  const { exitCode, killedBy, error: cause } = end;
  const died = new WorkerDied({ task: call.name, state, exitCode, killedBy, cause, module });
  if (call.site !== undefined) died.stack = `${died.name}: ${died.message}\n${call.site.frames}`;
  return died;
}

/** Tells calls of a function that workers die while they load it. */
export function refuseUnloadable(route: Route, calls: readonly PoolCall[], end: WorkerEnd): void {
  const { shipment } = route;
  const module = shipment?.kind === 'module' ? shipment.url : undefined;
  for (const call of calls) call.drop(workerDied(call, end, 'unstarted', module));
}

/** Tells calls that wait that there is no worker for them. */
export function refuseAll(calls: readonly PoolCall[], end: WorkerEnd): void {
  for (const call of calls) call.drop(workerDied(call, end, 'unstarted'));
}
