import { allOf, limiter, RateLimiter, Semaphore, scope, sleep } from 'skein';
import { explore, idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

describe('allOf', () => {
  it('holds all of them while the function runs', () =>
    virtual(async () => {
      const [a, b] = [new Semaphore(1), limiter(1)];
      const both = allOf(a, b, a);

      const seen = await both.run(async () => [a.available, b.active]);
      expect(seen).toEqual([0, 1]);
      expect([a.available, b.active]).toEqual([1, 0]);
      expect(String(await failure(both.run(() => Promise.reject(new Error('no')))))).toBe(
        'Error: no',
      );
      expect([a.available, b.active]).toEqual([1, 0]);
      expect(await allOf().run(() => 1)).toBe(1);
    }));

  it('never waits in a circle, whatever the order', async () => {
    const { complete } = await explore(async () => {
      const [a, b] = [new Semaphore(1), new Semaphore(1)];
      await scope(async (s) => {
        s.spawn(() => allOf(a, b).run(() => sleep(1)), 'ann');
        s.spawn(() => allOf(b, allOf(a)).run(() => sleep(1)), 'bob');
      });
      expect([a.available, b.available]).toEqual([1, 1]);
    });
    expect(complete).toBe(true);
  });

  it('holds none when it is cancelled', async () => {
    await explore(
      async () => {
        const [a, b] = [new Semaphore(1), limiter(1)];
        await scope(async (s) => {
          s.spawn(() => allOf(a, b).run(() => sleep(1)), 'ann');
          s.spawn(() => allOf(b, a).run(() => sleep(1)), 'bob');
        });
        expect([a.available, b.active, b.waiting]).toEqual([1, 0, 0]);
      },
      { cancelAnywhere: true, runs: 3000 },
    );
  });

  it('asks a rate last, so that it counts the real starts', () =>
    virtual(async (clock) => {
      const rate = new RateLimiter({ maxCalls: 1, period: 10 });
      const both = allOf(rate, limiter(1));
      const work = async () => {
        const at = clock.now();
        await sleep(8);
        return at;
      };
      expect(await Promise.all([1, 2, 3].map(() => both.run(work)))).toEqual([0, 10, 20]);
    }));

  it('gives up by its signal, and gives back what it has', () =>
    virtual(async () => {
      const [a, b] = [new Semaphore(1), limiter(1)];
      const both = allOf(a, b);
      const busy = b(sleep, 10);
      const controller = new AbortController();
      const call = failure(both.run(() => 1, { signal: controller.signal }));
      await idle();
      expect(a.available).toBe(0);
      controller.abort();
      expect((await call).name).toBe('AbortError');
      expect(a.available).toBe(1);
      await busy;
    }));

  it('asks a limiter with a rate last: its starts are those of the functions', () =>
    virtual(async (clock) => {
      const [tenant, connections] = [limiter({ rate: '1/s' }), new Semaphore(3)];
      const held = await connections.acquire(3);
      const starts: number[] = [];
      const calls = [1, 2, 3].map(() =>
        allOf(tenant, connections).run(async () => starts.push(clock.now())),
      );

      await sleep('5s');
      held.release();
      await Promise.all(calls);

      expect(starts).toEqual([5000, 6000, 7000]);
    }));
});
