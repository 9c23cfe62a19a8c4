/**
 * What a pool finds when it looks over its workers.
 *
 * @module
 */
import type { PoolWorker } from './pool-worker.ts';

/** How many run calls of all, or can. One that is to be replaced counts until it has done what it has. */
export function countShared(workers: readonly PoolWorker[]): number {
  let shared = 0;
  for (const { owner, retiring, size } of workers) {
    if (owner === undefined && (size > 0 || !retiring)) shared++;
  }
  return shared;
}

/** How many are on their way, for calls of all. */
export function countStarting(workers: readonly PoolWorker[]): number {
  let starting = 0;
  for (const { isFree, isReady } of workers) if (isFree && !isReady) starting++;
  return starting;
}

/** How many calls they have. */
export function countRunning(workers: readonly PoolWorker[]): number {
  let running = 0;
  for (const { size } of workers) running += size;
  return running;
}

/** Finds one that has nothing to do, and the one that has most beside what it is at; undefined where there is no such pair. */
export function findUnequal(
  workers: readonly PoolWorker[],
): { readonly idle: PoolWorker; readonly rich: PoolWorker } | undefined {
  let idle: PoolWorker | undefined;
  let rich: PoolWorker | undefined;
  for (const worker of workers) {
    if (worker.owner !== undefined) continue;
    if (worker.size === 0 && worker.isReady && !worker.retiring) idle = worker;
    else if (worker.size > 1 && worker.size > (rich?.size ?? 0)) rich = worker;
  }
  return idle && rich && { idle, rich };
}
