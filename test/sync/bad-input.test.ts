import {
  AsyncEvent,
  Barrier,
  BoundedSemaphore,
  Broadcast,
  CapacityLimiter,
  Condition,
  channel,
  Deferred,
  KeyedLock,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  ReadWriteLock,
  Semaphore,
  select,
  timer,
  WaitGroup,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from './support.ts';

// biome-ignore lint/suspicious/noExplicitAny: wrong input is what these tests are about.
type Anything = any;

const five = 5 as Anything;
const text = '3' as Anything;

describe('wrong input of src/sync is named at once', () => {
  it.each<[() => unknown, typeof TypeError | typeof RangeError, RegExp]>([
    [() => new Semaphore(-1), RangeError, /permits.*>= 0.*got -1/],
    [() => new Semaphore(1.5), RangeError, /permits.*got 1.5/],
    [() => new Semaphore(Number.NaN), RangeError, /permits.*got NaN/],
    [() => new Semaphore(text), TypeError, /permits.*integer.*got '3'/],
    [() => new Semaphore(3, { max: 2 }), RangeError, /max.*>= 3.*got 2/],
    [() => new Semaphore(0, { max: 0 }), RangeError, /max.*>= 1.*got 0/],
    [() => new Semaphore(1, { max: text }), TypeError, /max.*got '3'/],
    [() => new Semaphore(1).tryAcquire(0), RangeError, /n.*>= 1.*got 0/],
    [() => new Semaphore(1).tryAcquire(text), TypeError, /n.*got '3'/],
    [() => new Semaphore(1, { max: 2 }).tryAcquire(3), RangeError, /n.*at most 2.*got 3/],
    [() => new Semaphore(1).release(0), RangeError, /n.*>= 1.*got 0/],
    [() => new Semaphore(1).release(-1), RangeError, /n.*>= 1.*got -1/],
    [
      () => new Semaphore(1, { max: 1 }).release(),
      RangeError,
      /release 1.*semaphore.*1 of at most 1/,
    ],
    [() => new Semaphore(1).resize(-1), RangeError, /permits.*>= 0.*got -1/],
    [() => new Semaphore(1, { max: 2 }).resize(3), RangeError, /permits.*at most 2.*got 3/],
    [() => new Semaphore(1).wrap(five), TypeError, /fn.*function.*got 5/],
    [() => new BoundedSemaphore(0), RangeError, /permits.*>= 1.*got 0/],
    [() => new BoundedSemaphore(2).release(), RangeError, /release 1.*2 of at most 2/],
    [() => new BoundedSemaphore(2).release(3), RangeError, /release 3/],
    [() => new BoundedSemaphore(2).resize(0), RangeError, /permits.*>= 1.*got 0/],
    [() => new CapacityLimiter(0), RangeError, /total.*>= 1.*-1 or Infinity.*got 0/],
    [() => new CapacityLimiter(-2), RangeError, /total.*got -2/],
    [() => new CapacityLimiter(text), TypeError, /total.*got '3'/],
    [() => Object.assign(new CapacityLimiter(1), { total: 0 }), RangeError, /total.*got 0/],
    [() => new Lock().wrap(five), TypeError, /fn.*got 5/],
    [
      () => new ReadWriteLock({ prefer: 'nobody' as Anything }),
      RangeError,
      /prefer.*'writer'.*got 'nobody'/,
    ],
    [() => new ReadWriteLock({ prefer: five }), TypeError, /prefer.*got 5/],
    [() => new Condition(five), TypeError, /lock.*Lock/],
    [() => new Condition().notify(0), RangeError, /n.*>= 1.*got 0/],
    [() => new Condition().notify(text), TypeError, /n.*got '3'/],
    [() => new Barrier(0), RangeError, /parties.*>= 1.*got 0/],
    [() => new Barrier(text), TypeError, /parties.*got '3'/],
    [() => new WaitGroup().add(0), RangeError, /n.*>= 1.*got 0/],
    [() => new WaitGroup().add(-1), RangeError, /n.*>= 1.*got -1/],
    [() => new WaitGroup().done(), RangeError, /more work.*wait group/],
    [() => new Queue({ max: 0 }), RangeError, /max.*>= 1.*-1 or Infinity.*got 0/],
    [() => new Queue({ max: 1.5 }), RangeError, /max.*got 1.5/],
    [() => new Queue({ max: text }), TypeError, /max.*got '3'/],
    [
      () => new Queue({ overflow: 'burst' as Anything }),
      RangeError,
      /overflow.*'reject'.*got 'burst'/,
    ],
    [() => new Queue({ overflow: five }), TypeError, /overflow.*got 5/],
    [() => new Queue().taskDone(), RangeError, /taskDone.*all 0/],
    [
      () => new LifoQueue({ overflow: 'drop-oldest' as Anything }),
      RangeError,
      /overflow.*got 'drop-oldest'/,
    ],
    [() => new PriorityQueue({} as Anything), TypeError, /compare.*function.*got undefined/],
    [() => new PriorityQueue(undefined as Anything), TypeError, /options of a queue.*undefined/],
    [
      () => new PriorityQueue({ compare: () => 0, overflow: 'drop-oldest' as Anything }),
      RangeError,
      /overflow.*got 'drop-oldest'/,
    ],
    [() => channel(-2), RangeError, /capacity.*>= 0.*got -2/],
    [() => channel(text), TypeError, /capacity.*got '3'/],
    [() => channel(0, { overflow: 'drop-newest' }), RangeError, /capacity.*>= 1.*got 0/],
    [() => channel(0, { overflow: 'drop-oldest' }), RangeError, /capacity.*>= 1.*got 0/],
    [() => channel(1, { overflow: 'burst' as Anything }), RangeError, /overflow/],
    [() => new Broadcast({ replay: -1 }), RangeError, /replay.*>= 0.*got -1/],
    [() => new Broadcast({ replay: text }), TypeError, /replay.*got '3'/],
    [() => new Broadcast({ capacity: -2 }), RangeError, /capacity.*got -2/],
    [() => new Broadcast({ capacity: 0, overflow: 'drop-oldest' }), RangeError, /capacity.*>= 1/],
    [() => timer(-1), RangeError, /duration.*>= 0.*got -1/],
    [() => timer('soon' as Anything), RangeError, /duration.*got 'soon'/],
  ])('%s throws', (call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });

  it.each<[() => Promise<unknown>, typeof TypeError | typeof RangeError, RegExp]>([
    [() => new Semaphore(1).acquire(0), RangeError, /n.*>= 1.*got 0/],
    [() => new Semaphore(1).acquire(text), TypeError, /n.*got '3'/],
    [
      () => new BoundedSemaphore(2).acquire(3),
      RangeError,
      /n.*at most 2.*bound of semaphore.*got 3/,
    ],
    [() => new Semaphore(1).with(() => 1, 0), RangeError, /n.*>= 1.*got 0/],
    [() => new Lock().run(five), TypeError, /fn.*function.*got 5/],
    [() => new Lock().with(five), TypeError, /fn.*function.*got 5/],
    [() => new KeyedLock().with('a', five), TypeError, /fn.*function.*got 5/],
    [() => new Condition().wait(), TypeError, /Cannot wait.*lock.*not held/],
    [() => new Condition().waitFor(five), TypeError, /predicate.*function.*got 5/],
    [() => select({}), RangeError, /operations.*at least one/],
    [() => select(five), TypeError, /operations.*object.*got 5/],
    [() => select(null as Anything), TypeError, /operations.*got null/],
    [() => select({ it: five }), TypeError, /operations\.it.*operation.*got 5/],
    [
      () => select({ it: new Queue() as Anything }),
      TypeError,
      /operations\.it.*an instance of Queue/,
    ],
    [() => select({ it: null as Anything }), TypeError, /operations\.it.*got null/],
  ])('%s rejects', async (call, type, message) => {
    const error = await failure(call());

    expect(error).toBeInstanceOf(type);
    expect(String(error)).toMatch(message);
  });

  it('Semaphore.with refuses what is no function before it waits', () =>
    // Once: it waits for a permit first.
    virtual(async () => {
      const semaphore = new Semaphore(0);

      const error = await failure(
        Promise.race([semaphore.with(five), new Promise((resolve) => setImmediate(resolve))]),
      );
      expect(String(error)).toMatch(/fn.*function.*got 5/);
    }));
});

/** Every method whose wait can be bounded. */
const bounded: readonly [string, (bounds: Anything) => Promise<unknown>][] = [
  ['Lock.acquire', (bounds) => new Lock().acquire(bounds)],
  ['Lock.run', (bounds) => new Lock().run(() => 1, bounds)],
  ['Lock.with', (bounds) => new Lock().with(() => 1, bounds)],
  ['Semaphore.acquire', (bounds) => new Semaphore(1).acquire(1, bounds)],
  ['CapacityLimiter.acquire', (bounds) => new CapacityLimiter(1).acquire(bounds)],
  ['KeyedLock.acquire', (bounds) => new KeyedLock().acquire('a', bounds)],
  ['KeyedLock.with', (bounds) => new KeyedLock().with('a', () => 1, bounds)],
  ['ReadWriteLock.read', (bounds) => new ReadWriteLock().read(bounds)],
  ['ReadWriteLock.write', (bounds) => new ReadWriteLock().write(bounds)],
  ['AsyncEvent.wait', (bounds) => new AsyncEvent().wait(bounds)],
  ['Barrier.wait', (bounds) => new Barrier(2).wait(bounds)],
  ['WaitGroup.wait', (bounds) => new WaitGroup().wait(bounds)],
  ['Deferred.wait', (bounds) => new Deferred().wait(bounds)],
  ['Queue.put', (bounds) => new Queue().put(1, bounds)],
  ['Queue.get', (bounds) => new Queue().get(bounds)],
  ['Queue.join', (bounds) => new Queue().join(bounds)],
  ['Sender.send', (bounds) => channel().tx.send(1, bounds)],
  ['Receiver.receive', (bounds) => channel().rx.receive(bounds)],
  ['Broadcast.publish', (bounds) => new Broadcast().publish(1, bounds)],
  ['select', (bounds) => select({ it: new Queue().got }, bounds)],
];

describe.each(bounded)('%s', (_, call) => {
  it.each([
    [{ timeout: -1 }, RangeError, /timeout.*>= 0.*got -1/],
    [{ timeout: Number.NaN }, RangeError, /timeout/],
    [{ timeout: '5 parsecs' }, RangeError, /timeout.*got '5 parsecs'/],
    [{ signal: {} }, TypeError, /signal.*AbortSignal/],
  ])('rejects with the bounds %o', async (bounds, type, message) => {
    const error = await failure(call(bounds));

    expect(error).toBeInstanceOf(type);
    expect(String(error)).toMatch(message);
  });
});

describe('bounds that are no object', () => {
  const acquire = (bounds: Anything): Promise<unknown> => new Lock().acquire(bounds);

  it('null rejects, and leaves no wait behind', () =>
    // Once: it throws at the call, and the wait that was begun stays for ever.
    virtual(async () => {
      expect(await failure(acquire(null))).toBeInstanceOf(TypeError);
    }));

  it.each(['1s', 1000])(
    '%o, which looks like a time-out, rejects instead of being ignored',
    (bounds) =>
      virtual(async () => {
        expect(await failure(acquire(bounds))).toBeInstanceOf(TypeError);
      }),
  );
});
