import {
  AsyncEvent,
  Barrier,
  Broadcast,
  CapacityLimiter,
  channel,
  Deferred,
  KeyedLock,
  Lock,
  Queue,
  ReadWriteLock,
  Semaphore,
  scope,
  select,
  WaitGroup,
} from 'skein';
import { explore } from 'skein/testing';
import { describe, expect, it } from 'vitest';

/** A look at something in one task, and a change of it in another. */
type Pair = readonly [name: string, make: () => { look: () => unknown; change: () => unknown }];

const pairs: readonly Pair[] = [
  [
    'Lock.locked',
    () =>
      of(
        new Lock(),
        (lock) => lock.locked,
        (lock) => lock.tryAcquire(),
      ),
  ],
  [
    'Lock.owner',
    () =>
      of(
        new Lock(),
        (lock) => lock.owner?.name,
        (lock) => lock.tryAcquire(),
      ),
  ],
  [
    'Lock.stats',
    () =>
      of(
        new Lock(),
        (lock) => lock.stats().holders.length,
        (lock) => lock.tryAcquire(),
      ),
  ],
  [
    'Lock.acquired',
    () =>
      of(
        new Lock(),
        (lock) => lock.acquired.ready,
        (lock) => lock.tryAcquire(),
      ),
  ],
  [
    'Semaphore.available',
    () =>
      of(
        new Semaphore(1),
        (s) => s.available,
        (s) => s.release(),
      ),
  ],
  [
    'Semaphore.resize',
    () =>
      of(
        new Semaphore(1),
        (s) => s.available,
        (s) => s.resize(3),
      ),
  ],
  [
    'CapacityLimiter.total',
    () =>
      of(
        new CapacityLimiter(1),
        (l) => l.total,
        (l) => {
          l.total = 2;
        },
      ),
  ],
  [
    'CapacityLimiter.borrowed',
    () =>
      of(
        new CapacityLimiter(1),
        (l) => l.borrowed,
        (l) => l.tryAcquire(),
      ),
  ],
  [
    'CapacityLimiter borrowers',
    () =>
      of(
        new CapacityLimiter(2),
        (l) => l.stats().borrowers.length,
        (l) => l.tryAcquire({ onBehalfOf: 'ann' }),
      ),
  ],
  [
    'KeyedLock.size',
    () =>
      of(
        new KeyedLock(),
        (lock) => lock.size,
        (lock) => lock.tryAcquire('a'),
      ),
  ],
  [
    'ReadWriteLock.readers',
    () =>
      of(
        new ReadWriteLock(),
        (lock) => lock.readers,
        (lock) => lock.tryRead(),
      ),
  ],
  [
    'ReadWriteLock.writing',
    () =>
      of(
        new ReadWriteLock(),
        (lock) => lock.writing,
        (lock) => lock.tryWrite(),
      ),
  ],
  [
    'AsyncEvent.isSet',
    () =>
      of(
        new AsyncEvent(),
        (event) => event.isSet,
        (event) => event.set(),
      ),
  ],
  [
    'AsyncEvent.fired',
    () =>
      of(
        new AsyncEvent(),
        (event) => event.fired.ready,
        (event) => event.set(),
      ),
  ],
  [
    'Barrier.broken',
    () =>
      of(
        new Barrier(2),
        (barrier) => barrier.broken,
        (barrier) => barrier.abort(),
      ),
  ],
  [
    'Deferred.done',
    () =>
      of(
        new Deferred<number>(),
        (deferred) => deferred.done,
        (deferred) => deferred.resolve(1),
      ),
  ],
  [
    'WaitGroup.count',
    () =>
      of(
        new WaitGroup(),
        (group) => group.count,
        (group) => group.add(),
      ),
  ],
  [
    'Queue.size',
    () =>
      of(
        new Queue<number>(),
        (queue) => queue.size,
        (queue) => queue.tryPut(1),
      ),
  ],
  [
    'Queue.got',
    () =>
      of(
        new Queue<number>(),
        (queue) => queue.got.ready,
        (queue) => queue.tryPut(1),
      ),
  ],
  [
    'Queue.putting',
    () =>
      of(
        new Queue<number>({ max: 1 }),
        (queue) => queue.putting(2).ready,
        (queue) => queue.tryPut(1),
      ),
  ],
  [
    'Queue.unfinished',
    () =>
      of(
        filled(),
        (queue) => queue.unfinished,
        (queue) => queue.taskDone(),
      ),
  ],
  [
    'Queue.closed',
    () =>
      of(
        new Queue<number>(),
        (queue) => queue.closed,
        (queue) => queue.close(),
      ),
  ],
  [
    'channel, closed',
    () =>
      of(
        channel<number>(1),
        ({ rx }) => rx.closed,
        ({ tx }) => tx.close(),
      ),
  ],
  [
    'channel, stats',
    () =>
      of(
        channel<number>(1),
        ({ rx }) => rx.stats().senders,
        ({ tx }) => tx.clone(),
      ),
  ],
  [
    'Broadcast.subscribers',
    () =>
      of(
        new Broadcast<number>(),
        (news) => news.subscribers,
        (news) => news.subscribe(),
      ),
  ],
  [
    'Broadcast.closed',
    () =>
      of(
        new Broadcast<number>(),
        (news) => news.closed,
        (news) => news.close(),
      ),
  ],
];

function filled(): Queue<number> {
  const queue = new Queue<number>();
  queue.tryPut(1);
  return queue;
}

function of<P>(primitive: P, look: (p: P) => unknown, change: (p: P) => unknown) {
  return { look: () => look(primitive), change: () => change(primitive) };
}

async function outcomes(make: Pair[1], reduce: boolean): Promise<string[]> {
  const seen = new Set<string>();
  await explore(
    async () => {
      const { look, change } = make();
      await scope(async (s) => {
        s.spawn(() => void seen.add(String(look())), 'looks');
        s.spawn(() => void change(), 'changes');
      });
    },
    { reduce },
  );
  return [...seen].sort();
}

describe('the reduction knows that these depend on each other', () => {
  it.each(pairs)('%s', async (_, make) => {
    const all = await outcomes(make, false);

    expect(all.length).toBeGreaterThan(1);
    expect(await outcomes(make, true)).toEqual(all);
  });

  it('a select that prefers one queue, and who fills it', async () => {
    const run = async (reduce: boolean): Promise<string[]> => {
      const seen = new Set<string>();
      await explore(
        async () => {
          const [a, b] = [new Queue<number>(), filled()];
          await scope(async (s) => {
            s.spawn(async () => {
              seen.add((await select({ a: a.got, b: b.got }, { priority: true })).key);
            });
            s.spawn(() => void a.tryPut(1));
          });
        },
        { reduce },
      );
      return [...seen].sort();
    };

    expect(await run(true)).toEqual(await run(false));
    expect(await run(true)).toEqual(['a', 'b']);
  });
});
