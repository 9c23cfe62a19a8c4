/**
 * Copies of one body, items that they share, and fibers.
 *
 * @module
 */
import { skein, skeinFiber } from './built.ts';
import {
  arrayOf,
  type Case,
  type Contender,
  type Delayed,
  numbersTo,
  type Staged,
  type Work,
} from './case.ts';
import { atMostFloorTimes, below, rateAtLeast } from './pledges.ts';
import { ownTasks } from './pools/own.ts';

/** Starts copies that wait, and stops them as soon as all have started. */
async function startAndStop(): Promise<Delayed> {
  const { checkpoint, concurrently, sleepForever } = await skein();
  return {
    delay: async () => {
      let started = 0;
      const begun = performance.now();
      const waiter = concurrently(1000, {}, async () => {
        started++;
        await sleepForever();
      });
      await checkpoint();
      await waiter.stop();
      const ms = performance.now() - begun;
      if (started !== 1000) throw new Error(`Started ${started} of 1000 copies`);
      return { ms };
    },
  };
}

/** The same with Effect. */
async function forkAndInterrupt(): Promise<Delayed> {
  const { Effect, Fiber } = await import('effect');
  let started = 0;
  const body = Effect.andThen(
    Effect.sync(() => started++),
    Effect.never,
  );
  const all = Effect.gen(function* () {
    const fibers: ReturnType<typeof Effect.runFork>[] = [];
    for (let copy = 0; copy < 1000; copy++) fibers.push(yield* Effect.forkChild(body));
    yield* Effect.yieldNow;
    yield* Fiber.interruptAll(fibers);
  });
  return {
    delay: async () => {
      started = 0;
      const begun = performance.now();
      await Effect.runPromise(all);
      const ms = performance.now() - begun;
      if (started !== 1000) throw new Error(`Started ${started} of 1000 fibers`);
      return { ms };
    },
  };
}

/** Two copies that take all items, each in a thread that is warm. */
async function sharedAmongThreads(): Promise<Staged> {
  const { concurrently, threads } = await skein();
  const { takeAll } = await ownTasks();
  const engine = threads({ size: 2 });
  return {
    setUp: async (items) => async () => {
      let pulled = 0;
      function* source(): Generator<number> {
        for (; pulled < items; pulled++) yield pulled;
      }
      const waiter = concurrently(2, { engine, source: source() }, takeAll);
      await waiter();
      return pulled - waiter.unfinished.length;
    },
    tearDown: async () => engine[Symbol.asyncDispose](),
  };
}

/** The same on one loop: what the hand-out itself costs. */
async function sharedOnLoop(): Promise<Work> {
  const { concurrently } = await skein();
  return async (source) => {
    let done = 0;
    await concurrently(2, { source }, async ({ items }) => {
      for await (const _ of items) done++;
    })();
    return done;
  };
}

type Library = typeof import('effect/Effect');
type Body = (effect: Library) => (n: number) => ReturnType<Library['succeed']>;

const BODIES: Readonly<Record<string, Body>> = {
  'Effect.sync': (effect) => (n) => effect.sync(() => n + 1),
  'Effect.gen': (effect) => (n) =>
    effect.gen(function* () {
      const one = yield* effect.succeed(1);
      return n + one;
    }),
  'Effect.promise': (effect) => (n) => effect.promise(async () => n + 1),
};

function rightOnes(results: readonly unknown[]): number {
  return results.filter((result, n) => result === n + 1).length;
}

/** The copy of `effect` that the engine has: with two, the one would not be what the other is measured against. */
async function effectOfEngine(): Promise<Library> {
  const { loadEffect } = await import('../src/engines/fiber/effect-library.ts');
  return (await loadEffect()).effect;
}

function mappedOnFibers(body: Body, concurrency: number): Contender['load'] {
  return async (): Promise<Work> => {
    const { map } = await skein();
    const { fiber, fibers } = await skeinFiber();
    const fn = fiber(body(await effectOfEngine()));
    const engine = fibers();
    return async (input) => rightOnes(await map(input, fn, { engine, concurrency }));
  };
}

function forEach(body: Body, concurrency: number): Contender['load'] {
  return async (): Promise<Work> => {
    const effect = await effectOfEngine();
    const fn = body(effect);
    return async (input) =>
      rightOnes(await effect.runPromise(effect.forEach(input, fn, { concurrency })));
  };
}

function onFibers(name: string, body: Body, concurrency: number): Case {
  return {
    name: `What does the engine of fibers add to ${name}, ${concurrency.toLocaleString('en')} at a time?`,
    measure: 'time',
    per: 'item',
    items: 100_000,
    repeat: 10,
    warmUp: { items: 100_000, repeat: 5 },
    input: arrayOf,
    contenders: [
      { name: 'skein map, fibers()', role: 'ours', load: mappedOnFibers(body, concurrency) },
      { name: 'floor: Effect.forEach', role: 'floor', load: forEach(body, concurrency) },
    ],
    promises: [atMostFloorTimes(1.3)],
  };
}

/** What copies and fibers promise. */
export const cases: readonly Case[] = [
  {
    name: 'How long do 1,000 copies on the loop take to start and stop?',
    measure: 'delay',
    per: 'task',
    items: 1,
    repeat: 15,
    input: arrayOf,
    contenders: [
      { name: 'skein concurrently', role: 'ours', load: startAndStop },
      { name: 'Effect forkChild + interruptAll', role: 'context', load: forkAndInterrupt },
    ],
    promises: [below(10, 'ms', ({ delay }) => delay?.ms ?? Number.NaN)],
  },
  {
    name: 'What does an item of a source cost that two threads share?',
    measure: 'time',
    per: 'item',
    byWall: true,
    items: 300_000,
    repeat: 3,
    warmUp: { items: 300_000, repeat: 2 },
    input: numbersTo,
    contenders: [
      { name: 'skein concurrently, 2 threads', role: 'ours', load: sharedAmongThreads },
      { name: 'skein concurrently, this loop', role: 'context', load: sharedOnLoop },
    ],
    promises: [rateAtLeast(300_000, 'items')],
  },
  ...Object.entries(BODIES).flatMap(([name, body]) => [
    onFibers(name, body, 10),
    onFibers(name, body, 1000),
  ]),
];
