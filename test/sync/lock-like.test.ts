/**
 * The contract of locks, run against everything that can be one.
 *
 * @module
 */
import {
  BoundedSemaphore,
  CapacityLimiter,
  KeyedLock,
  type Lease,
  type LimiterStats,
  Lock,
  type Op,
  ReadWriteLock,
  Semaphore,
  select,
} from 'skein';
import { describe } from 'vitest';
import type { LockLike } from '../contract/bounded-wait.ts';
import { crawlContract, limiterContract } from '../contract/limiter-like.ts';
import { lockContract } from '../contract/lock-like.ts';

function keyed(): LockLike {
  const lock = new KeyedLock<string>();
  return {
    acquire: (bounds) => lock.acquire('key', bounds),
    tryAcquire: () => lock.tryAcquire('key'),
    stats: () => lock.stats('key'),
  };
}

function writing(prefer: 'fifo' | 'writer' | 'reader'): LockLike {
  const lock = new ReadWriteLock({ prefer });
  return {
    acquire: (bounds) => lock.write(bounds),
    tryAcquire: () => lock.tryWrite(),
    stats: () => lock.stats(),
  };
}

interface Selectable {
  op(): Op<Lease>;
  tryAcquire(): Lease | undefined;
  stats(): LimiterStats;
}

/** Acquires by a select of one case. */
function selecting({ op, tryAcquire, stats }: Selectable): LockLike {
  return {
    acquire: async (bounds) => (await select({ it: op() }, bounds)).value,
    tryAcquire,
    stats,
  };
}

function selectingFrom(lock: Lock | Semaphore | CapacityLimiter): LockLike {
  return selecting({
    op: () => lock.acquired,
    tryAcquire: () => lock.tryAcquire(),
    stats: () => lock.stats(),
  });
}

lockContract('Lock', () => new Lock());
lockContract('Semaphore(1)', () => {
  const semaphore = new Semaphore(1);
  return {
    acquire: (bounds) => semaphore.acquire(1, bounds),
    tryAcquire: () => semaphore.tryAcquire(),
    stats: () => semaphore.stats(),
  };
});
lockContract('BoundedSemaphore(1)', () => {
  const semaphore = new BoundedSemaphore(1);
  return {
    acquire: (bounds) => semaphore.acquire(undefined, bounds),
    tryAcquire: () => semaphore.tryAcquire(),
    stats: () => semaphore.stats(),
  };
});
lockContract('CapacityLimiter(1)', () => {
  const limiter = new CapacityLimiter(1);
  return {
    acquire: (bounds) => limiter.acquire(bounds),
    tryAcquire: () => limiter.tryAcquire(),
    stats: () => limiter.stats(),
  };
});
/** The bounds with a new borrower; what is no object stays as it is. */
const named = (bounds: unknown): never =>
  (typeof bounds === 'object' || bounds === undefined
    ? { ...(bounds as object | undefined), onBehalfOf: {} }
    : bounds) as never;
lockContract('CapacityLimiter(1) with borrowers', () => {
  const limiter = new CapacityLimiter(1);
  return {
    acquire: (bounds) => limiter.acquire(named(bounds)),
    tryAcquire: () => limiter.tryAcquire({ onBehalfOf: {} }),
    stats: () => limiter.stats(),
  };
});
lockContract('KeyedLock', keyed);
lockContract('ReadWriteLock write, first come first served', () => writing('fifo'), 10_000);
lockContract('ReadWriteLock write, writers first', () => writing('writer'), 10_000);
lockContract('ReadWriteLock write, readers first', () => writing('reader'), 10_000);
lockContract('select over Lock.acquired', () => selectingFrom(new Lock()), 10_000);
lockContract('select over Semaphore.acquired', () => selectingFrom(new Semaphore(1)), 10_000);
lockContract(
  'select over CapacityLimiter.acquired',
  () => selectingFrom(new CapacityLimiter(1)),
  10_000,
);
lockContract('select over ReadWriteLock.writable', () => {
  const lock = new ReadWriteLock();
  return selecting({
    op: () => lock.writable,
    tryAcquire: () => lock.tryWrite(),
    stats: () => lock.stats(),
  });
});
limiterContract('Lock', () => new Lock());
limiterContract('Semaphore(1)', () => new Semaphore(1));
limiterContract('BoundedSemaphore(1)', () => new BoundedSemaphore(1));
limiterContract('CapacityLimiter(1)', () => new CapacityLimiter(1));

describe('a limited scope', () => {
  crawlContract('Semaphore(1)', () => new Semaphore(1));
  crawlContract('Lock', () => new Lock());
  crawlContract('CapacityLimiter(1)', () => new CapacityLimiter(1));
});
