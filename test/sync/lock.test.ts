import {
  CapacityLimiter,
  Deadlock,
  KeyedLock,
  type Lease,
  Lock,
  map,
  ReadWriteLock,
  schedule,
  scope,
  sleep,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine } from './support.ts';

interface Named {
  acquire(): Promise<Lease>;
  with<R>(fn: () => R | PromiseLike<R>): Promise<R>;
}

/** Everything that knows who holds it, and its name in messages. */
const known: readonly [string, () => Named, string][] = [
  ['Lock', () => new Lock({ name: 'till' }), 'lock till'],
  ['CapacityLimiter', () => new CapacityLimiter(1, { name: 'till' }), 'limiter till'],
  [
    'KeyedLock',
    () => {
      const lock = new KeyedLock<string>({ name: 'till' });
      return { acquire: () => lock.acquire('a'), with: (fn) => lock.with('a', fn) };
    },
    "lock till of 'a'",
  ],
  [
    'ReadWriteLock',
    () => {
      const lock = new ReadWriteLock({ name: 'till' });
      return {
        acquire: () => lock.write(),
        with: async (fn) => {
          const lease = await lock.write();
          try {
            return await fn();
          } finally {
            lease.release();
          }
        },
      };
    },
    'read-write lock till',
  ],
];

/** Whose plain leases tell who will release them. */
const exclusive = known.filter(([name]) => name !== 'CapacityLimiter');

