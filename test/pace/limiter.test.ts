import { AsyncLocalStorage } from 'node:async_hooks';
import {
  adaptive,
  attemptsOf,
  type CallableLimiter,
  currentScope,
  Deadlock,
  limiter,
  map,
  RateLimiter,
  Semaphore,
  scope,
  sleep,
  TaskLocal,
  TimedOut,
  TokenBucket,
  WouldBlock,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

/** Calls that note when they start, each of so many milliseconds. */
function starts(limit: CallableLimiter, count: number, ms: number, now: () => number) {
  return Promise.all(
    Array.from({ length: count }, () =>
      limit(async () => {
        const at = now();
        await sleep(ms);
        return at;
      }),
    ),
  );
}

describe('a limiter', () => {
  it('runs so many at once, in order', () =>
    virtual(async (clock) => {
      const at = await starts(limiter(2), 5, 10, () => clock.now());

      expect(at).toEqual([0, 0, 10, 10, 20]);
    }));

  it('passes on arguments, results and errors', async () => {
    const limit = limiter(1);

    expect(await limit((a: number, b: string) => `${a}${b}`, 1, 'x')).toBe('1x');
    expect(await limit(() => 2)).toBe(2);
    const wrong = new Error('no');
    expect(await failure(limit(() => Promise.reject(wrong)))).toBe(wrong);
    const [first, second] = [limit(() => sleep(0)), limit(() => Promise.reject(wrong))];
    expect(await failure(second)).toBe(wrong);
    await first;
    const thrown = limit(() => {
      throw wrong;
    });
    expect(await failure(thrown)).toBe(wrong);
    expect(limit.active).toBe(0);
  });

  it('starts a call one microtask later, at the earliest', async () => {
    for (const limit of [limiter(1), limiter({ rate: '100/s' })]) {
      let started = false;
      const call = limit(() => {
        started = true;
      });
      expect(started).toBe(false);
      await call;
      expect(started).toBe(true);
    }
  });

  it('runs ten thousand synchronous functions without a deep stack', async () => {
    const limit = limiter(1);
    const calls = Array.from({ length: 10_000 }, (_, i) => limit(() => i));

    expect((await Promise.all(calls)).at(-1)).toBe(9999);
  });

  it('counts those at work and those that wait', () =>
    virtual(async () => {
      const limit = limiter({ concurrency: 1, name: 'db' });
      const calls = [limit(sleep, 1), limit(sleep, 1), limit(sleep, 1)];

      expect(limit.stats()).toEqual({ active: 1, waiting: 2, concurrency: 1, paused: false });
      expect([limit.active, limit.waiting, limit.name]).toEqual([1, 2, 'limiter db']);
      await Promise.all(calls);
      expect(limit.stats()).toEqual({ active: 0, waiting: 0, concurrency: 1, paused: false });
    }));

  // https://github.com/sindresorhus/p-limit/issues/78
  it('follows a change of its concurrency', () =>
    virtual(async (clock) => {
      const limit = limiter(1);
      const calls = starts(limit, 6, 10, () => clock.now());
      await sleep(5);
      limit.concurrency = 3;
      await sleep(10);
      limit.concurrency = 1;

      expect(await calls).toEqual([0, 5, 5, 10, 20, 30]);
    }));

  it('has no limit of its own when none is given', () =>
    virtual(async (clock) => {
      const limit = limiter({});

      expect(limit.concurrency).toBe(Number.POSITIVE_INFINITY);
      expect(await starts(limit, 3, 10, () => clock.now())).toEqual([0, 0, 0]);
    }));

  // https://github.com/sindresorhus/p-queue/issues/200
  it('keeps the async context, whoever starts the call', () =>
    virtual(async () => {
      const store = new AsyncLocalStorage<number>();
      const local = new TaskLocal<number>('n');
      for (const limit of [limiter(1), limiter({ rate: '10/s' }), limiter({ timeout: '1s' })]) {
        const seen = await Promise.all(
          [1, 2, 3].map((n) =>
            store.run(n, () =>
              local.run(n, () =>
                limit(async () => {
                  const before = [store.getStore(), local.get()];
                  await sleep(1);
                  return [...before, store.getStore()];
                }),
              ),
            ),
          ),
        );
        expect(seen).toEqual([1, 2, 3].map((n) => [n, n, n]));
      }
    }));

  it('runs a call in the scope of whoever made it', () =>
    virtual(async () => {
      const limit = limiter(1);
      const busy = limit(sleep, 5);
      await scope({ name: 'mine' }, async () => {
        expect(await limit(() => currentScope().name)).toBe('mine');
      });
      await busy;
    }));

  it('holds back while it is paused', () =>
    virtual(async (clock) => {
      for (const options of [{ concurrency: 5 }, { rate: '100/s' as const }]) {
        const limit = limiter(options);
        limit.pause();
        const from = clock.now();
        const calls = starts(limit, 2, 0, () => clock.now() - from);
        await sleep(50);
        expect(limit.stats()).toMatchObject({ active: 0, waiting: 2, paused: true });
        limit.resume();
        expect(await calls).toEqual([50, 50]);
      }
    }));

  it('waits until it is idle, also between two attempts', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, retry: { retries: 1, backoff: 100 } });
      await limit.idle();
      const call = limit(() => Promise.reject(new Error('no'))).catch(() => clock.now());
      await limit.idle();
      expect(clock.now()).toBe(100);
      expect(await call).toBe(100);
    }));

  it('is a concurrency and a pace of flows', () =>
    virtual(async (clock) => {
      const limit = limiter(2);
      const work = async () => {
        await sleep(10);
        return clock.now();
      };
      expect(await map([1, 2, 3], work, { concurrency: limit })).toEqual([10, 10, 20]);
      const at = await map([1, 2, 3], async () => clock.now(), { pace: limiter({ spacing: 5 }) });
      expect(at).toEqual([20, 25, 30]);
    }));

  it('ends when it is disposed: takes no more, clears the line, waits for those at work', () =>
    virtual(async (clock) => {
      const limit = limiter(1);
      const done: string[] = [];
      const calls = [limit(sleep, 10).then(() => done.push('first')), limit(sleep, 10)];
      const second = failure(calls[1] as Promise<void>);
      const ready = failure(limit.ready());
      await limit[Symbol.asyncDispose]();

      expect([done, clock.now()]).toEqual([['first'], 10]);
      const errors = [await second, await ready, await failure(limit(() => 1))];
      for (const error of errors) {
        expect(String(error)).toMatch(/AbortError: Cancelled limiter.*: it was closed/);
      }
    }));

  // https://github.com/sindresorhus/p-limit/issues/91
  it('is found in the report of a standstill when its calls wait for its own calls', async () => {
    const limit = limiter({ concurrency: 1, name: 'db' });
    const stuck = virtual(() => limit(() => limit(() => 1)));

    const error = await failure(stuck);
    expect(error).toBeInstanceOf(Deadlock);
    expect((error as Deadlock).tree).toContain('waits for limiter db (1 of 1 at work)');
  });
});

