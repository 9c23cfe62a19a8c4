/**
 * The bounds of one wait, `{ signal, timeout }`, at everything that one can hold.
 *
 * @module
 */
import { type Lease, type LimiterStats, sleep, TimedOut, type WaitBounds } from 'skein';
import { virtual } from 'skein/testing';
import { expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from '../sync/support.ts';

/** Something that one can hold at a time. */
export interface LockLike {
  acquire(bounds?: WaitBounds): Promise<Lease>;
  tryAcquire(): Lease | undefined;
  stats(): LimiterStats;
}

/** Fails unless nobody holds it or waits for it. */
export function expectFree(lock: LockLike): void {
  expect(lock.stats().waiting).toBe(0);
  const lease = lock.tryAcquire();
  expect(lease, 'nobody holds it').toBeDefined();
  lease?.release();
}

/** How a wait ends early, and what it leaves: nothing. */
export function boundsContract(make: () => LockLike): void {
  it('an aborted signal: rejects with its reason, takes nothing and leaves no listener', () =>
    virtual(async () => {
      const lock = make();
      const abort = new CountedAbort();
      abort.abort('enough');

      const error = await failure(lock.acquire({ signal: abort.signal }));

      expect(error).toBe('enough');
      expect(abort.listeners).toBe(0);
      expectFree(lock);
    }));

  it('a signal that aborts later: the waiter leaves at once', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      const abort = new CountedAbort();
      const [first, second] = await inLine([
        () => lock.acquire({ signal: abort.signal }),
        () => lock.acquire(),
      ]);
      expect(abort.listeners).toBe(1);

      abort.abort('enough');
      expect(lock.stats().waiting).toBe(1);
      held.release();

      const error = (await first?.settled())?.status === 'failed' && first?.exception();
      expect(error).toBe('enough');
      (await second)?.release();
      expect(abort.listeners).toBe(0);
      expectFree(lock);
    }));

  it('a signal that aborts after it was handed over changes nothing', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      const abort = new CountedAbort();
      const [task] = await inLine([() => lock.acquire({ signal: abort.signal })]);

      held.release();
      abort.abort('too late');

      (await task)?.release();
      expect(abort.listeners).toBe(0);
      expectFree(lock);
    }));

  it('a cancelled wait with a signal leaves no listener and no timer', () =>
    virtual(async (clock) => {
      const lock = make();
      const held = await lock.acquire();
      const abort = new CountedAbort();
      const tasks = await inLine([() => lock.acquire({ signal: abort.signal, timeout: '1h' })]);

      await stop(...tasks);

      expect([abort.listeners, clock.timers]).toEqual([0, 0]);
      held.release();
      expectFree(lock);
    }));

  it('a time-out: TimedOut, and nothing is held', () =>
    virtual(async (clock) => {
      const lock = make();
      const held = await lock.acquire();
      const [task] = await inLine([() => lock.acquire({ timeout: '30ms' })]);
      await sleep(50);

      expect(task?.exception()).toBeInstanceOf(TimedOut);
      expect([lock.stats().waiting, clock.timers]).toEqual([0, 0]);
      held.release();
      expectFree(lock);
    }));

  it('a time-out that is not reached leaves no timer', () =>
    virtual(async (clock) => {
      const lock = make();
      const held = await lock.acquire();
      const [task] = await inLine([() => lock.acquire({ timeout: '1h' })]);
      expect(clock.timers).toBe(1);

      held.release();
      (await task)?.release();

      expect([clock.timers, clock.now()]).toEqual([0, 0]);
      expectFree(lock);
    }));

  it('a time-out of 0 takes what is free and waits for nothing', () =>
    virtual(async (clock) => {
      const lock = make();
      const held = await lock.acquire({ timeout: 0 });
      const [task] = await inLine([() => lock.acquire({ timeout: 0 })]);
      await sleep(1);

      expect(task?.exception()).toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(1);
      held.release();
      expectFree(lock);
    }));

  it.each([
    [{ timeout: -1 }, RangeError, /timeout.*>= 0.*got -1/],
    [{ timeout: Number.NaN }, RangeError, /timeout.*got NaN/],
    [{ timeout: '5 parsecs' }, RangeError, /timeout.*got '5 parsecs'/],
    [{ timeout: null }, TypeError, /timeout.*got null/],
    [{ signal: {} }, TypeError, /signal.*AbortSignal/],
    [{ signal: null }, TypeError, /signal.*got null/],
  ])('wrong bounds %o reject and take nothing', (bounds, type, message) =>
    virtual(async () => {
      const lock = make();

      const whenFree = await failure(lock.acquire(bounds as WaitBounds));
      const held = await lock.acquire();
      const whenHeld = await failure(lock.acquire(bounds as WaitBounds));

      expect(whenFree).toBeInstanceOf(type);
      expect(String(whenFree)).toMatch(message);
      expect(whenHeld).toBeInstanceOf(type);
      held.release();
      expectFree(lock);
    }),
  );
}
