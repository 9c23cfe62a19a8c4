/**
 * What no child says: 2,000 messages here, 100,000 in the soak.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { fuzzProcesses } from '../../../scripts/soak/fuzz-process.ts';

describe('a pool of processes survives what no child says', () => {
  it.each([1, 2])(
    'seed %i: each call has one end, the next one works, no child is left',
    async (seed) => {
      const { condemned, wrong } = await fuzzProcesses(seed, 1000);

      expect(wrong).toEqual([]);
      // Most of it is seen for what it is.
      expect(condemned).toBeGreaterThan(100);
    },
    120_000,
  );
});
