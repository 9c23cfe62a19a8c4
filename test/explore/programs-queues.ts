/**
 * Small programs over everything queue-like, for the explorer.
 *
 * @module
 */
import {
  Broadcast,
  channel,
  checkpoint,
  Deferred,
  isCancelled,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  scope,
  select,
  sleep,
  timer,
  WaitGroup,
} from 'skein';
import { expect } from 'vitest';
import { History } from './linearizable.ts';
import type { Program } from './program.ts';

interface Ends {
  put(n: number): Promise<void>;
  get(): Promise<number>;
  /** What is inside when all have gone. */
  rest(): number[];
}

/** Two producers and two consumers; what comes out fits `take`, and nothing is lost. */
async function traffic(ends: Ends, take: (items: readonly number[]) => number): Promise<void> {
  const history = new History<readonly number[]>([]);
  const sent: number[] = [];
  const received: number[] = [];
  await scope(async (s) => {
    for (const [name, items] of [
      ['p', [1, 2]],
      ['q', [3]],
    ] as const) {
      s.spawn(
        async () => {
          for (const n of items) {
            await history.call(
              `put ${n}`,
              () => ends.put(n),
              (inside) => [...inside, n],
            );
            sent.push(n);
          }
        },
        { name, daemon: true },
      );
    }
    for (const name of ['c', 'd']) {
      s.spawn(
        async () => {
          const n = await history.call(
            'get',
            () => ends.get(),
            (inside, item) => {
              const index = take(inside);
              return inside[index] === item ? inside.toSpliced(index, 1) : undefined;
            },
          );
          received.push(n);
        },
        { name, daemon: true },
      );
    }
    await sleep(1);
  }).catch((error: unknown) => {
    if (!isCancelled(error)) throw error;
  });
  const rest = ends.rest();
  expect([...received, ...rest].sort()).toEqual(sent.sort());
  expect([...history.check()].sort()).toEqual(rest.sort());
}

function queueEnds(queue: Queue<number>): Ends {
  return {
    put: (n) => queue.put(n),
    get: () => queue.get(),
    rest: () => {
      const { waitingGet, waitingPut } = queue.stats();
      expect([waitingGet, waitingPut]).toEqual([0, 0]);
      const rest: number[] = [];
      for (let next = queue.tryGet(); next !== undefined; next = queue.tryGet()) {
        rest.push(next.value);
      }
      return rest;
    },
  };
}

const first = (): number => 0;
const last = (items: readonly number[]): number => items.length - 1;
const least = (items: readonly number[]): number => items.indexOf(Math.min(...items));

