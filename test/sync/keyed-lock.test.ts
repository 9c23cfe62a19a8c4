import { KeyedLock, map, scope, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, stop } from './support.ts';

describe('KeyedLock', () => {
  it('locks each key apart', () =>
    virtual(async (clock) => {
      const lock = new KeyedLock<string>();

      await map(['a', 'b', 'a', 'b'], (key) => lock.with(key, () => sleep(10)));

      expect([clock.now(), lock.size]).toEqual([20, 0]);
    }));

  it('keeps nothing of keys that nobody holds or wants', () =>
    virtual(async () => {
      const lock = new KeyedLock<number>();
      for (let key = 0; key < 1000; key++) (await lock.acquire(key)).release();
      expect(lock.size).toBe(0);

      const held = await lock.acquire(1);
      const tasks = await inLine([() => lock.acquire(1)]);
      expect([lock.size, lock.tryAcquire(1)]).toEqual([1, undefined]);
      await stop(...tasks);
      expect(lock.size).toBe(1);
      held.release();
      expect(lock.size).toBe(0);
      expect(lock.stats(1)).toEqual({ holders: [], waiting: 0, waiters: [] });
      expect(lock.size).toBe(0);
    }));

  it('keeps a key while it is handed over', () =>
    virtual(async () => {
      const lock = new KeyedLock<string>();
      const held = await lock.acquire('a');
      const [task] = await inLine([() => lock.acquire('a')]);

      held.release();
      expect([lock.size, lock.tryAcquire('a')]).toEqual([1, undefined]);
      held.release();

      expect(lock.tryAcquire('a')).toBeUndefined();
      (await task)?.release();
      expect(lock.size).toBe(0);
    }));

  it('an old lease does not release a key that is locked anew', () =>
    virtual(async () => {
      const lock = new KeyedLock<string>();
      const old = await lock.acquire('a');
      old.release();
      const lease = await lock.acquire('a');

      old.release();

      expect(lock.tryAcquire('a')).toBeUndefined();
      lease.release();
    }));

  it('keeps nothing of a wait that was refused or cancelled at once', () =>
    virtual(async () => {
      const lock = new KeyedLock<string>();
      await scope(async (s) => {
        s.cancel();
        await failure(lock.acquire('a'));
        return 0;
      });
      await failure(lock.acquire('b', { timeout: -1 }));
      await failure(lock.acquire('c', { signal: AbortSignal.abort() }));

      expect(lock.size).toBe(0);
    }));

  it('gives back when the function throws', () =>
    virtual(async () => {
      const lock = new KeyedLock<string>();

      await expect(
        lock.with('a', () => {
          throw new Error('boom');
        }),
      ).rejects.toThrow('boom');

      expect(lock.size).toBe(0);
    }));

  it('compares keys as a Map does', () =>
    virtual(async () => {
      const lock = new KeyedLock<unknown>();
      const leases = [];
      for (const key of [Number.NaN, 0, '0', undefined, null, {}, {}]) {
        leases.push(await lock.acquire(key));
      }

      expect(lock.size).toBe(7);
      expect([lock.tryAcquire(Number.NaN), lock.tryAcquire(-0)]).toEqual([undefined, undefined]);
      for (const lease of leases) lease.release();
      expect(lock.size).toBe(0);
    }));
});
