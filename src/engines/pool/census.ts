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

/** Finds one that has nothing to do. */
export function findIdle(workers: readonly PoolWorker[]): PoolWorker | undefined {
  return workers.findLast(
    ({ owner, size, isReady, retiring }) =>
      owner === undefined && size === 0 && isReady && !retiring,
  );
}

/** Whether one has more than what it is at. */
export function hasSeveral({ size }: PoolWorker): boolean {
  return size > 1;
}

/** Those that have more than what they are at, the richest first. */
export function richest(workers: readonly PoolWorker[]): PoolWorker[] {
  const rich = workers.filter(({ owner, size }) => owner === undefined && size > 1);
  return rich.sort((a, b) => b.size - a.size);
}
