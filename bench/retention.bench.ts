/**
 * Retention: what a long-lived scope, signal or limiter keeps of the work that went through it.
 *
 * @module
 */

import type { Scope } from '../src/index.ts';
import { type Case, type Contender, numbersTo, type Work } from './case.ts';
import { noop } from './peers.ts';
import { keepsNothing } from './pledges.ts';

async function scopeKeeps(): Promise<Work> {
  const { scope } = await import('../src/index.ts');
  return inLongLived(
    (body) => scope(body),
    async (s) => {
      await s.spawn(noop);
    },
  );
}

async function signalOfMap(): Promise<Work> {
  const { map } = await import('../src/index.ts');
  const { signal } = new AbortController();
  return eachOf(() => map([1], noop, { signal }));
}

async function signalOfScope(): Promise<Work> {
  const { scope } = await import('../src/index.ts');
  const { signal } = new AbortController();
  return eachOf(() => scope({ signal }, noop));
}

async function timeoutInScope(): Promise<Work> {
  const { scope, timeout } = await import('../src/index.ts');
  return inLongLived(
    (body) => scope(body),
    () => timeout(1000, noop),
  );
}

async function deadlineInScope(): Promise<Work> {
  const { moveOnAfter, scope, sleep } = await import('../src/index.ts');
  return inLongLived(
    (body) => scope(body),
    () => moveOnAfter(1, () => sleep(1000)),
    1000,
  );
}

async function sleepInScope(): Promise<Work> {
  const { moveOnAfter, scope, sleep } = await import('../src/index.ts');
  return inLongLived(
    (body) => scope(body),
    () => moveOnAfter(1000, () => sleep(1)),
    1000,
  );
}

async function limiterOfMap(): Promise<Work> {
  const { map } = await import('../src/index.ts');
  const concurrency = { run: async <R>(fn: () => R | PromiseLike<R>): Promise<R> => fn() };
  return eachOf(() => map([1], noop, { concurrency }));
}

async function promiseRace(): Promise<Work> {
  const pending = new Promise<void>(() => {});
  return eachOf(() => Promise.race([noop(), pending]));
}

async function abortSignalAny(): Promise<Work> {
  const { signal } = new AbortController();
  return eachOf(async () => {
    AbortSignal.any([signal]).addEventListener('abort', () => {});
  });
}

function eachOf(use: () => Promise<unknown>): Work {
  return async (input) => {
    let uses = 0;
    for (const _ of input) {
      await use();
      uses++;
    }
    return uses;
  };
}

/**
 * Opens one scope for the life of the process; each call of the work asks its body for more uses,
 * `batch` at a time.
 */
function inLongLived(
  open: (body: (s: Scope) => Promise<void>) => Promise<void>,
  use: (s: Scope) => Promise<unknown>,
  batch = 1,
): Work {
  let order = Promise.withResolvers<number>();
  let delivery = Promise.withResolvers<number>();
  const opened = open(async (s) => {
    for (;;) {
      const uses = await order.promise;
      order = Promise.withResolvers();
      let ended = 0;
      while (ended < uses) {
        const size = Math.min(batch, uses - ended);
        if (size === 1) await use(s);
        else await Promise.all(Array.from({ length: size }, () => use(s)));
        ended += size;
      }
      delivery.resolve(ended);
    }
  });
  opened.catch((error) => delivery.reject(error));
  return async (_, items) => {
    delivery = Promise.withResolvers();
    order.resolve(items);
    return delivery.promise;
  };
}

function ours(name: string, load: Contender['load']): Contender {
  return { name, role: 'ours', load };
}

/** What nothing may keep. */
export const cases: readonly Case[] = [
  {
    name: 'What does a long-lived thing keep of each use after it has ended?',
    measure: 'retention',
    per: 'item',
    items: 100_000,
    repeat: 1,
    warmUp: { items: 10_000, repeat: 1 },
    input: numbersTo,
    contenders: [
      ours('scope: spawn a task and await it', scopeKeeps),
      ours('signal: map([1], fn, { signal })', signalOfMap),
      ours('signal: scope({ signal }, body)', signalOfScope),
      ours('scope: timeout(1000, body) in it', timeoutInScope),
      ours('scope: moveOnAfter(1000, () => sleep(1)) in it', sleepInScope),
      ours('scope: moveOnAfter(1, () => sleep(1000)) in it', deadlineInScope),
      ours('limiter: map([1], fn, { concurrency: limiter })', limiterOfMap),
      { name: 'Promise.race against one pending promise', role: 'context', load: promiseRace },
      { name: 'AbortSignal.any, observed', role: 'context', load: abortSignalAny },
    ],
    promises: [keepsNothing()],
  },
];