describe('with a limiter as its concurrency', () => {
  it('shares it with others', () =>
    virtual(async (clock) => {
      const pool = new Semaphore(2);
      const [a, b] = [limiter({ concurrency: pool }), limiter({ concurrency: pool })];
      const now = () => clock.now();
      const at = await Promise.all([starts(a, 2, 10, now), starts(b, 2, 10, now)]);

      expect(at.flat().sort((x, y) => x - y)).toEqual([0, 0, 10, 10]);
      expect(pool.available).toBe(2);
    }));

  it('turns a call away whose limiter refuses it', async () => {
    const wrong = new Error('closed');
    const limit = limiter({ concurrency: { run: () => Promise.reject(wrong) } });

    expect(await failure(limit(() => 1))).toBe(wrong);
    const silent = limiter({ concurrency: { run: async () => undefined as never } });
    expect(String(await failure(silent(() => 1)))).toMatch(/Expected run of the limiter to call/);
  });
});

describe('with an adaptive concurrency', () => {
  it('a synchronous throw counts as a failure', async () => {
    const overloaded = () => {
      throw Object.assign(new Error('too many'), { status: 429 });
    };
    const limits = await Promise.all(
      [overloaded, async () => overloaded()].map(async (fn) => {
        const adapted = adaptive({ max: 10, algorithm: 'aimd' });
        const limit = limiter({ concurrency: adapted });
        for (let i = 0; i < 20; i++) await failure(limit(fn));
        return adapted.stats().limit;
      }),
    );

    expect(limits[0]).toBe(limits[1]);
    expect(limits[0]).toBeLessThan(10);
  });
});

