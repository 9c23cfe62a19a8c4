import fc from 'fast-check';
import { type RateText, TokenBucket } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';
import { inTrueTime } from './true-time.ts';

describe('TokenBucket', () => {
  it.each<[number | RateText, number, number[]]>([
    ['10/s', 1, [0, 100, 200, 300, 400]],
    [10, 3, [0, 0, 0, 100, 200]],
    ['1/2s', 1, [0, 2000, 4000, 6000, 8000]],
    [0.5, 2, [0, 0, 2000, 4000, 6000]],
  ])('at %s with a burst of %i starts at %j', (rate, burst, expected) =>
    virtual(async (clock) => {
      const bucket = new TokenBucket({ rate, burst });

      const starts = await Promise.all(expected.map(() => bucket.run(() => clock.now())));

      expect(starts).toEqual(expected);
    }),
  );

  it('does not drift: a third of a second stays one for days', () =>
    virtual(async (clock) => {
      const bucket = new TokenBucket({ rate: '3/s', burst: 1_000_000 });
      await bucket.run(() => undefined, { tokens: 1_000_000 });

      for (let i = 0; i < 3; i++) await bucket.run(() => undefined, { tokens: 300_000 });

      expect(clock.now()).toBe(300_000_000);
    }));

  it('does not let small calls overtake a big one', () =>
    virtual(async (clock) => {
      const bucket = new TokenBucket({ rate: '10/s', burst: 5 });
      const costs = [4, 3, 1];

      const starts = await Promise.all(
        costs.map((tokens) => bucket.run(() => clock.now(), { tokens })),
      );

      expect(starts).toEqual([0, 200, 300]);
    }));

  it('lets the next in line go earlier when a big call leaves', () =>
    virtual(async (clock) => {
      const bucket = new TokenBucket({ rate: '10/s', burst: 5 });
      await bucket.run(() => undefined, { tokens: 5 });

      const big = failure(bucket.run(() => undefined, { tokens: 5, timeout: 50 }));
      const small = bucket.run(() => clock.now());

      expect((await big).name).toBe('TimeoutError');
      expect(await small).toBe(100);
      expect(bucket.waiting).toBe(0);
    }));

  it('tells how full it is', () =>
    virtual(async (clock) => {
      const bucket = new TokenBucket({ rate: '10/s', burst: 5 });
      await bucket.run(() => undefined, { tokens: 4 });
      await clock.advance(150);

      expect(bucket.stats()).toEqual({ waiting: 0, tokens: 2.5 });
    }));

  it('never gives more in any time than burst and rate allow, nor less when all are waiting', async () => {
    const step = fc.record({ tokens: fc.integer({ min: 1, max: 4 }), ms: fc.nat(200) });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 4, max: 8 }),
        fc.array(step, { maxLength: 40, size: 'max' }),
        (perSecond, burst, steps) =>
          inTrueTime(async (time) => {
            const bucket = new TokenBucket({ rate: perSecond, burst });
            const taken: { at: number; tokens: number }[] = [];
            const calls = steps.map(({ tokens, ms }, i) => {
              if (i % 3 === 0) time.advance(ms);
              return bucket.run(() => taken.push({ at: time.now(), tokens }), { tokens });
            });
            time.finish();
            await Promise.all(calls);

            expect(taken.map(({ tokens }) => tokens)).toEqual(steps.map(({ tokens }) => tokens));
            taken.forEach((first, i) => {
              let sum = 0;
              for (const { at, tokens } of taken.slice(i)) {
                sum += tokens;
                const allowed = burst + ((at - first.at) * perSecond) / 1000;
                expect(sum).toBeLessThanOrEqual(allowed + 1e-9);
              }
            });
          }),
      ),
      { seed: 20_261_121, numRuns: 1000 },
    );
  });
});
