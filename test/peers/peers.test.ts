import { sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';
import { E_CANCELED, Mutex, Semaphore } from './async-mutex.ts';
import pLimit, { limitFunction } from './p-limit.ts';
import pMap, { pMapIterable, pMapSkip } from './p-map.ts';
import PQueue from './p-queue.ts';
import pThrottle from './p-throttle.ts';

describe('the API made of skein of', () => {
  it('p-limit', () =>
    virtual(async () => {
      const limit = pLimit(1);
      const calls = [limit((n: number) => sleep(1).then(() => n), 1), limit(() => 2)];
      expect([limit.activeCount, limit.pendingCount]).toEqual([1, 1]);
      expect(await Promise.all(calls)).toEqual([1, 2]);
      expect(await limit.map([1, 2], (n, index) => n + index)).toEqual([1, 3]);
      const limited = limitFunction(async (n: unknown) => n, { concurrency: 1 });
      expect(await Promise.all([limited(1), limited(2)])).toEqual([1, 2]);
    }));

  it('p-map', async () => {
    const odd = (n: number) => (n % 2 === 1 ? n : pMapSkip);
    expect(await pMap([1, Promise.resolve(2), 3], odd, { concurrency: 2 })).toEqual([1, 3]);
    const seen: unknown[] = [];
    for await (const value of pMapIterable([1, 2, 3], odd)) seen.push(value);
    expect(seen).toEqual([1, 3]);
  });

  it('p-queue', () =>
    virtual(async (clock) => {
      const queue = new PQueue({ concurrency: 1, interval: 100, intervalCap: 2 });
      const calls = queue.addAll([1, 2, 3].map(() => () => clock.now()));
      await queue.onIdle();
      expect(await calls).toEqual([0, 0, 100]);
      expect([queue.size, queue.pending, queue.isPaused]).toEqual([0, 0, false]);
    }));

  it('p-throttle', () =>
    virtual(async (clock) => {
      const throttled = pThrottle({ limit: 1, interval: 10 })((n: number) => [n, clock.now()]);
      expect(await Promise.all([throttled(1), throttled(2)])).toEqual([
        [1, 0],
        [2, 10],
      ]);
    }));

  it('async-mutex', async () => {
    const mutex = new Mutex();
    const release = await mutex.acquire();
    const waiting = failure(mutex.runExclusive(() => 1));
    mutex.cancel();
    expect(await waiting).toBe(E_CANCELED);
    release();
    expect(mutex.isLocked()).toBe(false);
    const semaphore = new Semaphore(2);
    expect(await semaphore.runExclusive((value) => value)).toBe(2);
    expect(semaphore.getValue()).toBe(2);
  });
});
