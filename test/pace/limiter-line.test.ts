import { type CallOptions, limiter, sleep, WouldBlock } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

describe('priorities', () => {
  it('go higher first, and first in, first out within one', () =>
    virtual(async () => {
      const limit = limiter(1);
      const order: string[] = [];
      const call = (name: string, priority?: number) =>
        limit.run(async () => void order.push(name), { priority });
      await Promise.all([
        call('first'),
        call('a'),
        call('low', -1),
        call('high', 5),
        call('b', 0),
        call('half', 0.5),
        call('high too', 5),
        call('most', Number.POSITIVE_INFINITY),
        call('least', Number.NEGATIVE_INFINITY),
      ]);

      expect(order).toEqual([
        'first',
        'most',
        'high',
        'high too',
        'half',
        'a',
        'b',
        'low',
        'least',
      ]);
    }));

  it('overtake a call that waits for the rate', () =>
    virtual(async (clock) => {
      const limit = limiter({ rate: '1/s' });
      const call = (priority: number) => limit.run(() => clock.now(), { priority });
      const calls = [call(0), call(0), call(0)];
      await sleep(500);

      expect(await Promise.all([...calls, call(1)])).toEqual([0, 2000, 3000, 1000]);
    }));

  it('are as many as calls without the cost growing', () =>
    virtual(async () => {
      const limit = limiter(1);
      limit.pause();
      const order: number[] = [];
      const calls = Array.from({ length: 20_000 }, (_, i) => {
        const priority = (i * 7919) % 20_011;
        return limit.run(() => order.push(priority), { priority });
      });
      limit.resume();
      await Promise.all(calls);

      expect(order).toEqual(order.toSorted((a, b) => b - a));
    }));

  it('leave nothing behind that aborts have emptied', () =>
    virtual(async () => {
      const limit = limiter(1);
      limit.pause();
      const kept = limit.run(() => 'kept', { priority: 1e9 });
      for (let round = 0; round < 50; round++) {
        const controller = new AbortController();
        const calls = Array.from({ length: 20 }, (_, i) =>
          limit.run(() => 1, { priority: -(round * 20 + i), signal: controller.signal }),
        );
        controller.abort();
        await Promise.allSettled(calls);
      }
      expect(limit.waiting).toBe(1);
      limit.resume();
      expect(await kept).toBe('kept');
    }));
});

describe('weights', () => {
  it('take so many places, in order', () =>
    virtual(async (clock) => {
      const limit = limiter(3);
      const call = (weight: number) =>
        limit.run(
          async () => {
            const at = clock.now();
            await sleep(10);
            return at;
          },
          { weight },
        );

      expect(await Promise.all([2, 2, 1, 3].map(call))).toEqual([0, 10, 10, 20]);
    }));

  it('are refused when they can never be had', () =>
    virtual(async () => {
      const limit = limiter(3);
      expect(String(await failure(limit.run(() => 1, { weight: 4 })))).toBe(
        'RangeError: Expected weight to be at most the concurrency of limiter, 3: got 4',
      );
      const busy = limit(sleep, 10);
      const heavy = failure(limit.run(() => 1, { weight: 3 }));
      const light = limit(() => 'light');
      limit.concurrency = 2;
      expect(await heavy).toBeInstanceOf(RangeError);
      expect(await light).toBe('light');
      await busy;
    }));
});

describe('a full line', () => {
  const busy = (overflow?: 'reject' | 'drop-oldest' | 'drop-newest') => {
    const limit = limiter({ concurrency: 1, maxWaiting: 2, overflow });
    const log: string[] = [];
    const call = (name: string, options?: CallOptions) =>
      limit
        .run(() => sleep(1), options)
        .then(
          () => log.push(name),
          (error: Error) => {
            expect(error).toBeInstanceOf(WouldBlock);
            log.push(`no ${name}`);
          },
        );
    return { log, call };
  };

  it('refuses by default', () =>
    virtual(async () => {
      const { log, call } = busy();
      await Promise.all(['a', 'b', 'c', 'd'].map((name) => call(name)));
      expect(log).toEqual(['no d', 'a', 'b', 'c']);
    }));

  it('drops the oldest of those with the lowest priority', () =>
    virtual(async () => {
      const { log, call } = busy('drop-oldest');
      await Promise.all([
        call('a'),
        call('b', { priority: 1 }),
        call('c'),
        call('d'),
        call('e', { priority: -1 }),
      ]);
      expect(log.toSorted()).toEqual(['a', 'b', 'd', 'no c', 'no e']);
    }));

  it('drops the newest of those with the lowest priority', () =>
    virtual(async () => {
      const { log, call } = busy('drop-newest');
      await Promise.all([call('a'), call('b'), call('c'), call('d'), call('e', { priority: 1 })]);
      expect(log.toSorted()).toEqual(['a', 'b', 'e', 'no c', 'no d']);
    }));

  it('lets nobody wait when it is of length 0', () =>
    virtual(async () => {
      for (const more of [{}, { rate: '10/s' as const }]) {
        const limit = limiter({ concurrency: 1, maxWaiting: 0, ...more });
        const first = limit(sleep, 1);
        await idle();
        expect(await failure(limit(() => 1))).toBeInstanceOf(WouldBlock);
        await first;
      }
    }));
});

describe('ready', () => {
  // https://github.com/sindresorhus/p-limit/issues/99, https://github.com/sindresorhus/p-queue/issues/87
  it('bounds what a producer puts in line', () =>
    virtual(async (clock) => {
      for (const [maxWaiting, most] of [
        [undefined, 0],
        [2, 2],
      ] as const) {
        const limit = limiter({ concurrency: 2, maxWaiting });
        let seen = 0;
        const calls: Promise<void>[] = [];
        const from = clock.now();
        for (let i = 0; i < 10; i++) {
          await limit.ready();
          calls.push(limit(sleep, 10));
          seen = Math.max(seen, limit.waiting);
        }
        await Promise.all(calls);
        expect([seen, clock.now() - from]).toEqual([most, 50]);
      }
    }));

  it('lets one producer go for each place', () =>
    virtual(async () => {
      const limit = limiter({ concurrency: 1, maxWaiting: 1 });
      const calls = [limit(sleep, 10), limit(sleep, 10)];
      const producer = async () => {
        await limit.ready();
        await limit(sleep, 10);
      };
      await Promise.all([...calls, ...Array.from({ length: 5 }, producer)]);
    }));

  it('passes a place on that nobody took', () =>
    virtual(async () => {
      const limit = limiter(1);
      const call = limit(sleep, 10);
      await Promise.all([limit.ready(), limit.ready(), limit.ready(), call]);
    }));

  it('can be given up', () =>
    virtual(async () => {
      const limit = limiter(1);
      const call = limit(sleep, 10);
      expect(String(await failure(limit.ready({ timeout: 5 })))).toMatch(/room at limiter/);
      expect(String(await failure(limit.idle({ timeout: 1 })))).toMatch(/idle of limiter/);
      await call;
    }));
});
