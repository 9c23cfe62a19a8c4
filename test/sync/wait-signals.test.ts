import {
  AsyncEvent,
  adaptive,
  Barrier,
  BoundedSemaphore,
  Broadcast,
  CapacityLimiter,
  Condition,
  channel,
  concurrently,
  Deferred,
  KeyedLock,
  LifoQueue,
  Lock,
  limiter,
  PriorityQueue,
  Queue,
  ReadWriteLock,
  Semaphore,
  schedule,
  select,
  sleep,
  sleepForever,
  timer,
  type WaitBounds,
  WaitGroup,
  wait,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure } from './support.ts';

/** Something to wait for, and what is to be done to have nobody wait any more. */
interface Waiting {
  readonly name: string;
  /** Waits for what is there already, and for what is not. */
  readonly at: (isThere: boolean) => Promise<{
    wait(bounds: WaitBounds): Promise<unknown>;
    /** How many wait, or hold something. */
    left(): number;
    end?(): unknown;
  }>;
}

/** A permit that is free, or is held by somebody else. */
function permit(
  name: string,
  make: () => {
    acquire(bounds?: WaitBounds): Promise<Disposable>;
    stats(): { readonly waiting: number };
    tryAcquire(): Disposable | undefined;
  },
): Waiting {
  return {
    name,
    at: async (isThere) => {
      const limit = make();
      const held = isThere ? undefined : await limit.acquire();
      return {
        wait: (bounds) => limit.acquire(bounds),
        left() {
          if (!isThere) return limit.stats().waiting;
          const lease = limit.tryAcquire();
          lease?.[Symbol.dispose]();
          return lease === undefined ? 1 : 0;
        },
        end: () => held?.[Symbol.dispose](),
      };
    },
  };
}

function permits(semaphore: Semaphore, n: number) {
  return {
    acquire: (bounds?: WaitBounds) => semaphore.acquire(n, bounds),
    stats: () => semaphore.stats(),
    tryAcquire: () => semaphore.tryAcquire(n),
  };
}

function items(
  name: string,
  make: () => Pick<Queue<number>, 'put' | 'get' | 'tryPut' | 'size' | 'stats'>,
): readonly Waiting[] {
  return [
    {
      name: `${name}.get`,
      at: async (isThere) => {
        const queue = make();
        if (isThere) queue.tryPut(1);
        return {
          wait: (bounds) => queue.get(bounds),
          left: () => queue.stats().waitingGet + (isThere ? 1 - queue.size : queue.size),
        };
      },
    },
    {
      name: `${name}.put`,
      at: async (isThere) => {
        const queue = make();
        if (!isThere) queue.tryPut(1);
        return {
          wait: (bounds) => queue.put(2, bounds),
          left: () => queue.stats().waitingPut + (isThere ? queue.size : queue.size - 1),
        };
      },
    },
  ];
}

