import fc from 'fast-check';
import { now, RateLimiter } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

describe('a rate limiter', () => {
  it('counts a call as so many starts: tokens a minute', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 10, period: '1s' });
      const start = (weight: number): Promise<number> =>
        limiter.run(() => clock.now(), { weight, timeout: '1m' });

      const starts = await Promise.all([10, 10, 4, 6, 1, 10, 3].map(start));

      expect(starts).toEqual([0, 1000, 2000, 2000, 3000, 4000, 5000]);
    }));

  it('starts calls of all weights as soon as their window has room for them', async () => {
    const limits = fc.record({
      maxCalls: fc.integer({ min: 4, max: 40 }),
      period: fc.integer({ min: 1, max: 9 }),
    });
    const weights = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(limits, weights, async ({ maxCalls, period }, calls) => {
        const starts: number[] = [];
        const used = (at: number) =>
          starts.reduce((sum, start, i) => sum + (start > at - period ? (calls[i] ?? 0) : 0), 0);
        for (const weight of calls) {
          let at = starts.at(-1) ?? 0;
          while (used(at) + weight > maxCalls) at++;
          starts.push(at);
        }

        await virtual(async () => {
          const limiter = new RateLimiter({ maxCalls, period });
          const seen = await Promise.all(calls.map((weight) => limiter.run(now, { weight })));
          expect(seen).toEqual(starts);
        });
      }),
      { seed: 20_261_129, numRuns: 300 },
    );
  });

  it('refuses a call that counts as more starts than are ever allowed', async () => {
    const limiter = new RateLimiter({ maxCalls: 10, period: '1s' });

    expect(String(await failure(limiter.run(() => 1, { weight: 11 })))).toBe(
      'RangeError: Expected weight to be at most maxCalls, 10: got 11',
    );
  });
});