describe.each(exclusive)(
  '%s: a task that could only wait for itself is told at once',
  (_, make, label) => {
    it('that it holds it already', () =>
      virtual(async (clock) => {
        const lock = make();
        const task = schedule(async () => {
          const lease = await lock.acquire();
          const error = await failure(lock.acquire());
          lease.release();
          return error;
        }, 'teller');

        const error = await task;

        expect(error).toBeInstanceOf(Deadlock);
        expect(error.message).toContain(`teller #`);
        expect(error.message).toContain(`waits for ${label}, which it holds itself`);
        expect(clock.now()).toBe(0);
        (await lock.acquire()).release();
      }));

    it('in a block inside a block', () =>
      virtual(async () => {
        const lock = make();

        const error = await failure(lock.with(() => lock.with(() => 'never')));

        expect(error).toBeInstanceOf(Deadlock);
        (await lock.acquire()).release();
      }));

    it('that its holder awaits the task', () =>
      virtual(async () => {
        const lock = make();
        const error = await failure(
          scope(async (s) => {
            const lease = await lock.acquire();
            const child = s.spawn(async () => {
              await sleep(1);
              await lock.acquire();
            }, 'child');
            await child.then(undefined, (thrown: unknown) => {
              lease.release();
              throw thrown;
            });
          }),
        );

        expect(error).toBeInstanceOf(Deadlock);
        expect(error.message).toMatch(/child #\d+ waits for .*till.*, which is held by main #\d+/);
        expect(error.message).toMatch(/main #\d+, which waits for child #\d+/);
        (await lock.acquire()).release();
      }));

    it('that its holder waits for the end of the scope of the task', () =>
      virtual(async () => {
        const lock = make();
        const lease = await lock.acquire();

        const error = await failure(
          scope((s) => {
            s.spawn(async () => {
              await sleep(1);
              await lock.acquire();
            }, 'child');
          }),
        );

        expect(error).toBeInstanceOf(Deadlock);
        lease.release();
        (await lock.acquire()).release();
      }));

    it('that its holder waits for one who waits for the task', () =>
      virtual(async () => {
        const lock = make();
        const lease = await lock.acquire();

        const error = await failure(
          scope((outer) => {
            outer.spawn(
              () =>
                scope((inner) => {
                  inner.spawn(async () => {
                    await sleep(1);
                    await lock.acquire();
                  }, 'grandchild');
                }),
              'child',
            );
          }),
        );

        expect(error).toBeInstanceOf(Deadlock);
        expect(error.message).toMatch(/grandchild #\d+ waits for .*held by main/);
        expect(error.message).toMatch(/child #\d+, which waits for grandchild/);
        expect(error.message).toMatch(/main #\d+, which waits for child/);
        lease.release();
      }));
  },
);

describe.each(known)('%s: nobody is told of a deadlock who may still be served', (name, make) => {
  // A read-write lock has no blocks of its own, so it cannot tell branches apart.
  it.skipIf(name === 'ReadWriteLock')('branches of one task that use with', () =>
    virtual(async (clock) => {
      const lock = make();

      await Promise.all([1, 2, 3].map(() => lock.with(() => sleep(10))));

      expect(clock.now()).toBe(30);
    }),
  );

  it.skipIf(name === 'ReadWriteLock')('a branch that comes while the first one is inside', () =>
    virtual(async (clock) => {
      const lock = make();

      const first = lock.with(() => sleep(10));
      await sleep(1);
      await Promise.all([first, lock.with(() => sleep(10))]);

      expect(clock.now()).toBe(20);
    }),
  );

  it('lanes of a map', () =>
    virtual(async (clock) => {
      const lock = make();

      await map([1, 2, 3], async () => {
        const lease = await lock.acquire();
        await sleep(10);
        lease.release();
      });

      expect(clock.now()).toBe(30);
    }));

  it('code outside any task', async () => {
    const lock = make();
    const first = await lock.acquire();
    const second = lock.acquire();
    await idle();

    first.release();

    (await second).release();
  });

  it('a child that waits while its parent goes on and releases', () =>
    virtual(async (clock) => {
      const lock = make();

      await scope(async (s) => {
        const lease = await lock.acquire();
        s.spawn(async () => (await lock.acquire()).release());
        await sleep(10);
        lease.release();
      });

      expect(clock.now()).toBe(10);
    }));

  it('a child whose parent awaits it beside a wait after which it releases', () =>
    virtual(async (clock) => {
      const lock = make();

      await scope(async (s) => {
        const lease = await lock.acquire();
        const child = s.spawn(() => sleep(1).then(async () => (await lock.acquire()).release()));
        await Promise.all([child, sleep(10).then(() => lease.release())]);
      });

      expect(clock.now()).toBe(10);
    }));

  it('a task with a branch that releases, whichever branch comes first', () =>
    virtual(async () => {
      const lock = make();
      const held = await lock.acquire();

      const [lease] = await Promise.all([lock.acquire(), sleep(10).then(() => held.release())]);

      lease.release();
    }));

  it('work that was begun under the lock and outlives it', () =>
    virtual(async () => {
      const lock = make();
      let later: Promise<void> | undefined;

      await lock.with(async () => {
        later = lock.with(() => sleep(1));
        await sleep(5);
      });

      await later;
    }));
});

// Decision 27: what a task could still do by ways that the library does not see is not waited for.
describe.each(exclusive)('%s: a task is one line of control', (_, make) => {
  it('also where it has handed its lease to another task', () =>
    virtual(async () => {
      const lock = make();
      await scope(async (s) => {
        const lease = await lock.acquire();
        s.spawn(() => sleep(10).then(() => lease.release()));

        expect(await failure(lock.acquire())).toBeInstanceOf(Deadlock);
      });
    }));
});

describe('Lock', () => {
  it('a request that is made inside a block and awaited after it is served', () =>
    virtual(async () => {
      const lock = new Lock();
      let later: Promise<Lease> | undefined;
      await lock.with(() => {
        later = lock.acquire();
        later.catch(() => undefined);
      });

      (await later)?.release();
    }));

  it('knows its owner and those who wait', () =>
    virtual(async () => {
      const lock = new Lock();
      expect([lock.locked, lock.owner]).toEqual([false, undefined]);
      const [holder, waiter] = await inLine([
        async () => {
          const lease = await lock.acquire();
          await sleep(10);
          lease.release();
        },
        async () => (await lock.acquire()).release(),
      ]);

      expect(lock.locked).toBe(true);
      expect(lock.owner === holder).toBe(true);
      expect(lock.stats()).toMatchObject({
        holders: [{ permits: 1 }],
        waiting: 1,
        waiters: [{ permits: 1 }],
      });
      expect(lock.stats().holders[0]?.id).not.toBe(lock.stats().waiters[0]?.id);
      await holder;
      await waiter;
      expect([lock.locked, lock.owner]).toEqual([false, undefined]);
    }));

  it('names what is waited for, and who has it, in a deadlock that nobody can resolve', () =>
    virtual(async () => {
      const [a, b] = [new Lock({ name: 'a' }), new Lock({ name: 'b' })];
      const cross = (first: Lock, second: Lock) => () =>
        first.with(async () => {
          await sleep(1);
          await second.with(() => undefined);
        });
      await scope(async (s) => {
        s.spawn(cross(a, b), 'left');
        s.spawn(cross(b, a), 'right');
      });
    }).then(
      () => expect.unreachable(),
      (error: unknown) => {
        expect(error).toBeInstanceOf(Deadlock);
        expect(String(error)).toMatch(/lock a \(held by left #\d+\)/);
        expect(String(error)).toMatch(/lock b \(held by right #\d+\)/);
      },
    ));

  it('is released at the end of a block by using', () =>
    virtual(async () => {
      const lock = new Lock();
      {
        using _lease = await lock.acquire();
        expect(lock.locked).toBe(true);
      }
      expect(lock.locked).toBe(false);
    }));
});
