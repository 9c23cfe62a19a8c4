/**
 * What a thread says that no worker says: 2,000 messages here, 100,000 in `npm run soak -- fuzz`.
 *
 * @module
 */
import { expect, it } from 'vitest';
import { fuzzThreads } from './thread-fuzz.ts';

it.each([1, 2])('a pool of threads survives 1,000 forged messages: seed %i', async (seed) => {
  const report = await fuzzThreads(1000, seed);

  expect(report.faults).toEqual([]);
  expect(report.messages).toBeGreaterThanOrEqual(1000);
  // Of each kind there were some: calls that ended well, that a deep message failed, and that died with their worker.
  expect(report.outcomes).toMatchObject({
    value: expect.any(Number),
    WorkerDied: expect.any(Number),
    Unclonable: expect.any(Number),
  });
});
