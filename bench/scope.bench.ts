/**
 * Scopes: what a spawned task costs among a thousand siblings.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import type { Effect, Fiber } from 'effect';
import { type Case, numbersTo, type Work } from './case.ts';
import { unlimited } from './floors.ts';
import { noop } from './peers.ts';
import { aheadOfPeers, below } from './pledges.ts';

async function spawnSiblings(): Promise<Work> {
  const { scope } = await import('../src/index.ts');
  return async (_, siblings) => {
    await scope(async (s) => {
      for (let task = 0; task < siblings; task++) s.spawn(noop);
    });
    return siblings;
  };
}

async function forkPromises(): Promise<Work> {
  const effect = await import('effect');
  return forkAndJoin(effect.Effect.promise(noop));
}

async function forkNothing(): Promise<Work> {
  const effect = await import('effect');
  return forkAndJoin(effect.Effect.void);
}

async function forkAndJoin(task: Effect.Effect<void>): Promise<Work> {
  const effect = await import('effect');
  return (_, siblings) =>
    effect.Effect.runPromise(
      effect.Effect.gen(function* () {
        const fibers: Fiber.Fiber<void>[] = [];
        for (let index = 0; index < siblings; index++)
          fibers.push(yield* effect.Effect.forkChild(task));
        return (yield* effect.Fiber.joinAll(fibers)).length;
      }),
    );
}

/** What people write by hand for a task that can be cancelled alone and with its parent. */
async function controllerPerTask(): Promise<Work> {
  return async (input, siblings) => {
    const parent = new AbortController().signal;
    setMaxListeners(0, parent);
    await unlimited(input, async () => {
      const controller = new AbortController();
      const signal = controller.signal;
      const forward = (): void => controller.abort(parent.reason);
      parent.addEventListener('abort', forward, { once: true });
      try {
        if (!signal.aborted) await noop();
      } finally {
        parent.removeEventListener('abort', forward);
      }
    });
    return siblings;
  };
}

/** What scopes promise. */
export const cases: readonly Case[] = [
  {
    name: 'What does a spawned task cost among 1,000 siblings?',
    measure: 'time',
    per: 'task',
    items: 1000,
    repeat: 300,
    warmUp: { items: 1000, repeat: 50 },
    input: numbersTo,
    contenders: [
      { name: 'skein scope, spawn', role: 'ours', load: spawnSiblings },
      {
        name: 'floor: Promise.all',
        role: 'floor',
        load: async () => async (input) => (await unlimited(input, noop)).length,
      },
      { name: 'Effect forkChild + joinAll of promises', role: 'peer', load: forkPromises },
      { name: 'Effect forkChild + joinAll of Effect.void', role: 'peer', load: forkNothing },
      {
        name: 'an AbortController a task',
        role: 'peer',
        load: controllerPerTask,
        repeat: 100,
      },
    ],
    promises: [below(2, 'us a task', (own) => own.cpuNs / 1000), aheadOfPeers()],
  },
];
