/**
 * The calls of primitives, limits and rates that take options.
 *
 * @module
 */
import {
  AsyncEvent,
  adaptive,
  allOf,
  Barrier,
  BoundedSemaphore,
  Broadcast,
  CapacityLimiter,
  Condition,
  channel,
  Deferred,
  KeyedLock,
  keyed,
  LifoQueue,
  Lock,
  limiter,
  map,
  PriorityQueue,
  Queue,
  RateLimiter,
  ReadWriteLock,
  RetryBudget,
  rateLimited,
  retry,
  Semaphore,
  select,
  TokenBucket,
  WaitGroup,
} from 'skein';
import { completes, type Entry, named, runs, takes, waits, work } from './entry.ts';

const primitives: readonly Entry[] = [
  takes('Semaphore.new', 'SemaphoreOptions', 'a semaphore', 'max', (o) => new Semaphore(1, o)),
  named('BoundedSemaphore.new', 'semaphore', (o) => new BoundedSemaphore(1, o)),
  named('CapacityLimiter.new', 'limiter', (o) => new CapacityLimiter(1, o)),
  named('Lock.new', 'lock', (o) => new Lock(o)),
  named('KeyedLock.new', 'lock', (o) => new KeyedLock(o)),
  takes('ReadWriteLock.new', 'ReadWriteLockOptions', 'a read-write lock', 'prefer', (o) => {
    return new ReadWriteLock(o);
  }),
  takes('Queue.new', 'QueueOptions', 'a queue', 'overflow', (o) => new Queue(o)),
  takes('LifoQueue.new', 'OrderedQueueOptions', 'a queue', 'max', (o) => new LifoQueue(o)),
  completes('PriorityQueue.new', 'PriorityQueueOptions', 'a queue', 'compare', (o) => {
    return new PriorityQueue({ compare: () => 0, ...o });
  }),
  takes('channel', 'ChannelOptions', 'a channel', 'overflow', (o) => channel(1, o)),
  takes('Broadcast.new', 'BroadcastOptions', 'a broadcast', 'replay', (o) => new Broadcast(o)),
  named('AsyncEvent.new', 'event', (o) => new AsyncEvent(o)),
  named('Barrier.new', 'barrier', (o) => new Barrier(1, o)),
  named('Deferred.new', 'deferred', (o) => new Deferred(o)),
  named('WaitGroup.new', 'wait group', (o) => new WaitGroup(o)),
];

const semaphore = new Semaphore(1);
const capacity = new CapacityLimiter(1);
const lock = new Lock({ name: 'door' });
const locks = new KeyedLock<string>();
const readWrite = new ReadWriteLock();
const queue = new Queue<number>();
const [tx, rx] = channel<number>(1);

/** A condition whose lock is held meanwhile. */
function held(use: (condition: Condition) => Promise<void>): Promise<void> {
  const condition = new Condition(new Lock({ name: 'of it' }));
  return condition.lock.with(() => use(condition));
}

const waiting: readonly Entry[] = [
  waits('Semaphore.acquire', 'semaphore', (o) => semaphore.acquire(1, o)),
  waits('Semaphore.acquire', 'semaphore', (o) => semaphore.acquire(3, o)),
  waits('Semaphore.with', 'semaphore', (o) => semaphore.with(work, 1, o)),
  runs('Semaphore.with', 'semaphore', (o) => semaphore.with(work, o)),
  runs('Semaphore.run', 'semaphore', (o) => semaphore.run(work, o)),
  takes('CapacityLimiter.acquire', 'BorrowBounds', 'a wait for limiter', 'onBehalfOf', (o) => {
    return capacity.acquire(o);
  }),
  completes('CapacityLimiter.acquire', 'BorrowBounds', 'a wait for limiter', 'signal', (o) => {
    return capacity.acquire({ onBehalfOf: {}, ...o });
  }),
  takes('CapacityLimiter.tryAcquire', undefined, 'tryAcquire', 'onBehalfOf', (o) => {
    return capacity.tryAcquire(o);
  }),
  runs('CapacityLimiter.run', 'limiter', (o) => capacity.run(work, o)),
  runs('CapacityLimiter.with', 'limiter', (o) => capacity.with(work, o)),
  waits('Lock.acquire', 'lock door', (o) => lock.acquire(o), 'signal'),
  runs('Lock.run', 'lock door', (o) => lock.run(work, o)),
  runs('Lock.with', 'lock door', (o) => lock.with(work, o)),
  waits('KeyedLock.acquire', "lock of 'a'", (o) => locks.acquire('a', o)),
  waits('KeyedLock.with', "lock of 'a'", (o) => locks.with('a', work, o)),
  waits('ReadWriteLock.read', 'read-write lock', (o) => readWrite.read(o)),
  waits('ReadWriteLock.write', 'read-write lock', (o) => readWrite.write(o)),
  waits('Condition.acquire', 'lock door', (o) => new Condition(lock).acquire(o)),
  waits('Condition.wait', 'notification of lock of it', (o) => held((c) => c.wait(o))),
  waits('Condition.waitFor', 'notification of lock of it', (o) =>
    held((c) => c.waitFor(() => true, o)),
  ),
  waits('Queue.put', 'put into queue', (o) => queue.put(1, o)),
  waits('Queue.get', 'item of queue', (o) => queue.get(o)),
  waits('Queue.join', 'join of queue', (o) => queue.join(o)),
  waits('Sender.send', 'put into channel', (o) => tx.send(1, o)),
  waits('Receiver.receive', 'item of channel', (o) => rx.receive(o)),
  waits('Broadcast.publish', 'publish to broadcast', (o) => new Broadcast().publish(1, o)),
  waits('AsyncEvent.wait', 'event', (o) => new AsyncEvent().wait(o)),
  waits('Barrier.wait', 'barrier', (o) => new Barrier(1).wait(o)),
  waits('Deferred.wait', 'deferred', (o) => new Deferred().wait(o)),
  waits('WaitGroup.wait', 'wait group', (o) => new WaitGroup().wait(o)),
  takes('select', 'SelectOptions', 'a wait for select of item', 'priority', (o) => {
    return select({ item: queue.got }, o);
  }),
];

