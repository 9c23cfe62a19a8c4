/**
 * Waiting for an asynchronous function without giving the event loop a turn.
 *
 * @module
 */
import { skein } from './built.ts';
import { arrayOf, type Case, type Work } from './case.ts';
import { atMostTimeOf } from './pledges.ts';
import { ownTasks } from './pools/own.ts';
import { workerFile } from './pools/pool.ts';

function calling(make: () => Promise<(n: number) => number>): () => Promise<Work> {
  return async () => {
    const call = await make();
    return async (_, items) => {
      let right = 0;
      for (let n = 0; n < items; n++) if (call(n) === n + 1) right++;
      return right;
    };
  };
}

async function ours(): Promise<(n: number) => number> {
  const { runSync } = await skein();
  const { incrementLater } = await ownTasks();
  return (n) => runSync(incrementLater, n);
}

async function synckit(): Promise<(n: number) => number> {
  const { createSyncFn } = await import('synckit');
  return createSyncFn<(n: number) => Promise<number>>(workerFile('synckit.mjs'));
}

async function makeSynchronous(): Promise<(n: number) => number> {
  const { default: make } = await import('make-synchronous');
  return make(async (n: number) => n + 1);
}

/** What `runSync` promises. */
export const cases: readonly Case[] = [
  {
    name: 'What does a call cost that waits for an asynchronous function in a thread?',
    measure: 'time',
    per: 'task',
    byWall: true,
    items: 2000,
    repeat: 2,
    warmUp: { items: 2000, repeat: 1 },
    input: arrayOf,
    contenders: [
      { name: 'skein runSync', role: 'ours', load: calling(ours) },
      { name: 'synckit', role: 'peer', load: calling(synckit) },
      { name: 'make-synchronous', role: 'peer', load: calling(makeSynchronous) },
    ],
    promises: [atMostTimeOf(1, 'synckit')],
  },
];
