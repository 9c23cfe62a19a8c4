/**
 * What everything does that lets one in at a time: the rules S7 and S13 of the design, the bounds of a wait, and leases.
 *
 * @module
 */
import { Cancelled, schedule, scope, sleep, TimedOut } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine } from '../sync/support.ts';
import { boundsContract, expectFree, type LockLike } from './bounded-wait.ts';

/**
 * Runs the contract for what `make` makes, each time a new one.
 *
 * @param crowd how many leave from the middle of the line
 */
export function lockContract(name: string, make: () => LockLike, crowd = 100_000): void {
  describe(`${name} as a lock`, () => {
    lineContract(make);
    crowdContract(make, crowd);
    cancellationContract(make);
    boundsContract(make);
    leaseContract(make);
  });
}

function lineContract(make: () => LockLike): void {
  it('lets one in at a time', () =>
    virtual(async (clock) => {
      const lock = make();
      let inside = 0;
      let most = 0;

      await scope(async (s) => {
        for (let i = 0; i < 5; i++) {
          s.spawn(async () => {
            const lease = await lock.acquire();
            most = Math.max(most, ++inside);
            await sleep(10);
            inside--;
            lease.release();
          });
        }
      });

      expect([most, clock.now()]).toEqual([1, 50]);
      expectFree(lock);
    }));

  it('S13: serves those who wait in the order in which they came', () =>
    virtual(async () => {
      const lock = make();
      const log: number[] = [];
      const held = await lock.acquire();
      const tasks = await inLine(
        [1, 2, 3, 4].map((n) => async () => {
          const lease = await lock.acquire();
          log.push(n);
          await sleep(1);
          lease.release();
        }),
      );

      held.release();
      for (const task of tasks) await task;

      expect(log).toEqual([1, 2, 3, 4]);
      expectFree(lock);
    }));

  it('S13: is handed over at the release: whoever comes in the same turn stands behind', () =>
    virtual(async () => {
      const lock = make();
      const log: string[] = [];
      const held = await lock.acquire();
      const [first] = await inLine([
        async () => {
          const lease = await lock.acquire();
          log.push('first');
          lease.release();
        },
      ]);

      held.release();
      expect(lock.tryAcquire()).toBeUndefined();
      const late = await lock.acquire();
      log.push('late');
      late.release();
      await first;

      expect(log).toEqual(['first', 'late']);
    }));

  it('S13: tryAcquire takes what is free and never overtakes', () =>
    virtual(async () => {
      const lock = make();
      const held = lock.tryAcquire();
      expect(held).toBeDefined();
      expect(lock.tryAcquire()).toBeUndefined();
      const tasks = await inLine([() => lock.acquire(), () => lock.acquire()]);

      held?.release();
      expect(lock.tryAcquire()).toBeUndefined();
      for (const task of tasks) (await task).release();

      expectFree(lock);
    }));

  it('says how many wait', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      expect(lock.stats()).toMatchObject({ waiting: 0, waiters: [] });

      const tasks = await inLine([() => lock.acquire(), () => lock.acquire()]);

      const { waiting, waiters } = lock.stats();
      expect([waiting, waiters.length]).toEqual([2, 2]);
      held.release();
      expect(lock.stats().waiting).toBe(1);
      for (const task of tasks) (await task).release();
      expectFree(lock);
    }));
}

function crowdContract(make: () => LockLike, size: number): void {
  it(`${size} waiters may leave from the middle of the line`, () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      const [first] = await inLine([() => lock.acquire()]);
      let cancelled = 0;
      const crowd = schedule(() => {
        const waits = Array.from({ length: size }, () =>
          lock.acquire().then(
            (lease) => lease.release(),
            () => void cancelled++,
          ),
        );
        return Promise.all(waits);
      });
      await idle();
      const [last] = await inLine([() => lock.acquire()]);
      expect(lock.stats().waiting).toBe(size + 2);

      crowd.cancel();

      expect(lock.stats().waiting).toBe(2);
      await crowd.settled();
      expect(cancelled).toBe(size);
      held.release();
      (await first)?.release();
      (await last)?.release();
      expectFree(lock);
    }));
}

function cancellationContract(make: () => LockLike): void {
  it('S7: a cancelled waiter leaves its place at once and holds nothing', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      const [first, second, third] = await inLine([
        () => lock.acquire(),
        () => lock.acquire(),
        () => lock.acquire(),
      ]);

      second?.cancel();
      expect(lock.stats().waiting).toBe(2);
      first?.cancel();
      expect(lock.stats().waiting).toBe(1);

      held.release();
      (await third)?.release();
      expect([first?.status, second?.status]).toEqual(['cancelled', 'cancelled']);
      expectFree(lock);
    }));

  it('S7: cancelled in the turn of the release, but before it: the next one gets it', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      const [first, second] = await inLine([() => lock.acquire(), () => lock.acquire()]);

      first?.cancel();
      held.release();

      (await second)?.release();
      expect((await first?.settled())?.status).toBe('cancelled');
      expectFree(lock);
    }));

  it('S7: cancelled after it was handed over: keeps it, and the next wait rejects', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();
      const log: string[] = [];
      const [task] = await inLine([
        async () => {
          const lease = await lock.acquire();
          log.push('has it');
          await sleep(1).catch(() => log.push('next wait'));
          lease.release();
        },
      ]);

      held.release();
      task?.cancel();
      await task?.settled();

      expect(log).toEqual(['has it', 'next wait']);
      expectFree(lock);
    }));

  it('S7: in a cancelled scope nothing is taken, free as it is', () =>
    virtual(async () => {
      const lock = make();

      const seen = await scope(async (s) => {
        s.cancel('why');
        return [await failure(lock.acquire()), await failure(lock.acquire({ timeout: 5 }))];
      });

      expect(seen.map((error) => error instanceof Cancelled)).toEqual([true, true]);
      expectFree(lock);
    }));

  it('the deadline of a scope ends a wait', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();

      const [late] = await inLine([() => scope({ timeout: 20 }, () => lock.acquire())]);
      await sleep(30);

      expect(late?.exception()).toBeInstanceOf(TimedOut);
      held.release();
      expectFree(lock);
    }));
}

function leaseContract(make: () => LockLike): void {
  it('a lease gives back once, however often it is released or disposed of', () =>
    virtual(async () => {
      const lock = make();
      const first = await lock.acquire();
      first.release();
      const second = await lock.acquire();

      first.release();
      first[Symbol.dispose]();

      expect(lock.tryAcquire()).toBeUndefined();
      second[Symbol.dispose]();
      second.release();
      expectFree(lock);
    }));

  it('a lease may be released by another task', () =>
    virtual(async () => {
      const lock = make();
      const lease = await lock.acquire();

      await schedule(() => lease.release());

      expectFree(lock);
    }));
}
