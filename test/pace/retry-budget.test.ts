import fc from 'fast-check';
import { map, mapStream, RetryBudget, type RetryOptions, retry, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('RetryBudget', () => {
  it('starts with what can be saved up, and earns a fraction of the successes', () =>
    virtual(() => {
      const budget = new RetryBudget({ ratio: 0.1, minPerSecond: 0, burst: 2 });

      expect([1, 2, 3].map(() => budget.tryWithdraw())).toEqual([true, true, false]);
      for (let i = 0; i < 9; i++) budget.deposit();
      expect(budget.tryWithdraw()).toBe(false);
      budget.deposit();
      expect(budget.tryWithdraw()).toBe(true);
      expect(budget.stats()).toMatchObject({ granted: 3, refused: 2 });
    }));

  it('gives some a second in any case', () =>
    virtual(async () => {
      const budget = new RetryBudget({ ratio: 0, minPerSecond: 2, burst: 1 });
      budget.tryWithdraw();

      await sleep(499);
      expect(budget.tryWithdraw()).toBe(false);
      await sleep(1);
      expect(budget.tryWithdraw()).toBe(true);
    }));

  it('saves no more than the burst', () =>
    virtual(async () => {
      const budget = new RetryBudget({ burst: 3 });
      for (let i = 0; i < 1000; i++) budget.deposit();
      await sleep('1h');

      expect(budget.stats().tokens).toBe(3);
    }));

  it('outlives the clock that it was made under', async () => {
    const budget = await virtual(async () => {
      await sleep('1h');
      const made = new RetryBudget({ burst: 1, minPerSecond: 1 });
      made.tryWithdraw();
      return made;
    });

    await virtual(async () => {
      expect(budget.tryWithdraw()).toBe(false);
      await sleep('1s');
      expect(budget.tryWithdraw()).toBe(true);
    });
  });

  it('never gives out more than burst + minPerSecond a second + ratio a success', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          ratio: fc.double({ min: 0, max: 2, noNaN: true }),
          minPerSecond: fc.double({ min: 0, max: 50, noNaN: true }),
          burst: fc.integer({ min: 1, max: 20 }),
        }),
        fc.array(fc.oneof(fc.constant('ok'), fc.constant('retry'), fc.nat(2000)), {
          maxLength: 200,
        }),
        async (options, steps) =>
          virtual(async (clock) => {
            const budget = new RetryBudget(options);
            let successes = 0;
            let retries = 0;
            for (const step of steps) {
              if (typeof step === 'number') await sleep(step);
              else if (step === 'retry') retries += Number(budget.tryWithdraw());
              else {
                successes++;
                budget.deposit();
              }
              const { ratio, minPerSecond, burst } = options;
              const most = burst + (minPerSecond * clock.now()) / 1000 + ratio * successes;
              expect(retries).toBeLessThanOrEqual(most + 1e-6);
            }
          }),
      ),
      { numRuns: 200 },
    ));

  it.each([
    [{ ratio: -0.1 }, RangeError, /ratio.*>= 0: got -0.1/],
    [{ ratio: Number.NaN }, RangeError, /ratio.*got NaN/],
    [{ ratio: Number.POSITIVE_INFINITY }, RangeError, /ratio.*finite.*got Infinity/],
    [{ ratio: '10%' }, TypeError, /ratio.*got '10%'/],
    [{ minPerSecond: -1 }, RangeError, /minPerSecond.*>= 0: got -1/],
    [{ minPerSecond: Number.NaN }, RangeError, /minPerSecond.*got NaN/],
    [{ burst: 0 }, RangeError, /burst.*>= 1: got 0/],
    [{ burst: 0.5 }, RangeError, /burst.*>= 1: got 0.5/],
    [{ burst: Number.POSITIVE_INFINITY }, RangeError, /burst.*finite.*got Infinity/],
  ])('refuses %o', (options, type, message) => {
    const make = () => new RetryBudget(options as object);

    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });
});

describe('the budget option', () => {
  const fail = () => Promise.reject(new Error('no'));

  it('makes an error final when it is used up, as if there were no attempts left', () =>
    virtual(async () => {
      const budget = new RetryBudget({ minPerSecond: 0, burst: 1 });
      let calls = 0;
      const count = () => {
        calls++;
        return fail();
      };

      await expect(retry(count, { retries: 5, backoff: 1, budget })).rejects.toThrow('no');
      await expect(retry(count, { retries: 5, backoff: 1, budget })).rejects.toThrow('no');

      expect(calls).toBe(3);
    }));

  it('is shared by flows and calls that are given the same one', () =>
    virtual(async () => {
      const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 0, burst: 1 });
      budget.tryWithdraw();

      await map([1, 2], (n) => n, { retry: { retries: 1, budget } });
      await retry(async ({ attempt }) => (attempt === 1 ? fail() : 'ok'), { retries: 1, budget });

      expect(budget.stats()).toMatchObject({ tokens: 0.5, granted: 2 });
    }));

  it('is asked last: what is not retried anyway takes nothing', () =>
    virtual(async () => {
      const budget = new RetryBudget({ minPerSecond: 0 });
      const options: RetryOptions = { retries: 3, backoff: '1m', budget };

      await retry(fail, { ...options, retries: 0 }).catch(() => undefined);
      await retry(fail, { ...options, retryIf: () => false }).catch(() => undefined);
      await retry(fail, { ...options, totalTimeout: '1s' }).catch(() => undefined);

      expect(budget.stats()).toMatchObject({ granted: 0, refused: 0 });
    }));
});

describe('an outage', () => {
  /** A hundred requests a second for three minutes to a server that is out of service in the second one; its load in calls a second. */
  function loads(
    retryOptions: RetryOptions,
  ): Promise<{ before: number; during: number; after: number }> {
    return virtual(async (clock) => {
      const calls = [0, 0, 0];
      const serve = async (): Promise<void> => {
        const minute = Math.min(2, Math.floor(clock.now() / 60_000));
        calls[minute] = (calls[minute] as number) + 1;
        await sleep(20);
        if (minute === 1) throw new Error('out of service');
      };
      async function* requests(): AsyncGenerator<number> {
        for (let n = 0; n < 1800; n++) {
          for (let i = 0; i < 10; i++) yield n;
          await sleep(100);
        }
      }
      const flow = mapStream(requests(), serve, { concurrency: -1, retry: retryOptions });
      for await (const _ of flow.settled());
      const [before = 0, during = 0, after = 0] = calls.map((n) => n / 60);
      return { before, during, after };
    });
  }

  it('gets its load four times over with three retries, and a tenth more with a budget', async () => {
    const backoff = { retries: 3, base: 50, max: 1000 };
    const without = await loads(backoff);
    const with10 = await loads({ ...backoff, budget: 0.1 });

    expect(without.before).toBe(100);
    expect(without.during).toBeGreaterThan(390);
    // Nothing succeeds, so nothing is earned: one a second, and the ten that were saved up.
    expect(with10.during).toBeLessThanOrEqual(100 + 1 + 10 / 60 + 1e-9);
    expect(with10.before).toBe(100);
    expect(with10.after).toBe(100);
  });
});