const waits: readonly Waiting[] = [
  permit('Lock.acquire', () => new Lock()),
  permit('Semaphore.acquire', () => permits(new Semaphore(1), 1)),
  permit('Semaphore.acquire of two', () => permits(new Semaphore(2), 2)),
  permit('BoundedSemaphore.acquire', () => permits(new BoundedSemaphore(1), 1)),
  permit('CapacityLimiter.acquire', () => new CapacityLimiter(1)),
  permit('CapacityLimiter.acquire on behalf of another', () => {
    const limit = new CapacityLimiter(1);
    return {
      acquire: (bounds) => limit.acquire({ ...bounds, onBehalfOf: bounds === undefined ? 1 : 2 }),
      stats: () => limit.stats(),
      tryAcquire: () => limit.tryAcquire({ onBehalfOf: 2 }),
    };
  }),
  permit('adaptive.acquire', () => {
    const limit = adaptive({ max: 1 });
    return {
      acquire: (bounds) => limit.acquire(bounds),
      stats: () => limit.stats(),
      tryAcquire: () => limit.tryAcquire(),
    };
  }),
  permit('KeyedLock.acquire', () => {
    const lock = new KeyedLock<string>();
    return {
      acquire: (bounds) => lock.acquire('key', bounds),
      stats: () => lock.stats('key'),
      tryAcquire: () => lock.tryAcquire('key'),
    };
  }),
  permit('ReadWriteLock.write', () => {
    const lock = new ReadWriteLock();
    return {
      acquire: (bounds) => lock.write(bounds),
      stats: () => lock.stats(),
      tryAcquire: () => lock.tryWrite(),
    };
  }),
  permit('ReadWriteLock.read', () => {
    const lock = new ReadWriteLock();
    return {
      acquire: (bounds) => (bounds === undefined ? lock.write() : lock.read(bounds)),
      stats: () => lock.stats(),
      tryAcquire: () => lock.tryWrite(),
    };
  }),
  permit('select', () => {
    const lock = new Lock();
    return {
      acquire: async (bounds) => (await select({ lock: lock.acquired }, bounds)).value,
      stats: () => lock.stats(),
      tryAcquire: () => lock.tryAcquire(),
    };
  }),
  {
    name: 'select of a timer',
    at: async (isThere) => ({
      wait: (bounds) => select({ late: timer(isThere ? 0 : '1h') }, bounds),
      left: () => 0,
    }),
  },
  {
    name: 'AsyncEvent.wait',
    at: async (isThere) => {
      const event = new AsyncEvent();
      if (isThere) event.set();
      return { wait: (bounds) => event.wait(bounds), left: () => event.waiting };
    },
  },
  {
    name: 'Deferred.wait',
    at: async (isThere) => {
      const deferred = new Deferred<number>();
      if (isThere) deferred.resolve(1);
      return { wait: (bounds) => deferred.wait(bounds), left: () => 0 };
    },
  },
  {
    name: 'WaitGroup.wait',
    at: async (isThere) => {
      const group = new WaitGroup();
      if (!isThere) group.add();
      return { wait: (bounds) => group.wait(bounds), left: () => 0 };
    },
  },
  {
    name: 'Barrier.wait',
    at: async (isThere) => {
      const barrier = new Barrier(isThere ? 1 : 2);
      return { wait: (bounds) => barrier.wait(bounds), left: () => barrier.waiting };
    },
  },
  {
    name: 'Condition.wait',
    at: async () => {
      const condition = new Condition();
      const lease = await condition.acquire();
      return {
        wait: (bounds) => condition.wait(bounds),
        left: () => condition.waiting + (condition.lock.locked ? 0 : 1),
        end: () => lease.release(),
      };
    },
  },
  {
    name: 'Condition.waitFor',
    at: async (isThere) => {
      const condition = new Condition();
      const lease = await condition.acquire();
      return {
        wait: (bounds) => condition.waitFor(() => isThere, bounds),
        left: () => condition.waiting + (condition.lock.locked ? 0 : 1),
        end: () => lease.release(),
      };
    },
  },
  ...items('Queue', () => new Queue<number>({ max: 1 })),
  ...items('LifoQueue', () => new LifoQueue<number>({ max: 1 })),
  ...items('PriorityQueue', () => new PriorityQueue<number>({ max: 1, compare: (a, b) => a - b })),
  {
    name: 'Queue.join',
    at: async (isThere) => {
      const queue = new Queue<number>();
      if (!isThere) queue.tryPut(1);
      return { wait: (bounds) => queue.join(bounds), left: () => 0 };
    },
  },
  {
    name: 'Receiver.receive',
    at: async (isThere) => {
      const { tx, rx } = channel<number>(1);
      if (isThere) await tx.send(1);
      return { wait: (bounds) => rx.receive(bounds), left: () => 0 };
    },
  },
  {
    name: 'Sender.send',
    at: async (isThere) => {
      const { tx } = channel<number>(1);
      if (!isThere) await tx.send(1);
      return { wait: (bounds) => tx.send(2, bounds), left: () => 0 };
    },
  },
  {
    name: 'Broadcast.publish',
    at: async (isThere) => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const subscription = broadcast.subscribe();
      if (!isThere) await broadcast.publish(1);
      return {
        wait: (bounds) => broadcast.publish(2, bounds),
        left: () => 0,
        end: () => subscription[Symbol.dispose](),
      };
    },
  },
  {
    name: 'limiter.ready',
    at: async (isThere) => {
      const limit = limiter(1);
      const busy = isThere ? undefined : limit(sleep, '2h');
      return { wait: (bounds) => limit.ready(bounds), left: () => 0, end: () => busy };
    },
  },
  {
    name: 'limiter.idle',
    at: async (isThere) => {
      const limit = limiter(1);
      const busy = isThere ? undefined : limit(sleep, '2h');
      return { wait: (bounds) => limit.idle(bounds), left: () => 0, end: () => busy };
    },
  },
  {
    name: 'wait',
    at: async (isThere) => {
      const task = schedule(() => sleep(isThere ? 0 : '2h'));
      if (isThere) await task;
      return { wait: (bounds) => wait([task], bounds), left: () => 0, end: () => task.cancel() };
    },
  },
  {
    name: 'a waiter',
    at: async (isThere) => {
      const copies = concurrently(1, {}, async () => {
        if (!isThere) await sleepForever();
      });
      await idle();
      return { wait: (bounds) => copies(bounds), left: () => 0, end: () => copies.stop() };
    },
  },
];

describe.each(waits)('the signal of $name', ({ at }) => {
  it.each([true, false])(
    'that has aborted: its reason at once, and nothing is taken or registered; is there: %s',
    (isThere) =>
      virtual(async (clock) => {
        const waiting = await at(isThere);
        const why = new Error('stop');
        const abort = new CountedAbort();
        abort.abort(why);
        const before = clock.timers;

        expect(await failure(waiting.wait({ signal: abort.signal, timeout: '1h' }))).toBe(why);
        expect([waiting.left(), abort.listeners, clock.timers]).toEqual([0, 0, before]);
        expect(clock.now()).toBe(0);
        await waiting.end?.();
      }),
  );

  it.each([new Error('stop'), 'text', new DOMException('stop', 'AbortError')])(
    'that aborts while it waits: its reason as it is, at once: %s',
    (why) =>
      virtual(async (clock) => {
        const waiting = await at(false);
        const abort = new CountedAbort();
        const before = clock.timers;
        const error = failure(waiting.wait({ signal: abort.signal, timeout: '1h' }));
        await sleep(5);
        expect(abort.listeners).toBe(1);
        abort.abort(why);

        expect(await error).toBe(why);
        expect([waiting.left(), abort.listeners, clock.timers]).toEqual([0, 0, before]);
        expect(clock.now()).toBe(5);
        await waiting.end?.();
      }),
  );

  it('is that of the host where nobody has given a reason', () =>
    virtual(async () => {
      const waiting = await at(false);
      const signal = AbortSignal.abort();

      const error = await failure(waiting.wait({ signal }));

      expect(error).toBe(signal.reason);
      expect(error.name).toBe('AbortError');
      await waiting.end?.();
    }));
});
