import { inspect } from 'node:util';
import {
  AsyncEvent,
  adaptive,
  allOf,
  asCompleted,
  Barrier,
  BoundedSemaphore,
  Broadcast,
  CapacityLimiter,
  Condition,
  channel,
  concurrently,
  Deferred,
  gather,
  KeyedLock,
  keyed,
  LifoQueue,
  Lock,
  limiter,
  loop,
  mapStream,
  moduleTasks,
  openScope,
  Queue,
  RateLimiter,
  ReadWriteLock,
  RetryBudget,
  Semaphore,
  schedule,
  scope,
  sleep,
  sleepForever,
  TokenBucket,
  threadPool,
  threads,
  timer,
  WaitGroup,
} from 'skein';
import { fibers } from 'skein/fiber';
import { explore, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { kernel } from '../src/core/kernel.ts';

/** What each looks like when it is new. */
const NEW: readonly (readonly [line: string, make: () => object])[] = [
  ['Lock door free, 0 waiting', () => new Lock({ name: 'door' })],
  ['Keyed lock: 0 keys', () => new KeyedLock()],
  ['Read-write lock free, 0 waiting', () => new ReadWriteLock()],
  ['Semaphore: 3 of 3 available, 0 waiting', () => new Semaphore(3)],
  ['Semaphore: 3 of 3 available, 0 waiting', () => new BoundedSemaphore(3)],
  ['Limiter: 0 of 3 borrowed, 0 waiting', () => new CapacityLimiter(3)],
  ['Limiter: 0 borrowed, 0 waiting', () => new CapacityLimiter(-1)],
  ['Condition under lock of a condition: 0 waiting', () => new Condition()],
  ['Barrier: 0 of 2 waiting', () => new Barrier(2)],
  ['Event not set, 0 waiting', () => new AsyncEvent()],
  ['Deferred not settled, 0 waiting', () => new Deferred()],
  ['Wait group: 0 in progress, 0 waiting', () => new WaitGroup()],
  ['Queue jobs: 0 items, 0 unfinished', () => new Queue({ name: 'jobs' })],
  ['Queue: 0 of 2 items, 0 unfinished', () => new LifoQueue({ max: 2 })],
  ['Sender of channel: 0 of 1 items', () => channel(1).tx],
  ['Receiver of channel: 0 of 0 items', () => channel().rx],
  ['Broadcast: 0 subscribers, 0 waiting', () => new Broadcast()],
  ['Receiver of broadcast: 0 of 16 items', () => new Broadcast().subscribe()],
  ['Operation not ready', () => timer(1)],
  ['Limiter api: 0 of 8 running, 0 waiting', () => limiter({ concurrency: 8, name: 'api' })],
  ['Limiter: 0 running, 0 waiting', () => limiter({})],
  ['Limiters by key: 0 keys', () => keyed(() => limiter(1))],
  ['All of several limits: 2 limits', () => allOf(new Lock(), limiter(1))],
  ['Rate limiter: 0 waiting', () => new RateLimiter({ maxCalls: 1, period: 1 })],
  ['Token bucket api: 0 waiting', () => new TokenBucket({ rate: 1, name: 'api' })],
  ['Retry budget: 0 granted, 0 refused', () => new RetryBudget()],
  ['Adaptive limit: 0 of 10 in flight, 0 waiting', () => adaptive({ max: 50 })],
  ['Flow mapStream(String) not started', () => mapStream([1], String)],
  ['Flow asCompleted not started', () => asCompleted([])],
  ['Waiter of copy ended, 0 of 0 running', () => concurrently(0, { name: 'copy' }, () => {})],
  [`Engine loop: ${loop().capacity} at once`, () => loop()],
  [`Engine fiber: ${loop().capacity} at once`, () => fibers()],
  ['Engine threads: 0 of 2 running, 0 waiting, 0 workers', () => threads({ size: 2 })],
  [`Shared engine: ${threadPool.maxWorkers} at once`, () => threads()],
];

describe('a thing that is printed', () => {
  it.each(NEW)('%s', (line, make) => {
    const thing = make();

    expect(inspect(thing)).toBe(line);
    expect(inspect({ deep: [{ thing }] }, { depth: 9 })).toContain(line);
    expect(JSON.parse(JSON.stringify(thing))).toHaveProperty('what');
    expect(Object.keys(thing).filter((key) => key === 'toJSON')).toEqual([]);
  });

  it('has a number, a state and what it waits for, where it is a task', () =>
    virtual(async () => {
      await scope({ name: 'main' }, async (s) => {
        const jobs = new Queue<number>({ name: 'jobs' });
        const task = s.spawn(function fetchPage() {
          return jobs.get();
        });
        await sleep(34);

        expect(inspect(task)).toBe(
          `Task fetchPage #${task.id} running 34 ms, waits for item of queue jobs`,
        );
        expect(JSON.parse(JSON.stringify(task))).toEqual({
          what: 'task fetchPage',
          id: task.id,
          state: 'running',
          age: 34,
          waitsFor: ['item of queue jobs'],
        });
        expect(inspect(s)).toBe(`Scope main #${s.id} open, 1 task`);
        expect(inspect(jobs)).toBe('Queue jobs: 0 items, 1 waiting to get, 0 unfinished');
        await jobs.put(1);
        await task;
        expect(inspect(task)).toBe(`Task fetchPage #${task.id} done`);
      });
    }));

  it('says what a task has failed with, in one line', async () => {
    const task = schedule(() => Promise.reject(new Error('no such\n  page')), 'load');
    await task.settled();

    expect(inspect(task)).toBe(`Task load #${task.id} failed, error no such page`);
  });

  it('names few of the waits of a task', () =>
    virtual(async () => {
      const task = schedule(
        () => Promise.all([1, 2, 3, 4, 5, 6, 7].map((ms) => sleep(ms))),
        'many',
      );
      await sleep(0);

      expect(inspect(task)).toMatch(/waits for sleep 1 ms, .*, sleep 5 ms and 2 more$/);
      await task;
    }));

  it('says how a scope goes on', async () => {
    const s = openScope();
    expect(inspect(s)).toBe(`Scope #${s.id} open, 0 tasks`);
    const stopped = s.spawn(sleepForever).settled();
    s.cancel('enough');
    expect(inspect(s)).toBe(`Scope #${s.id} cancelling, 1 task`);
    await stopped;
    await s.join().catch(() => undefined);
    expect(inspect(s)).toMatch(/^Scope #\d+ closed/);
  });

  it('says who holds a lock', () =>
    virtual(async () => {
      const lock = new Lock({ name: 'door' });
      await gather({
        async first() {
          const lease = await lock.acquire();
          await sleep(1);
          expect(inspect(lock)).toMatch(/^Lock door held, by gather #\d+, 1 waiting$/);
          expect(inspect(lease)).toMatch(/^Lease of lock door: held by gather #\d+$/);
          lease.release();
          expect(inspect(lease)).toBe('Lease released');
        },
        second: () => lock.with(() => undefined),
      });
    }));

  it('says who is served by others', () =>
    virtual(async () => {
      const [pool, limit, readWrite] = [new CapacityLimiter(1), limiter(2), new ReadWriteLock()];
      const loan = await pool.acquire({ onBehalfOf: 'me' });
      const read = [await readWrite.read(), await readWrite.read()];
      const calls = [1, 2, 3].map(() => limit(() => sleep(1)));
      await sleep(0);

      expect(inspect(loan)).toMatch(/^Lease of limiter: held by main #\d+, on behalf of 'me'$/);
      expect(inspect(limit)).toBe('Limiter: 2 of 2 running, 1 waiting');
      expect(JSON.stringify(limit)).toBe('{"what":"limiter","running":2,"of":2,"waiting":1}');
      expect(inspect(readWrite)).toBe('Read-write lock read, 2 readers, 0 waiting');
      for (const lease of [loan, ...read]) lease.release();
      await Promise.all(calls);
    }));

  it('tells how far a flow is, and how many copies there are', () =>
    virtual(async () => {
      const flow = mapStream([1, 2, 3], (n) => sleep(n * 10), { concurrency: 2 });
      const items = flow[Symbol.asyncIterator]();
      const waiter = concurrently(2, {}, async function copy({ index }) {
        if (index === 0) throw new Error('no');
        await sleep(100);
      });
      await items.next();

      expect(inspect(flow)).toBe('Flow mapStream(fn): 3 pulled, 2 running, 1 done, 0 failed');
      expect(inspect(waiter)).toBe('Waiter of copy running, 1 of 2 running, 1 failed');
      await items.return?.();
      await waiter({ suppressErrors: true });
    }));

  it('has no other letters than a line has', () => {
    const lock = new Lock({ name: 'a\nb\r\n\tc' });

    expect(inspect(lock)).toBe('Lock a b c free, 0 waiting');
  });

  it('may be behind a proxy, or be a prototype', () => {
    expect(inspect(new Proxy(new Queue(), {}), { showProxy: false })).toContain('Queue');
    expect(JSON.stringify(new Proxy(new Queue(), {}))).toBe('{"what":"an instance of Queue"}');
    expect(() => inspect([Queue, Queue.prototype, Lock.prototype])).not.toThrow();
  });

  it('may be the tasks of a module, which nobody has called', () => {
    const tasks = moduleTasks<{ load(): void }>('file:///nowhere.ts');

    expect(JSON.stringify({ tasks })).toBe('{"tasks":{}}');
    expect(() => inspect(tasks)).not.toThrow();
  });
});

describe('to print something', () => {
  it('touches nothing: an explorer does not see it', () => {
    const touched: object[] = [];
    const things = NEW.map(([, make]) => make());
    const scheduler = {
      ready() {},
      choose: () => 0,
      touched: (thing: object) => touched.push(thing),
    };
    kernel.scheduler = scheduler;
    try {
      for (const thing of [...things, openScope, schedule]) {
        inspect(thing);
        JSON.stringify(thing);
      }
      expect(kernel.scheduler).toBe(scheduler);
    } finally {
      kernel.scheduler = undefined;
    }
    expect(touched).toEqual([]);
  });

  it('changes no exploration', async () => {
    const program = (look: (thing: unknown) => void) => async () => {
      const queue = new Queue<number>();
      await scope(async (s) => {
        const task = s.spawn(async () => look([s, queue, await queue.get()]));
        s.spawn(async () => {
          await queue.put(1);
          look([task, queue]);
        });
      });
    };

    const seen = await explore(program(inspect), { reduce: true });
    const unseen = await explore(
      program(() => undefined),
      { reduce: true },
    );

    expect(seen).toEqual(unseen);
  });

  it('does not ask for the errors of copies', async () => {
    const waiter = concurrently(1, {}, () => Promise.reject(new Error('unread')));
    await waiter({ suppressErrors: true, failHard: false });
    inspect(waiter);

    expect(waiter.exceptions).toHaveLength(1);
  });

  it('starts no pool', () => {
    const before = threadPool.initialized;

    inspect([threadPool, threads()]);
    JSON.stringify([threadPool, threads()]);

    expect(threadPool.initialized).toBe(before);
  });
});
