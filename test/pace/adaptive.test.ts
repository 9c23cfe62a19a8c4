import {
  type AdaptiveLimiter,
  type AdaptiveOptions,
  adaptive,
  checkpoint,
  Deadlock,
  type LeaseOutcome,
  map,
  schedule,
  scope,
  select,
  sleep,
  TimedOut,
  timer,
} from 'skein';
import { explore, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

/** Rounds of full use in which everything takes `latency` and ends like this. */
async function use(
  limit: AdaptiveLimiter,
  rounds: number,
  outcome: LeaseOutcome,
  latency = 10,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const leases = [];
    for (let lease = limit.tryAcquire(); lease !== undefined; lease = limit.tryAcquire()) {
      leases.push(lease);
    }
    await sleep(latency);
    for (const lease of leases) lease.release(outcome);
  }
}

describe.each(['gradient', 'aimd'] as const)('adaptive, %s', (algorithm) => {
  const make = (options: Partial<AdaptiveOptions> = {}) =>
    adaptive({ max: 1000, algorithm, ...options });

  it('starts with 10, or the nearest that its bounds allow, or what is asked for', () => {
    expect(make().stats().limit).toBe(10);
    expect(make({ max: 4 }).stats().limit).toBe(4);
    expect(make({ min: 20 }).stats().limit).toBe(20);
    expect(make({ initial: 7 }).stats().limit).toBe(7);
  });

  it('grows while it is used up and all goes well', () =>
    virtual(async () => {
      const limit = make();
      await use(limit, 10, 'ok');

      expect(limit.stats().limit).toBeGreaterThan(50);
      expect(limit.stats()).toMatchObject({ inFlight: 0, waiting: 0, latency: 10 });
    }));

  it('does not grow where nobody needs it', () =>
    virtual(async () => {
      const limit = make();
      for (let i = 0; i < 100; i++) await limit.run(() => sleep(10));

      expect(limit.stats().limit).toBe(10);
    }));

  it('is cut once by an overload, however many tell of it', () =>
    virtual(async () => {
      const limit = make({ initial: 100 });
      await use(limit, 1, 'drop');

      expect(limit.stats().limit).toBe(algorithm === 'aimd' ? 50 : 90);
    }));

  it('learns nothing from what is ignored', () =>
    virtual(async () => {
      const limit = make();
      await use(limit, 20, 'ignore');

      expect(limit.stats()).toMatchObject({ limit: 10, latency: undefined });
    }));

  it('never falls below min', () =>
    virtual(async () => {
      const limit = make({ min: 3 });
      await use(limit, 100, 'drop');

      expect(limit.stats().limit).toBe(3);
    }));

  it('lets those who wait in at once when it grows, first come, first served', () =>
    virtual(async () => {
      const limit = make({ initial: 2 });
      const order: number[] = [];

      await map(
        Array(50).keys(),
        (n) =>
          limit.run(async () => {
            order.push(n);
            await sleep(10);
          }),
        { concurrency: 50 },
      );

      expect(order).toEqual([...Array(50).keys()]);
      expect(limit.stats().limit).toBeGreaterThan(2);
    }));

  it('a limit that has shrunk lets nobody in until enough have left', () =>
    virtual(async () => {
      const limit = make({ initial: 10 });
      const leases = Array.from({ length: 10 }, () => limit.tryAcquire());
      await sleep(10);
      const waiting = schedule(() => limit.acquire());
      await sleep(1);
      leases.pop()?.release('drop');
      await sleep(1);
      const { limit: size, inFlight } = limit.stats();

      expect(inFlight).toBe(9);
      expect(size).toBeLessThanOrEqual(9);
      expect(waiting.status).toBe('running');
      while (limit.stats().inFlight >= size) leases.pop()?.release('ignore');
      await sleep(1);
      expect(waiting.status).toBe('done');
      for (const lease of leases) lease?.release();
      (await waiting).release();
      expect(limit.stats().inFlight).toBe(0);
    }));

  it('a lease that hangs does not keep it from learning', () =>
    virtual(async () => {
      const limit = make();
      const hanging = limit.tryAcquire();
      await use(limit, 60, 'ok');

      expect(limit.stats().limit).toBeGreaterThan(20);
      hanging?.release();
    }));
});

