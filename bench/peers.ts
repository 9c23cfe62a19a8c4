/**
 * The bounded maps of other packages, each called as its own documentation says and imported only
 * in the child that runs it.
 *
 * @module
 */
import type { Contender, Work } from './case.ts';

/** The function that all bounded maps call. */
export const noop = async (): Promise<void> => {};

/** How many items are at work at once in all bounded maps. */
export const LIMIT = 100;

async function pLimit(): Promise<Work> {
  const { default: limiter } = await import('p-limit');
  return async (input) => (await limiter(LIMIT).map(input, noop)).length;
}

async function pMap(): Promise<Work> {
  const { default: bounded } = await import('p-map');
  return async (input) => (await bounded(input, noop, { concurrency: LIMIT })).length;
}

async function pQueue(): Promise<Work> {
  const { default: Queue } = await import('p-queue');
  return async (input) => {
    const queue = new Queue({ concurrency: LIMIT });
    return (await queue.addAll(Array.from(input, () => noop))).length;
  };
}

async function asyncMapLimit(): Promise<Work> {
  const { mapLimit } = await import('async');
  return async (input) => {
    // Its types know arrays and iterators, its code every iterable.
    const values = input as IterableIterator<number>;
    return (await mapLimit(values, LIMIT, noop)).length;
  };
}

async function promisePool(): Promise<Work> {
  const { PromisePool } = await import('@supercharge/promise-pool');
  return async (input) =>
    (await PromisePool.for(input).withConcurrency(LIMIT).process(noop)).results.length;
}

async function modernAsync(): Promise<Work> {
  const { asyncMap } = await import('modern-async');
  return async (input) => (await asyncMap(input, noop, LIMIT)).length;
}

async function effectForEach(): Promise<Work> {
  const { Effect } = await import('effect');
  return async (input) => {
    const program = Effect.forEach(input, () => Effect.promise(noop), { concurrency: LIMIT });
    return (await Effect.runPromise(program)).length;
  };
}

async function readableMap(): Promise<Work> {
  const { Readable } = await import('node:stream');
  return async (input) => {
    const mapped = Readable.from(input).map(noop, { concurrency: LIMIT });
    return (await mapped.toArray()).length;
  };
}

/** The bounded maps of others. */
export const boundedMaps: readonly Contender[] = [
  { name: 'async.mapLimit', role: 'peer', load: asyncMapLimit },
  { name: 'Effect.forEach', role: 'peer', load: effectForEach },
  { name: 'p-map', role: 'peer', load: pMap },
  { name: '@supercharge/promise-pool', role: 'peer', load: promisePool },
  { name: 'Readable.map', role: 'peer', load: readableMap },
  { name: 'p-limit', role: 'peer', load: pLimit },
  { name: 'p-queue', role: 'peer', load: pQueue },
  { name: 'modern-async asyncMap', role: 'peer', load: modernAsync },
];