const plain = limiter(1);
const elaborate = limiter({ rate: '1/s', timeout: '1s', retry: 1 });
const rate = new RateLimiter({ maxCalls: 1, period: 1 });
const bucket = new TokenBucket({ rate: 1 });
const adapting = adaptive({ max: 2 });
const combined = allOf(lock);

const paces: readonly Entry[] = [
  takes('limiter', 'LimiterOptions', 'limiter', 'maxWaiting', (o) => limiter(o)),
  takes('CallableLimiter.run', 'CallOptions', 'a call of a limiter', 'priority', (o) => {
    return plain.run(work, o);
  }),
  takes('CallableLimiter.run', 'CallOptions', 'a call of a limiter', 'weight', (o) => {
    return elaborate.run(work, o);
  }),
  waits('CallableLimiter.ready', 'room at limiter', (o) => plain.ready(o)),
  waits('CallableLimiter.idle', 'idle of limiter', (o) => plain.idle(o)),
  takes('keyed', undefined, 'keyed', 'idle', (o) => keyed(() => plain, o)),
  takes('Runner.run', undefined, 'a call of allOf', 'signal', (o) => combined.run(work, o)),
  completes('adaptive', 'AdaptiveOptions', 'adaptive', 'isDrop', (o) => adaptive({ max: 1, ...o })),
  waits('AdaptiveLimiter.acquire', 'adaptive limit', (o) => adapting.acquire(o)),
  runs('AdaptiveLimiter.run', 'adaptive limit', (o) => adapting.run(work, o)),
  runs('AdaptiveLimiter.with', 'adaptive limit', (o) => adapting.with(work, o)),
  completes('RateLimiter.new', 'RateOptions', 'a rate limiter', 'minInterval', (o) => {
    return new RateLimiter({ maxCalls: 1, period: 1, ...o });
  }),
  completes('rateLimited', 'RateOptions', 'a rate limiter', 'key', (o) => {
    return rateLimited({ maxCalls: 1, period: 1, ...o });
  }),
  takes('RateLimiter.run', 'PacedRun', 'a call of rate limiter', 'key', (o) => rate.run(work, o)),
  completes('TokenBucket.new', 'BucketOptions', 'a token bucket', 'burst', (o) => {
    return new TokenBucket({ rate: 1, ...o });
  }),
  completes('TokenBucket.new', 'PacedOptions', 'a token bucket', 'signal', (o) => {
    return new TokenBucket({ rate: 1, ...o });
  }),
  takes('TokenBucket.run', 'BucketRun', 'a call of token bucket', 'tokens', (o) => {
    return bucket.run(work, o);
  }),
  completes('retry', 'RetryCallOptions', 'retry', 'totalTimeout', (o) => {
    return retry(work, { retries: 1, ...o });
  }),
  completes('retry', 'BackoffOptions', 'retry', 'jitter', (o) => {
    return retry(work, { retries: 1, ...o });
  }),
  completes('map', 'RetryOptions', 'retry', 'retryIf', (o) => {
    return map([1], work, { retry: { retries: 1, ...o } });
  }),
  completes('limiter', 'RetryOptions', 'retry', 'base', (o) => {
    return limiter({ retry: { retries: 1, ...o } });
  }),
  takes('RetryBudget.new', 'RetryBudgetOptions', 'a retry budget', 'ratio', (o) => {
    return new RetryBudget(o);
  }),
];

/** The handles that these calls give, whose methods are part of the surface. */
export const HANDLES: Readonly<Record<string, object>> = {
  AdaptiveLimiter: adapting,
  CallableLimiter: plain,
  KeyedLimiters: keyed(() => plain),
  Receiver: rx,
  Runner: combined,
  Sender: tx,
};

/** All of them. */
export const SYNC_AND_PACE: readonly Entry[] = [...primitives, ...waiting, ...paces];
