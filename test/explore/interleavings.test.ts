/**
 * Every primitive under every order of events that the explorer can make, with a cancellation of each task at each step. `npm test` runs some
 * tens of thousands of schedules, `npm run test:explore` a million.
 *
 * @module
 */
import { explore } from 'skein/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { locks } from './programs-locks.ts';
import { queues } from './programs-queues.ts';

/** How many times the usual number of schedules. */
const FACTOR = Number(process.env['EXPLORE_FACTOR'] ?? 1);
const RUNS = 1000 * FACTOR;
let total = 0;

describe.each([...locks, ...queues])('$name', ({ run, cancelAnywhere = true, strategy }) => {
  test('in every order', { timeout: 600_000 }, async () => {
    const found = await explore(run, {
      strategy: strategy ?? 'exhaustive',
      runs: RUNS,
      seed: 'every order',
    });
    total += found.runs;
  });

  test.runIf(cancelAnywhere)('cancelled anywhere', { timeout: 600_000 }, async () => {
    const found = await explore(run, {
      strategy: 'random',
      cancelAnywhere: true,
      runs: RUNS,
      seed: 'cancelled anywhere',
    });
    total += found.runs;
  });
});

test('they were many', () => {
  expect(total).toBeGreaterThanOrEqual(20 * RUNS);
});

afterAll(() => {
  console.info(`${total} schedules explored`);
});
