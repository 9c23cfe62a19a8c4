/**
 * Interleavings: how many schedules of a small test are run in a second.
 *
 * @module
 */
import { type Case, numbersTo, type Work } from './case.ts';
import { atLeast } from './pledges.ts';

/** A lock test of three tasks: each reads, waits, and writes what it read and one more. */
async function lockTest(): Promise<() => Promise<void>> {
  const { checkpoint, Lock, scope } = await import('../src/index.ts');
  return async () => {
    const lock = new Lock();
    let count = 0;
    const increment = async (): Promise<void> => {
      const lease = await lock.acquire();
      const before = count;
      await checkpoint();
      count = before + 1;
      lease.release();
    };
    await scope(async (s) => {
      for (let task = 0; task < 3; task++) s.spawn(increment);
    });
    if (count !== 3) throw new Error(`Expected a count of 3: got ${count}`);
  };
}

/** Explores anew when there are no more schedules. */
function explored(strategy: 'exhaustive' | 'random' | 'pct', reduce = false): () => Promise<Work> {
  return async () => {
    const { explore } = await import('../src/testing/index.ts');
    const body = await lockTest();
    return async (_, schedules) => {
      let left = schedules;
      while (left > 0) left -= (await explore(body, { strategy, reduce, runs: left })).runs;
      return schedules - left;
    };
  };
}

async function unexplored(): Promise<Work> {
  const body = await lockTest();
  return async (_, runs) => {
    for (let run = 0; run < runs; run++) await body();
    return runs;
  };
}

/** What exploration promises. */
export const cases: readonly Case[] = [
  {
    name: 'What does one schedule of a lock test of three tasks cost?',
    measure: 'time',
    per: 'item',
    items: 10_000,
    repeat: 1,
    warmUp: { items: 2000, repeat: 1 },
    input: numbersTo,
    contenders: [
      { name: 'skein explore, exhaustive', role: 'ours', load: explored('exhaustive') },
      { name: 'skein explore, reduced', role: 'context', load: explored('exhaustive', true) },
      { name: 'skein explore, random', role: 'context', load: explored('random') },
      { name: 'skein explore, pct', role: 'context', load: explored('pct') },
      { name: 'floor: the test alone', role: 'floor', load: unexplored },
    ],
    promises: [atLeast(5000, 'schedules')],
  },
];
