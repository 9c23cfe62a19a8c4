import { BoundedSemaphore, Semaphore, scope, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, stop } from './support.ts';

describe('Semaphore', () => {
  it('takes n permits together or none', () =>
    virtual(async () => {
      const semaphore = new Semaphore(3);
      const two = await semaphore.acquire(2);
      const [task] = await inLine([() => semaphore.acquire(2)]);
      expect(semaphore.available).toBe(1);

      two.release();

      const lease = await task;
      expect(semaphore.available).toBe(1);
      lease?.release();
      expect(semaphore.available).toBe(3);
    }));

  it('S13: a small request does not pass a big one that came before', () =>
    virtual(async () => {
      const semaphore = new Semaphore(3);
      const one = await semaphore.acquire();
      const [big, small] = await inLine([() => semaphore.acquire(3), () => semaphore.acquire(1)]);

      expect(semaphore.tryAcquire()).toBeUndefined();
      expect([semaphore.available, semaphore.stats().waiting]).toEqual([2, 2]);
      one.release();

      (await big)?.release();
      (await small)?.release();
      expect(semaphore.available).toBe(3);
    }));

  it('S7: when a big request is cancelled, those behind it are served at once', () =>
    virtual(async () => {
      const semaphore = new Semaphore(3);
      const one = await semaphore.acquire();
      const [big, a, b] = await inLine([
        () => semaphore.acquire(3),
        () => semaphore.acquire(1),
        () => semaphore.acquire(1),
      ]);

      big?.cancel();

      expect([semaphore.available, semaphore.stats().waiting]).toEqual([0, 0]);
      for (const task of [a, b]) (await task)?.release();
      one.release();
      expect(semaphore.available).toBe(3);
      expect((await big?.settled())?.status).toBe('cancelled');
    }));

  it('one release may serve several', () =>
    virtual(async () => {
      const semaphore = new Semaphore(3);
      const all = await semaphore.acquire(3);
      const tasks = await inLine([1, 1, 1].map((n) => () => semaphore.acquire(n)));

      all.release();

      for (const task of tasks) (await task).release();
      expect(semaphore.available).toBe(3);
    }));

  it('may be released without a lease, as a signal', () =>
    virtual(async () => {
      const semaphore = new Semaphore(0);
      const [task] = await inLine([() => semaphore.acquire(2)]);

      semaphore.release();
      expect(task?.status).toBe('running');
      semaphore.release();

      await task;
      expect(semaphore.available).toBe(0);
    }));

  it('with n holds n, and gives them back when the function throws', () =>
    virtual(async () => {
      const semaphore = new Semaphore(4);

      await expect(
        semaphore.with(() => {
          expect(semaphore.available).toBe(1);
          throw new Error('boom');
        }, 3),
      ).rejects.toThrow('boom');

      expect(semaphore.available).toBe(4);
    }));

  it('resized to more lets waiters in at once', () =>
    virtual(async () => {
      const semaphore = new Semaphore(1);
      const lease = await semaphore.acquire();
      const tasks = await inLine([() => semaphore.acquire(), () => semaphore.acquire()]);

      semaphore.resize(3);

      for (const task of tasks) (await task).release();
      lease.release();
      expect(semaphore.available).toBe(3);
    }));

  it('resized to fewer takes effect as leases come back', () =>
    virtual(async () => {
      const semaphore = new Semaphore(3);
      const leases = [await semaphore.acquire(), await semaphore.acquire()];
      const third = await semaphore.acquire();

      semaphore.resize(1);
      expect(semaphore.available).toBe(-2);
      const [task] = await inLine([() => semaphore.acquire()]);
      for (const lease of leases) lease.release();
      expect([semaphore.available, semaphore.stats().waiting]).toEqual([0, 1]);
      third.release();

      (await task)?.release();
      expect(semaphore.available).toBe(1);
    }));

  it('with max refuses what would be more', () =>
    virtual(async () => {
      const semaphore = new Semaphore(1, { max: 2, name: 'seats' });
      semaphore.release();

      expect(() => semaphore.release()).toThrow(RangeError);
      expect(() => semaphore.release()).toThrow(
        /release 1 of semaphore seats in main #\d+: 2 of at most 2/,
      );
      expect(() => semaphore.resize(3)).toThrow(/permits.*at most 2.*got 3/);
      expect(await failure(semaphore.acquire(3))).toBeInstanceOf(RangeError);
      expect(semaphore.available).toBe(2);
    }));

  it('does not know who holds, only who waits', () =>
    virtual(async () => {
      const semaphore = new Semaphore(1);
      const lease = await semaphore.acquire();
      const tasks = await inLine([() => semaphore.acquire(4)]);

      expect(semaphore.stats()).toMatchObject({
        holders: [],
        waiting: 1,
        waiters: [{ permits: 4 }],
      });
      await stop(...tasks);
      lease.release();
    }));

  it('two users of 3 of 4 take turns instead of holding each other up', () =>
    virtual(async (clock) => {
      const semaphore = new Semaphore(4);

      await scope((s) => {
        for (let i = 0; i < 2; i++) s.spawn(() => semaphore.with(() => sleep(10), 3));
      });

      expect([semaphore.available, clock.now()]).toEqual([4, 20]);
    }));
});

describe('BoundedSemaphore', () => {
  it('refuses a release too much, and is as it was', () => {
    const semaphore = new BoundedSemaphore(2);

    expect(() => semaphore.release()).toThrow(RangeError);
    expect(semaphore.available).toBe(2);
  });

  it('refuses at once what it can never give', async () => {
    const semaphore = new BoundedSemaphore(2);

    expect(await failure(semaphore.acquire(3))).toBeInstanceOf(RangeError);
    expect(() => semaphore.tryAcquire(3)).toThrow(/n.*at most 2.*got 3/);
    expect(semaphore.available).toBe(2);
  });

  it('resized to fewer turns those away who want more than there can ever be, and serves who is behind', () =>
    virtual(async () => {
      const semaphore = new BoundedSemaphore(3);
      const one = await semaphore.acquire();
      const [big, small] = await inLine([() => semaphore.acquire(3), () => semaphore.acquire(1)]);

      semaphore.resize(2);

      expect(await failure(big as PromiseLike<unknown>)).toBeInstanceOf(RangeError);
      (await small)?.release();
      one.release();
      expect(semaphore.available).toBe(2);
      expect(() => semaphore.release()).toThrow(RangeError);
    }));

  it('resized to more has a higher bound', () => {
    const semaphore = new BoundedSemaphore(1);

    semaphore.resize(2);

    expect(semaphore.available).toBe(2);
    expect(() => semaphore.release()).toThrow(/at most 2/);
  });
});
