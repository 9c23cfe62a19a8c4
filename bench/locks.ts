/**
 * Locks of ours, by hand and of other packages, each used as its own documentation says and imported only in the child that runs it.
 *
 * @module
 */
import type { Effect } from 'effect';
import { noop } from './peers.ts';
import { HandLock } from './sync-floors.ts';

/** Takes and releases one and the same lock, again and again, until `more` gives false. */
export type Lane = (more: () => boolean) => Promise<void>;

/** Skein's lock, released by its lease. */
export async function skeinLock(): Promise<Lane> {
  const { Lock } = await import('../src/index.ts');
  const lock = new Lock();
  return async (more) => {
    while (more()) {
      const lease = await lock.acquire();
      lease.release();
    }
  };
}

/** A semaphore of one permit. */
export async function skeinSemaphore(): Promise<Lane> {
  const { Semaphore } = await import('../src/index.ts');
  const semaphore = new Semaphore(1);
  return async (more) => {
    while (more()) {
      const lease = await semaphore.acquire();
      lease.release();
    }
  };
}

/** Waits only when the lock is not free. */
export async function skeinTryFirst(): Promise<Lane> {
  const { Lock } = await import('../src/index.ts');
  const lock = new Lock();
  return async (more) => {
    while (more()) {
      const lease = lock.tryAcquire() ?? (await lock.acquire());
      lease.release();
    }
  };
}

/** A function under the lock: what p-limit, Effect and `navigator.locks` do. */
export async function skeinWith(): Promise<Lane> {
  const { Lock } = await import('../src/index.ts');
  const lock = new Lock();
  return async (more) => {
    while (more()) await lock.with(noop);
  };
}

/** A flag and a list of resolvers. */
export async function handLock(): Promise<Lane> {
  const lock = new HandLock();
  return async (more) => {
    while (more()) {
      await lock.acquire();
      lock.release();
    }
  };
}

/** `Mutex` of async-mutex. */
export async function asyncMutex(): Promise<Lane> {
  const { Mutex } = await import('async-mutex');
  const mutex = new Mutex();
  return async (more) => {
    while (more()) {
      const release = await mutex.acquire();
      release();
    }
  };
}

/** `Sema` of async-sema, with one permit. */
export async function asyncSema(): Promise<Lane> {
  const { Sema } = await import('async-sema');
  const semaphore = new Sema(1);
  return async (more) => {
    while (more()) {
      await semaphore.acquire();
      semaphore.release();
    }
  };
}

/** A limit of one. */
export async function pLimitOne(): Promise<Lane> {
  const { default: limiter } = await import('p-limit');
  const limit = limiter(1);
  return async (more) => {
    while (more()) await limit(noop);
  };
}

/** A semaphore of Effect with one permit, around nothing; each lane is a fiber. */
export async function effectAroundNothing(): Promise<Lane> {
  const { Effect } = await import('effect');
  return guardedBySemaphore(Effect.void);
}

/** The same around a promise. Around nothing a fiber would take the permit many times before another fiber runs at all. */
export async function effectAroundPromise(): Promise<Lane> {
  const { Effect } = await import('effect');
  return guardedBySemaphore(Effect.promise(noop));
}

async function guardedBySemaphore(body: Effect.Effect<void>): Promise<Lane> {
  const { Effect, Semaphore } = await import('effect');
  const guarded = Semaphore.makeUnsafe(1).withPermits(1)(body);
  return (more) =>
    Effect.runPromise(Effect.whileLoop({ while: more, body: () => guarded, step: () => {} }));
}

interface LockManager {
  request(name: string, callback: () => Promise<void>): Promise<void>;
}

/** The locks of the platform, which other threads can see. */
export async function navigatorLocks(): Promise<Lane> {
  const { locks } = navigator as unknown as { readonly locks: LockManager };
  return async (more) => {
    while (more()) await locks.request('bench', noop);
  };
}