describe('a lease', () => {
  it('counts once, and refuses an outcome that it does not know', () =>
    virtual(async () => {
      const limit = adaptive({ max: 10 });
      const lease = limit.tryAcquire();

      expect(() => lease?.release('bad' as 'ok')).toThrow(/outcome.*'ok' or 'drop'.*got 'bad'/);
      lease?.release();
      lease?.release('drop');
      lease?.[Symbol.dispose]();

      expect(limit.stats()).toMatchObject({ inFlight: 0, limit: 10 });
    }));

  it('can be had by select', () =>
    virtual(async () => {
      const limit = adaptive({ max: 1 });
      const first = await limit.acquire();
      const chosen = await select({ lease: limit.acquired, time: timer(10) });
      first.release();
      const then = await select({ lease: limit.acquired, time: timer(10) });

      expect([chosen.key, then.key]).toEqual(['time', 'lease']);
      if (then.key === 'lease') then.value.release('drop');
      expect(limit.stats().inFlight).toBe(0);
    }));

  it('is not given to a function that runs under all there are', () =>
    virtual(async () => {
      const limit = adaptive({ max: 1, name: 'db' });

      await expect(limit.run(() => limit.run(() => 'never'))).rejects.toThrow(Deadlock);
      expect(limit.stats().inFlight).toBe(0);
    }));
});

describe('run', () => {
  const drops = [
    Object.assign(new Error(), { status: 429 }),
    { statusCode: 503 },
    { response: { status: 503 } },
    new TimedOut(5),
    new DOMException('late', 'TimeoutError'),
    { code: 'ETIMEDOUT' },
    { code: 'UND_ERR_HEADERS_TIMEOUT' },
  ];
  const others = [
    new Error('no'),
    { status: 500 },
    'text',
    null,
    new DOMException('', 'AbortError'),
  ];

  const limitAfter = (error: unknown, options: Partial<AdaptiveOptions> = {}) =>
    virtual(async () => {
      const limit = adaptive({ max: 100, ...options });
      await expect(
        limit.run(async () => {
          await sleep(1);
          throw error;
        }),
      ).rejects.toBe(error);
      return limit.stats().limit;
    });

  it.each(drops)('takes %o for an overload', async (error) => {
    expect(await limitAfter(error)).toBe(9);
  });

  it.each(others)('takes %o for none', async (error) => {
    expect(await limitAfter(error)).toBe(10);
  });

  it('asks isDrop instead, but not of a cancellation', async () => {
    const isDrop = (): boolean => true;

    expect(await limitAfter('text', { isDrop })).toBe(9);
    expect(await limitAfter(new DOMException('', 'AbortError'), { isDrop })).toBe(10);
    expect(await limitAfter({ status: 429 }, { isDrop: () => false })).toBe(10);
  });

  it('gives the lease back when isDrop throws', () =>
    virtual(async () => {
      const broken = new Error('broken');
      const limit = adaptive({
        max: 10,
        isDrop: () => {
          throw broken;
        },
      });

      await expect(limit.run(() => Promise.reject('no'))).rejects.toBe(broken);
      expect(limit.stats().inFlight).toBe(0);
    }));

  it('is told of by a flow: a time-out of an attempt is an overload', () =>
    virtual(async () => {
      const limit = adaptive({ max: 100 });
      const late = map([1], () => sleep('1h'), { concurrency: limit, timeout: 10 });

      await expect(late).rejects.toThrow(TimedOut);
      expect(limit.stats()).toMatchObject({ limit: 9, inFlight: 0 });
    }));

  it('works as the limit of a scope, and as wrap and with', () =>
    virtual(async () => {
      const limit = adaptive({ max: 2 });
      let most = 0;
      const watch = async (): Promise<void> => {
        most = Math.max(most, limit.stats().inFlight);
        await sleep(1);
      };
      await scope({ limit }, async (s) => {
        for (let i = 0; i < 6; i++) s.spawn(watch);
      });
      await Promise.all([limit.wrap(watch)(), limit.with(watch), limit.run(watch)]);

      expect(most).toBe(2);
    }));
});

