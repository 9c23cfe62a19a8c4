/**
 * Small programs over everything lock-like, for the explorer.
 *
 * @module
 */
import {
  AsyncEvent,
  Barrier,
  BoundedSemaphore,
  CapacityLimiter,
  Condition,
  checkpoint,
  KeyedLock,
  type Lease,
  Lock,
  ReadWriteLock,
  Semaphore,
  scope,
  sleep,
} from 'skein';
import { expect } from 'vitest';
import { History } from './linearizable.ts';
import type { Program } from './program.ts';

/** Says when more are inside than may be. */
function room(most: number): { enter(n?: number): void; leave(n?: number): void } {
  let inside = 0;
  return {
    enter(n = 1) {
      inside += n;
      expect(inside).toBeLessThanOrEqual(most);
    },
    leave(n = 1) {
      inside -= n;
    },
  };
}

/** Three tasks that each hold the lease for one step. */
function threeUsers(acquire: () => Promise<Lease>, free: () => boolean): Promise<void> {
  const inside = room(1);
  const history = new History(false);
  const use = async (): Promise<void> => {
    const lease = await history.call('acquire', acquire, (held) => (held ? undefined : true));
    inside.enter();
    try {
      await checkpoint();
    } finally {
      inside.leave();
      history.now(
        'release',
        () => lease.release(),
        (held) => (held ? false : undefined),
      );
    }
  };
  return scope(async (s) => {
    for (const name of ['a', 'b', 'c']) s.spawn(use, name);
  }).then(() => {
    expect(history.check()).toBe(false);
    expect(free()).toBe(true);
  });
}