describe('in time', () => {
  it('keeps a rate', () =>
    virtual(async (clock) => {
      const at = await starts(limiter({ rate: '2/s' }), 5, 0, () => clock.now());

      expect(at).toEqual([0, 0, 1000, 1000, 2000]);
    }));

  it('keeps a distance', () =>
    virtual(async (clock) => {
      const at = await starts(limiter({ spacing: 10 }), 3, 25, () => clock.now());

      expect(at).toEqual([0, 10, 20]);
    }));

  it('combines a rate, a distance and a concurrency', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, spacing: 10, rate: '3/100ms' });
      const at = await starts(limit, 5, 20, () => clock.now());

      expect(at).toEqual([0, 20, 40, 100, 120]);
    }));

  it('takes a rate that others use too', () =>
    virtual(async (clock) => {
      const rate = new RateLimiter({ maxCalls: 1, period: 100 });
      const bucket = new TokenBucket({ rate: 10 });
      await rate.run(() => undefined);
      expect(await starts(limiter({ rate }), 2, 0, () => clock.now())).toEqual([100, 200]);
      expect(await starts(limiter({ rate: bucket }), 2, 0, () => clock.now())).toEqual([200, 300]);
    }));

  it('passes the key on', () =>
    virtual(async (clock) => {
      const limit = limiter({ rate: new RateLimiter({ maxCalls: 1, period: 100 }) });
      const call = (key: string) => limit.run(() => `${key}${clock.now()}`, { key });

      expect(await Promise.all([call('a'), call('b'), call('b')])).toEqual(['a0', 'b0', 'b100']);
    }));
});

describe('a time-out', () => {
  // https://github.com/sindresorhus/p-queue/issues/74
  it('starts with the call, not with the wait for it', () =>
    virtual(async () => {
      const limit = limiter({ concurrency: 1, timeout: 15 });

      await Promise.all([1, 2, 3].map(() => limit(sleep, 10)));
    }));

  it('cancels what waits inside, and tells its signal', () =>
    virtual(async (clock) => {
      const limit = limiter({ timeout: '1s' });

      expect(await failure(limit(sleep, '1h'))).toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(1000);
      const told = limit.run(
        ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        { timeout: '2s' },
      );
      expect(await failure(told)).toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(3000);
    }));

  it('keeps the place until the function has really settled', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, timeout: '1s' });
      let settle: (() => void) | undefined;
      const deaf = failure(
        limit(
          () =>
            new Promise<void>((resolve) => {
              settle = resolve;
            }),
        ),
      );
      const second = limit(() => clock.now());
      expect(await deaf).toBeInstanceOf(TimedOut);
      expect([clock.now(), limit.active, limit.waiting]).toEqual([1000, 1, 1]);
      await sleep('9s');
      settle?.();
      expect(await second).toBe(10_000);
    }));
});

describe('a retry', () => {
  it('gives its place back while it waits', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, retry: { retries: 2, backoff: 100 } });
      const log: string[] = [];
      const note = (name: string) => log.push(`${name} ${clock.now()}`);
      const flaky = limit.run(async ({ attempt }) => {
        note(`flaky ${attempt}`);
        await sleep(10);
        if (attempt < 3) throw new Error('not yet');
        return 'done';
      });
      const other = limit(async () => note('other'));

      expect([await flaky, await other]).toEqual(['done', 2]);
      expect(log).toEqual(['flaky 1 0', 'other 10', 'flaky 2 110', 'flaky 3 220']);
    }));

  it('takes a new time-out and a new start of the rate for each attempt', () =>
    virtual(async (clock) => {
      const limit = limiter({
        rate: '1/s',
        timeout: 10,
        retry: { retries: 1, backoff: 1 },
      });
      const at: number[] = [];
      const call = limit(async () => {
        at.push(clock.now());
        await sleep('1h');
      });

      expect(await failure(call)).toBeInstanceOf(TimedOut);
      expect(at).toEqual([0, 1000]);
    }));

  it('keeps a deadline over all attempts beside the time-out of each', () =>
    virtual(async (clock) => {
      const limit = limiter({
        concurrency: 1,
        timeout: 10,
        retry: { retries: 9, backoff: 0, totalTimeout: 35 },
      });
      const error = await failure(limit(sleep, '1h'));

      expect(String(error)).toMatch(/limiter.*35 ms/);
      expect([clock.now(), attemptsOf(error).length]).toEqual([35, 3]);
    }));

  it('repeats no refusal', async () => {
    const limit = limiter({ concurrency: 1, maxWaiting: 0, retry: 3 });
    const held = limit(sleep, 0);

    expect(await failure(limit(() => 1))).toBeInstanceOf(WouldBlock);
    await held;
  });
});