describe('an option out of its bounds is refused at once, by name, with its bound and the value', () => {
  it.each([
    [undefined, TypeError, /options of adaptive.*object.*got undefined/],
    [{}, TypeError, /max.*>= 1.*got undefined/],
    [{ max: 0 }, RangeError, /max.*>= 1.*got 0/],
    [{ max: -1 }, RangeError, /max.*got -1/],
    [{ max: 1.5 }, RangeError, /max.*got 1.5/],
    [{ max: Number.NaN }, RangeError, /max.*got NaN/],
    [{ max: Number.POSITIVE_INFINITY }, RangeError, /max.*got Infinity/],
    [{ max: '5' }, TypeError, /max.*got '5'/],
    [{ max: 5, min: 0 }, RangeError, /min.*>= 1.*got 0/],
    [{ max: 5, min: 6 }, RangeError, /max.*>= 6.*got 5/],
    [{ max: 5, min: 2, initial: 1 }, RangeError, /initial.*>= 2.*got 1/],
    [{ max: 5, initial: 6 }, RangeError, /initial.*at most max, 5: got 6/],
    [{ max: 5, initial: null }, TypeError, /initial.*got null/],
    [{ max: 5, initial: 2.5 }, RangeError, /initial.*got 2.5/],
    [{ max: 5, algorithm: 'vegas' }, RangeError, /algorithm.*'gradient' or 'aimd'.*got 'vegas'/],
    [{ max: 5, isDrop: 429 }, TypeError, /isDrop.*function.*got 429/],
  ])('%o', (options, type, message) => {
    const make = () => adaptive(options as unknown as AdaptiveOptions);

    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });
});

describe('in every order, cancelled anywhere', () => {
  const outcomes: readonly LeaseOutcome[] = ['ok', 'drop', 'ok', 'ignore'];

  it.each(['gradient', 'aimd'] as const)(
    'no lease is lost and none is doubled: %s',
    async (algorithm) => {
      const found = await explore(
        async () => {
          const limit = adaptive({ min: 1, max: 3, initial: 2, algorithm });
          let inside = 0;
          await scope(async (s) => {
            for (const outcome of outcomes) {
              s.spawn(async () => {
                const lease = await limit.acquire();
                inside++;
                expect(inside).toBeLessThanOrEqual(3);
                try {
                  await checkpoint();
                } finally {
                  inside--;
                  lease.release(outcome);
                }
              }, outcome);
            }
          }).catch(() => undefined);
          expect(limit.stats()).toMatchObject({ inFlight: 0, waiting: 0 });
          const all = Array.from({ length: 3 }, () => limit.tryAcquire());
          expect(all.filter(Boolean)).toHaveLength(limit.stats().limit);
          for (const lease of all) lease?.release('ignore');
        },
        { cancelAnywhere: true, runs: 3000 },
      );

      expect(found.runs).toBeGreaterThan(500);
    },
  );

  it('what run was cut short in gives its lease back', async () => {
    await explore(
      async () => {
        const limit = adaptive({ max: 1 });
        await scope(async (s) => {
          for (const name of ['a', 'b', 'c']) s.spawn(() => limit.run(() => sleep(1)), name);
        }).catch(() => undefined);
        expect(limit.stats()).toMatchObject({ inFlight: 0, waiting: 0, limit: 1 });
      },
      { cancelAnywhere: true, runs: 3000 },
    );
  });
});
