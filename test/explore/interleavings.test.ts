/**
 * Every primitive under every order of events that the explorer can make, with a cancellation of each task at each step. `npm test` runs
 * more than fifty thousand schedules, `npm run test:explore` a million.
 *
 * @module
 */
import { type ExploreOptions, explore } from 'skein/testing';
import { describe, expect, test } from 'vitest';
import type { Program } from './program.ts';
import { locks } from './programs-locks.ts';
import { queues } from './programs-queues.ts';

/** How many times the usual number of schedules. */
const FACTOR = Number(process.env.EXPLORE_FACTOR ?? 1);
const RUNS = 1000 * FACTOR;
const LIMIT = { timeout: 600_000 };
let total = 0;

async function count(program: Program, options: ExploreOptions): Promise<boolean> {
  const found = await explore(program.run, { seed: 'every order', ...options });
  total += found.runs;
  return found.complete;
}

const all = [...locks, ...queues];

describe.each(all.filter(({ small }) => small))('$name', (program) => {
  test('in every order', LIMIT, async () => {
    expect(await count(program, {})).toBe(true);
  });

  test.skipIf(program.cancelAnywhere === false)('cancelled anywhere', LIMIT, async () => {
    expect(await count(program, { cancelAnywhere: true })).toBe(true);
  });
});

describe.each(all.filter(({ small }) => !small))('$name', (program) => {
  test('in many orders', LIMIT, async () => {
    await count(program, { strategy: 'random', runs: RUNS });
    await count(program, { strategy: 'pct', runs: RUNS });
  });

  test.skipIf(program.cancelAnywhere === false)('cancelled anywhere', LIMIT, async () => {
    await count(program, { strategy: 'random', runs: RUNS, cancelAnywhere: true });
    await count(program, { strategy: 'delay-bounded', runs: RUNS, cancelAnywhere: true });
  });
});

test('they were many', () => {
  console.info(`${total} schedules explored`);
  expect(total).toBeGreaterThanOrEqual(FACTOR > 1 ? 1_000_000 : 50_000);
});