export const locks: readonly Program[] = [
  {
    name: 'Lock: one at a time',
    small: true,
    run: () => {
      const lock = new Lock();
      return threeUsers(
        () => lock.acquire(),
        () => !lock.locked && lock.stats().waiting === 0,
      );
    },
  },
  {
    name: 'Semaphore(1): one at a time',
    small: true,
    run: () => {
      const semaphore = new Semaphore(1);
      return threeUsers(
        () => semaphore.acquire(),
        () => semaphore.available === 1 && semaphore.stats().waiting === 0,
      );
    },
  },
  {
    name: 'CapacityLimiter(1): one at a time',
    small: true,
    run: () => {
      const limiter = new CapacityLimiter(1);
      return threeUsers(
        () => limiter.acquire(),
        () => limiter.borrowed === 0 && limiter.stats().waiting === 0,
      );
    },
  },
  {
    name: 'KeyedLock: one at a time for a key, and no key is kept',
    small: true,
    run: () => {
      const lock = new KeyedLock<string>();
      return threeUsers(
        () => lock.acquire('key'),
        () => lock.size === 0,
      );
    },
  },
  {
    name: 'Lock: two locks do not know of each other',
    run: async () => {
      const pairs = [new Lock(), new Lock()].map((lock) => ({ lock, inside: room(1) }));
      await scope(async (s) => {
        for (const { lock, inside } of [...pairs, ...pairs]) {
          s.spawn(() =>
            lock.with(async () => {
              inside.enter();
              await checkpoint();
              inside.leave();
            }),
          );
        }
      });
      for (const { lock } of pairs) expect(lock.locked).toBe(false);
    },
    // A body that is cancelled inside never leaves the room.
    cancelAnywhere: false,
  },
  {
    name: 'BoundedSemaphore(3): requests of 2, 3 and 1 permits, whole or not at all',
    small: true,
    run: async () => {
      const semaphore = new BoundedSemaphore(3);
      const inside = room(3);
      const history = new History(3);
      await scope(async (s) => {
        for (const n of [2, 3, 1]) {
          s.spawn(async () => {
            const lease = await history.call(
              `acquire ${n}`,
              () => semaphore.acquire(n),
              (free) => (free < n ? undefined : free - n),
            );
            inside.enter(n);
            try {
              await checkpoint();
            } finally {
              inside.leave(n);
              history.now(
                `release ${n}`,
                () => lease.release(),
                (free) => free + n,
              );
            }
          }, `takes ${n}`);
        }
      });
      expect(history.check()).toBe(3);
      expect(semaphore.available).toBe(3);
      expect(semaphore.stats().waiting).toBe(0);
    },
  },
  {
    name: 'Semaphore: resized while it is held and wanted',
    small: true,
    run: async () => {
      const semaphore = new Semaphore(2);
      await scope(async (s) => {
        for (const n of [1, 2]) {
          s.spawn(async () => {
            const lease = await semaphore.acquire(n);
            await checkpoint();
            lease.release();
          }, `takes ${n}`);
        }
        semaphore.resize(1);
        await checkpoint();
        semaphore.resize(3);
      });
      expect(semaphore.stats().waiting).toBe(0);
      expect(semaphore.available).toBe(3);
    },
    // Who is cancelled while holding keeps its permits: no `finally` here.
    cancelAnywhere: false,
  },
  ...(['fifo', 'writer', 'reader'] as const).map(
    (prefer): Program => ({
      name: `ReadWriteLock, ${prefer}: many readers or one writer`,
      small: true,
      run: async () => {
        const lock = new ReadWriteLock({ prefer });
        const history = new History({ readers: 0, writing: false });
        const use = (kind: 'read' | 'write') => async () => {
          const lease = await history.call(
            kind,
            () => lock[kind](),
            ({ readers, writing }) => {
              if (writing || (kind === 'write' && readers > 0)) return undefined;
              return kind === 'write'
                ? { readers, writing: true }
                : { readers: readers + 1, writing };
            },
          );
          try {
            await checkpoint();
          } finally {
            history.now(
              `end of ${kind}`,
              () => lease.release(),
              ({ readers, writing }) =>
                kind === 'write' ? { readers, writing: false } : { readers: readers - 1, writing },
            );
          }
        };
        await scope(async (s) => {
          s.spawn(use('read'), 'reader 1');
          s.spawn(use('write'), 'writer');
          s.spawn(use('read'), 'reader 2');
        });
        expect(history.check()).toEqual({ readers: 0, writing: false });
        expect(lock.stats()).toEqual({ holders: [], waiting: 0, waiters: [] });
      },
    }),
  ),
  {
    name: 'Condition: whoever waits for a state sees it, and the lock is held when a wait ends',
    small: true,
    run: async () => {
      const condition = new Condition();
      let items = 0;
      let taken = 0;
      await scope(async (s) => {
        for (const name of ['taker 1', 'taker 2']) {
          s.spawn(
            async () => {
              const lease = await condition.acquire();
              try {
                await condition.waitFor(() => items > 0);
                items--;
                taken++;
              } finally {
                expect(condition.lock.owner?.name).toBe(name);
                lease.release();
              }
            },
            { name, daemon: true },
          );
        }
        for (let n = 0; n < 2; n++) {
          const lease = await condition.acquire();
          items++;
          condition.notify();
          lease.release();
        }
        await sleep(1);
      });
      expect(items + taken).toBe(2);
      expect(condition.lock.locked).toBe(false);
      expect(condition.waiting).toBe(0);
    },
  },
  {
    name: 'Condition: a notification is used by somebody who still waits',
    small: true,
    run: async () => {
      const condition = new Condition();
      const awake: string[] = [];
      const waiters = ['x', 'y'];
      await scope(async (s) => {
        const tasks = waiters.map((name) =>
          s.spawn(
            async () => {
              const lease = await condition.acquire();
              try {
                await condition.wait();
                awake.push(name);
              } finally {
                lease.release();
              }
            },
            { name, daemon: true },
          ),
        );
        let told = false;
        for (let rounds = 0; rounds < 3; rounds++) {
          await sleep(1);
          const lease = await condition.acquire();
          if (!told && condition.waiting > 0) {
            told = true;
            condition.notify();
          }
          lease.release();
        }
        await sleep(1);
        const alive = tasks.some((task) => task.status !== 'cancelled');
        if (told && alive) expect(awake.length).toBe(1);
      });
    },
  },
  {
    name: 'AsyncEvent: set lets everybody through, reset holds back who comes later',
    small: true,
    run: async () => {
      const event = new AsyncEvent();
      const history = new History(false);
      await scope(async (s) => {
        for (const name of ['a', 'b']) {
          s.spawn(
            async () => {
              await history.call(
                'wait',
                () => event.wait(),
                (set) => (set ? true : undefined),
              );
            },
            { name, daemon: true },
          );
        }
        s.spawn(async () => {
          history.now(
            'set',
            () => event.set(),
            () => true,
          );
          await checkpoint();
        }, 'setter');
      });
      expect(history.check()).toBe(event.isSet);
      expect(event.waiting).toBe(0);
    },
  },
  {
    name: 'Barrier: nobody passes before all have come',
    small: true,
    run: async () => {
      const barrier = new Barrier(2);
      let arrived = 0;
      const places: number[] = [];
      await scope(async (s) => {
        for (const name of ['a', 'b', 'c']) {
          s.spawn(
            async () => {
              arrived++;
              const place = await barrier.wait();
              expect(arrived).toBeGreaterThanOrEqual(2);
              places.push(place);
            },
            { name, daemon: true },
          );
        }
        await sleep(1);
      });
      expect([[], [0, 1]]).toContainEqual(places.sort());
      expect(barrier.waiting).toBe(0);
    },
  },
];