export const queues: readonly Program[] = [
  {
    name: 'Queue: first in, first out, nothing lost',
    run: () => traffic(queueEnds(new Queue({ max: 5 })), first),
  },
  {
    name: 'LifoQueue: last in, first out, nothing lost',
    run: () => traffic(queueEnds(new LifoQueue({ max: 5 })), last),
  },
  {
    name: 'PriorityQueue: the least first, nothing lost',
    run: () => traffic(queueEnds(new PriorityQueue({ compare: (a, b) => a - b })), least),
  },
  {
    name: 'Queue of 1: those who wait to put are served in their order',
    small: true,
    run: async () => {
      const queue = new Queue<number>({ max: 1 });
      const seen: number[] = [];
      await scope(async (s) => {
        s.spawn(
          async () => {
            for (const n of [1, 2, 3]) await queue.put(n);
          },
          { name: 'producer', daemon: true },
        );
        s.spawn(
          async () => {
            for (let i = 0; i < 3; i++) seen.push(await queue.get());
          },
          { name: 'consumer', daemon: true },
        );
        await sleep(1);
      });
      expect(seen).toEqual([1, 2, 3].slice(0, seen.length));
      expect(queue.stats()).toMatchObject({ waitingGet: 0, waitingPut: 0 });
    },
  },
  {
    name: 'Queue: join ends when all is done, and with the error it was closed with',
    small: true,
    run: async () => {
      const queue = new Queue<number>();
      const failure = new Error('all workers died');
      let joined: unknown = 'cancelled';
      await scope(async (s) => {
        for (const n of [1, 2]) queue.tryPut(n);
        const worker = async (): Promise<void> => {
          for (let next = queue.tryGet(); next !== undefined; next = queue.tryGet()) {
            await checkpoint();
            queue.taskDone();
          }
        };
        const workers = [s.spawn(worker, 'w1'), s.spawn(worker, 'w2')];
        s.spawn(async () => {
          joined = await queue.join().then(
            () => 'done',
            (error: unknown) => error,
          );
        }, 'joiner');
        for (const each of workers) await each.settled();
        if (queue.unfinished > 0) queue.close(failure);
      });
      if (joined === 'done') expect(queue.unfinished).toBe(0);
      else expect(joined === failure || joined === 'cancelled' || isCancelled(joined)).toBe(true);
    },
  },
  ...[0, 1].map(
    (capacity): Program => ({
      name: `channel(${capacity}): sent = received + buffered`,
      run: async () => {
        const { tx, rx } = channel<number>(capacity);
        await traffic(
          {
            put: (n) => tx.send(n),
            get: () => rx.receive(),
            rest: () => {
              expect(rx.stats()).toMatchObject({ waitingSend: 0, waitingReceive: 0 });
              const rest: number[] = [];
              for (let next = rx.tryReceive(); next !== undefined; next = rx.tryReceive()) {
                rest.push(next.value);
              }
              return rest;
            },
          },
          first,
        );
      },
    }),
  ),
  {
    name: 'channel: the loop of a receiver ends with the last sender',
    small: true,
    run: async () => {
      const { tx, rx } = channel<number>(1);
      const seen: number[] = [];
      let sent = 0;
      await scope(async (s) => {
        for (const name of ['a', 'b']) {
          const own = tx.clone();
          s.spawn(async () => {
            // The clone is closed in every case, also when the task never starts.
            await own.send(1);
            sent++;
          }, name)
            .settled()
            .then(() => own.close());
        }
        tx.close();
        for await (const n of rx) seen.push(n);
      });
      expect(seen.length).toBe(sent);
      expect(rx.closed).toBe(true);
    },
  },
  {
    name: 'Broadcast: everybody gets the same items in the same order, or nobody does',
    run: async () => {
      const news = new Broadcast<number>({ capacity: 1 });
      const subscriptions = [news.subscribe(), news.subscribe()];
      const seen: number[][] = [[], []];
      await scope(async (s) => {
        subscriptions.forEach((subscription, i) => {
          s.spawn(
            async () => {
              for await (const n of subscription) seen[i]?.push(n);
            },
            { name: `s${i}`, daemon: true },
          );
        });
        s.spawn(() => news.publish(1), { name: 'p1', daemon: true });
        s.spawn(() => news.publish(2), { name: 'p2', daemon: true });
        await sleep(1);
      });
      const [a, b] = seen as [number[], number[]];
      const common = Math.min(a.length, b.length);
      expect(a.slice(0, common)).toEqual(b.slice(0, common));
    },
  },
  {
    name: 'select: only the chosen case happens',
    small: true,
    run: async () => {
      const [a, b] = [new Queue<string>(), new Queue<string>()];
      const semaphore = new Semaphore(1);
      const chosen: string[] = [];
      let put = 0;
      await scope(async (s) => {
        for (const name of ['x', 'y']) {
          s.spawn(
            async () => {
              const got = await select({ a: a.got, b: b.got, permit: semaphore.acquired });
              chosen.push(got.key);
              if (got.key === 'permit') got.value.release();
            },
            { name, daemon: true },
          );
        }
        s.spawn(async () => {
          for (const queue of [a, b]) {
            queue.tryPut('item');
            put++;
            await checkpoint();
          }
        }, 'producer');
        await sleep(1);
      });
      const taken = chosen.filter((key) => key !== 'permit').length;
      expect(a.size + b.size + taken).toBe(put);
      expect(semaphore.available).toBe(1);
      expect([a.stats().waitingGet, b.stats().waitingGet, semaphore.stats().waiting]).toEqual([
        0, 0, 0,
      ]);
    },
  },
  {
    name: 'select: a lock, an item and a time-out',
    small: true,
    run: async () => {
      const lock = new Lock();
      const { tx, rx } = channel<number>();
      let sent = false;
      const got: string[] = [];
      await scope(async (s) => {
        const lease = await lock.acquire();
        s.spawn(async () => {
          const first = await select({ lock: lock.acquired, item: rx.received, late: timer(5) });
          got.push(first.key);
          if (first.key === 'lock') first.value.release();
        }, 'selects');
        s.spawn(async () => {
          sent = (await select({ sent: tx.sending(1), late: timer(5) })).key === 'sent';
        }, 'sends');
        await checkpoint();
        lease.release();
      });
      expect(sent).toBe(got.includes('item'));
      expect(lock.locked).toBe(false);
      expect(rx.stats()).toMatchObject({ waitingSend: 0, waitingReceive: 0, buffered: 0 });
    },
  },
  {
    name: 'Deferred: settled once, the same for all',
    small: true,
    run: async () => {
      const deferred = new Deferred<string>();
      const won: string[] = [];
      const seen: string[] = [];
      await scope(async (s) => {
        for (const name of ['a', 'b']) {
          s.spawn(async () => {
            await checkpoint();
            if (deferred.resolve(name)) won.push(name);
          }, name);
        }
        s.spawn(
          async () => {
            seen.push(await deferred);
          },
          { name: 'reader', daemon: true },
        );
        await sleep(1);
      });
      expect(won.length).toBeLessThanOrEqual(1);
      if (seen.length > 0) expect(seen).toEqual(won);
    },
  },
  {
    name: 'WaitGroup: waits for all that was added',
    small: true,
    run: async () => {
      const group = new WaitGroup();
      group.add(2);
      let done = 0;
      await scope(async (s) => {
        for (const name of ['a', 'b']) {
          s.spawn(() => undefined, name)
            .settled()
            .then(() => {
              done++;
              group.done();
            });
        }
        await group.wait();
        expect(done).toBe(2);
      });
    },
  },
];
