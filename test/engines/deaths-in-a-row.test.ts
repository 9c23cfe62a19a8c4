/**
 * Workers that die before their function has started: others try, but not for ever. What counts is deaths in a row, of one function in
 * one pool, and who is refused then is whoever needs that function.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Engine, task, type WorkerEngine } from 'skein';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as bodies from './fixtures/deaths.ts';
import type * as dying from './fixtures/dies-while-loading.ts';
import { POOLS, thrown, withPool } from './pools.ts';

const declared = new URL('./fixtures/dies-while-loading.ts', import.meta.url);
/** A function of that module; another one each time, as far as a pool can tell. */
const giveOrExit = (): typeof dying.giveOrExit => task(declared, (n: number) => n, 'giveOrExit');
const next = (): typeof dying.next => task(declared, (n: number) => n, 'next');

/** Has so many imports of the module end their worker, from now on. */
function letDie(place: string, how: 'exit' | 'SIGKILL' | 'memory', times: number): void {
  writeFileSync(`${place}/loads`, '');
  vi.stubEnv('SKEIN_LOADS', `${place}/loads`);
  vi.stubEnv('SKEIN_DIES', how);
  vi.stubEnv('SKEIN_DIES_TIMES', String(times));
}

function loadsIn(place: string): number {
  return readFileSync(`${place}/loads`, 'utf8').split('\n').length - 1;
}

/** Has the worker of a pool of one end, so that the next one has to load everything anew. */
async function endWorker(engine: Engine, exit: typeof dying.giveOrExit): Promise<void> {
  expect(await thrown(engine.submit(exit, [-1], {}))).toMatchObject({ state: 'running' });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(POOLS)('a function whose module ends the workers of $name that load it', (pool) => {
  it('is called as often as it likes, if no three deaths are in a row', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      const give = giveOrExit();
      for (let round = 0; round < 3; round++) {
        letDie(place, 'exit', 2);

        expect(await engine.submit(give, [round], {})).toBe(round);
        expect(loadsIn(place)).toBe(3);
        await endWorker(engine, give);
      }
    }));

  it.each([
    { what: 'before it loaded there', deaths: 2 },
    { what: 'where it was refused', deaths: 1000 },
  ])('is not blamed for what happened in another pool, $what', async ({ deaths }) => {
    const give = giveOrExit();
    await withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', deaths);
      await Promise.allSettled([engine.submit(give, [0], {})]);
    });
    await withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', 2);
      expect(await engine.submit(give, [1], {})).toBe(1);
    });
  });

  it.each([
    { where: 'in front', at: 0 },
    { where: 'in between', at: 6 },
    { where: 'at the end', at: 12 },
  ])('is refused after three in a row, and no other function, with its calls $where', ({ at }) =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', 1000);
      const give = giveOrExit();
      const others = [0, 1].map(() => Array.from({ length: 6 }, (_, i) => i));
      const innocent = (i: number): Promise<number> => engine.submit(bodies.add, [i, 1], {});
      const guilty = (): Promise<unknown>[] =>
        [0, 1, 2].map((n) => thrown(engine.submit(give, [n], {})));

      const fine: Promise<number>[] = [];
      let refused: Promise<unknown>[] = [];
      for (const i of others.flat()) {
        if (fine.length === at) refused = guilty();
        fine.push(innocent(i));
      }
      if (at === fine.length) refused = guilty();
      refused.push(thrown(engine.submit(give, [9], {})));

      for (const error of await Promise.all(refused)) {
        expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'unstarted', exitCode: 3 });
      }
      expect(await Promise.all(fine)).toEqual(others.flat().map((i) => i + 1));
      expect(loadsIn(place)).toBe(3);
    }),
  );

  it.each([
    { what: 'calls that have a worker for themselves', call: { exclusive: true }, options: {} },
    { what: 'workers that are replaced after each call', call: {}, options: { maxTasks: 1 } },
  ])('the same for $what', ({ call, options }) =>
    withPool(pool, { size: 1, ...options }, async (engine, { place }) => {
      const give = giveOrExit();
      letDie(place, 'exit', 2);
      expect(await engine.submit(give, [1], call)).toBe(1);
      if (!('maxTasks' in options)) await endWorker(engine, give);
      letDie(place, 'exit', 2);
      expect(await engine.submit(give, [2], call)).toBe(2);
      if (!('maxTasks' in options)) await endWorker(engine, give);
      letDie(place, 'exit', 1000);

      const refused = thrown(engine.submit(give, [3], call));
      const fine = engine.submit(bodies.add, [1, 2], call);

      expect(await refused).toMatchObject({ state: 'unstarted', exitCode: 3 });
      expect(await fine).toBe(3);
    }),
  );

  it('is counted apart from another of the same module', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', 4);
      const [one, other] = [giveOrExit(), next()];

      const calls = await Promise.allSettled([
        engine.submit(one, [1], {}),
        engine.submit(other, [1], {}),
      ]);

      expect(calls.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    }));

  it('can be called again, once it loads', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', 1000);
      const give = giveOrExit();
      await thrown(engine.submit(give, [1], {}));
      letDie(place, 'exit', 0);

      expect(await engine.submit(give, [2], {})).toBe(2);
    }));

  it('is refused by the name of its module, and nobody else is told', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', 1000);
      const late: unknown[] = [];
      (engine as WorkerEngine).on('lateError', (error) => late.push(error));

      const error = await thrown(engine.submit(giveOrExit(), [1], {}));

      expect(error.message).toMatch(
        /^Could not load an anonymous function from file:.*dies-while-loading\.ts: importing that module ends the worker; the last of several exited with code 3$/m,
      );
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
      expect(late).toEqual([]);
    }));

  it('is loaded by the next worker without a word, if that can', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'exit', 2);
      const late: unknown[] = [];
      (engine as WorkerEngine).on('lateError', (error) => late.push(error));

      expect(await engine.submit(giveOrExit(), [1], {})).toBe(1);
      expect(late).toEqual([]);
    }));

  it(
    'is refused after three, too, where they have no memory left',
    () =>
      withPool(pool, { size: 1, memory: 16 }, async (engine, { place }) => {
        letDie(place, 'memory', 1000);

        const error = await thrown(engine.submit(giveOrExit(), [1], {}));

        expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'unstarted' });
        expect(loadsIn(place)).toBe(3);
        expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
      }),
    60_000,
  );

  it.runIf(pool.name === 'processes')('is tried again and again when somebody kills them', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      letDie(place, 'SIGKILL', 6);

      expect(await engine.submit(giveOrExit(), [1], {})).toBe(1);
      expect(loadsIn(place)).toBe(7);
    }),
  );
});
