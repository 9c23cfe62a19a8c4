import { CapacityLimiter, Deadlock, map, schedule, scope, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, stop } from './support.ts';

describe('CapacityLimiter', () => {
  it('lends as many tokens as it has', () =>
    virtual(async (clock) => {
      const limiter = new CapacityLimiter(2);
      let most = 0;

      await map([1, 2, 3, 4], () =>
        limiter.with(async () => {
          most = Math.max(most, limiter.borrowed);
          await sleep(10);
        }),
      );

      expect([most, clock.now()]).toEqual([2, 20]);
      expect([limiter.borrowed, limiter.available]).toEqual([0, 2]);
    }));

  it('lends one token to a borrower, who may not ask twice', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(2, { name: 'lanes' });
      const lease = await limiter.acquire({ onBehalfOf: 'ada' });

      expect(await failure(limiter.acquire({ onBehalfOf: 'ada' }))).toBeInstanceOf(RangeError);
      expect(() => limiter.tryAcquire({ onBehalfOf: 'ada' })).toThrow(
        /limiter lanes.*'ada'.*it has a token/,
      );
      expect(limiter.stats().borrowers).toEqual(['ada']);
      expect(limiter.borrowed).toBe(1);

      lease.release();
      (await limiter.acquire({ onBehalfOf: 'ada' })).release();
      expect([limiter.borrowed, limiter.stats().borrowers]).toEqual([0, []]);
    }));

  it('nor while it waits; a cancelled wait is forgotten', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(1);
      const held = await limiter.acquire({ onBehalfOf: 'holder' });
      const [task] = await inLine([() => limiter.acquire({ onBehalfOf: 'ada' })]);
      expect(await failure(limiter.acquire({ onBehalfOf: 'ada' }))).toBeInstanceOf(RangeError);
      expect(limiter.stats()).toMatchObject({ waiting: 1, borrowers: ['holder'] });

      await stop(...(task === undefined ? [] : [task]));
      held.release();

      (await limiter.acquire({ onBehalfOf: 'ada' })).release();
    }));

  it('an old lease of a borrower does not give back its new token', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(1);
      const old = await limiter.acquire({ onBehalfOf: 'ada' });
      old.release();
      const lease = await limiter.acquire({ onBehalfOf: 'ada' });

      old.release();

      expect(limiter.stats().borrowers).toEqual(['ada']);
      expect(limiter.borrowed).toBe(1);
      lease.release();
    }));

  it('any value may be a borrower, also null', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(3);
      const leases = [
        await limiter.acquire({ onBehalfOf: null }),
        await limiter.acquire({ onBehalfOf: 0 }),
      ];

      expect(limiter.stats().borrowers).toEqual([null, 0]);
      for (const lease of leases) lease.release();
    }));

  it('a higher total lets in at once, a lower one takes effect as tokens come back', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(1);
      const first = await limiter.acquire();
      const [second, third] = await inLine([() => limiter.acquire(), () => limiter.acquire()]);

      limiter.total = 2;
      const lease = await second;
      limiter.total = 1;

      expect([limiter.total, limiter.borrowed, limiter.available]).toEqual([1, 2, -1]);
      first.release();
      expect(limiter.stats().waiting).toBe(1);
      lease?.release();
      (await third)?.release();
      expect([limiter.borrowed, limiter.available]).toEqual([0, 1]);
    }));

  it.each([-1, Number.POSITIVE_INFINITY])('a total of %d is no limit', (total) =>
    virtual(async () => {
      const limiter = new CapacityLimiter(total);
      const leases = await Promise.all(Array.from({ length: 100 }, () => limiter.acquire()));

      expect([limiter.borrowed, limiter.available, limiter.total]).toEqual([
        100,
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
      ]);
      limiter.total = 2;
      for (const lease of leases) lease.release();
      expect([limiter.borrowed, limiter.available]).toEqual([0, 2]);
    }),
  );

  it('tells a function that it holds all tokens itself, and only then', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(2);
      const other = limiter.run(() => sleep(10));

      const error = await failure(
        limiter.run(async () => {
          await limiter.run(() => 'when the other one has ended');
          await limiter.run(() => limiter.run(() => 'never'));
        }),
      );

      expect(error).toBeInstanceOf(Deadlock);
      await other;
      expect(limiter.borrowed).toBe(0);
    }));

  it('tells a task that the functions that hold all tokens wait for it', () =>
    virtual(async () => {
      const limiter = new CapacityLimiter(1);

      const ended = limiter.run(() =>
        scope((s) => {
          s.spawn(async () => {
            await sleep(1);
            await limiter.acquire();
          });
        }),
      );

      expect(await failure(ended)).toBeInstanceOf(Deadlock);
    }));

  it('accuses nobody whose leases are released from elsewhere', () =>
    virtual(async (clock) => {
      const limiter = new CapacityLimiter(1);
      for (let started = 0; started < 3; started++) {
        const lease = await limiter.acquire();
        schedule(() => sleep(10).then(() => lease.release()));
      }

      expect(clock.now()).toBe(20);
      await sleep(10);
    }));
});
