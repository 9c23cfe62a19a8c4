/**
 * Case 40: pools of threads and processes, after aioextensions; and the functions around them.
 *
 * @module
 */

import { availableParallelism } from 'node:os';
import { CPU_CORES, inProcess, inThread, processPool, scope, threadPool } from 'skein';
import { afterEach, describe, expect, it } from 'vitest';
import { Journal } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/conformance.ts';
import { POOLS, thrown, withPool } from './pools.ts';

const { JobFailed } = bodies;
const newJobs = { threads: bodies.threadsJob, processes: bodies.processesJob };

describe.each(POOLS)('40 pool of $name', (pool) => {
  it('40 pool: two workers start six jobs in order', () =>
    withPool(pool, { size: 2 }, async (engine, journal) => {
      // Those of a function that is known to be quick would travel together.
      const job = newJobs[pool.name];
      const jobs = [0, 1, 2, 3, 4, 5].map((i) => engine.submit(job, [journal.place, i], {}));

      for (const [i, each] of jobs.entries()) {
        await journal.seen('start', Math.min(i + 2, 6));
        // The next to start is the next in line, whichever worker is free.
        const started = [0, 1, 2, 3, 4, 5].slice(0, i + 2).map(String);
        expect(journal.names('start').toSorted()).toEqual(started);
        journal.release(String(i));
        expect(await each).toBe(i);
      }
    }));

  it('40 pool: one worker starts six jobs in order', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      journal.release();
      await Promise.all(
        [0, 1, 2, 3, 4, 5].map((i) => engine.submit(bodies.job, [journal.place, i], {})),
      );

      expect(journal.names('start')).toEqual(['0', '1', '2', '3', '4', '5']);
    }));

  it('40 pool: an error keeps its name, message, fields and nested causes', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit<[number], never>(bodies.failing, [4], {}));

      expect(error).toBeInstanceOf(JobFailed);
      expect(error).toMatchObject({ name: 'JobFailed', message: 'job 4 failed', job: 4 });
      const inner = error.cause as Error;
      expect(inner).toBeInstanceOf(TypeError);
      expect(inner.cause).toBeInstanceOf(RangeError);
      expect(inner.cause).toMatchObject({ message: 'innermost', at: [1, 2] });
      expect(error.stack).toMatch(/fixtures\/conformance/);
      expect(error.stack).toMatch(/conformance-40-pool\.test/);
    }));

  it('40 pool: a cancelled job in line never runs', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const controller = new AbortController();
      const first = engine.submit(bodies.job, [journal.place, 0], {});
      const second = engine.submit(bodies.job, [journal.place, 1], { signal: controller.signal });
      const third = engine.submit(bodies.job, [journal.place, 2], {});
      await journal.seen('start');

      controller.abort();
      await thrown(second);
      journal.release();

      expect(await Promise.all([first, third])).toEqual([0, 2]);
      expect(journal.names('start')).toEqual(['0', '2']);
    }));

  it('40 pool: a job that kills its worker fails alone, the next succeeds', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const died = thrown(engine.submit<[], never>(bodies.fatal, [], {}));
      const next = engine.submit(bodies.square, [3], {});

      expect(await died).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 9 });
      expect(await next).toBe(9);
    }));
});

describe.each([
  { name: 'threadPool', shared: threadPool, run: inThread },
  { name: 'processPool', shared: processPool, run: inProcess },
])('40 $name', ({ shared, run }) => {
  afterEach(() => shared.shutdown());

  it('40 pool: nothing is there before the first call, and then it is', async () => {
    await shared.shutdown();
    expect(shared.initialized).toBe(false);

    expect(await run(bodies.square, 5)).toBe(25);

    expect(shared.initialized).toBe(true);
  });

  it('40 pool: `pool` before `initialize` says what to do', async () => {
    await shared.shutdown();

    expect(() => shared.pool).toThrow('Must call initialize first');
  });

  it('40 pool: a wrong size is refused, and the old pool still works', async () => {
    shared.initialize({ maxWorkers: 1 });
    const before = shared.pool;

    for (const maxWorkers of [0, -1, 1.5]) {
      expect(() => shared.initialize({ maxWorkers })).toThrow(RangeError);
      expect(() => shared.initialize({ maxWorkers })).toThrow(/maxWorkers/);
    }

    expect(shared.pool).toBe(before);
    expect(await run(bodies.square, 6)).toBe(36);
  });

  it('40 pool: the size survives a shutdown', async () => {
    shared.initialize({ maxWorkers: 3 });
    await shared.shutdown();
    expect(shared.initialized).toBe(false);

    expect(await run(bodies.square, 7)).toBe(49);

    expect(shared.pool.capacity).toBe(3);
    shared.initialize({ maxWorkers: CPU_CORES });
  });

  it('its engine refuses work after the shutdown, and says so', async () => {
    shared.initialize({ maxWorkers: 1 });
    const engine = shared.pool;
    expect(await engine.submit(bodies.square, [2], {})).toBe(4);
    await shared.shutdown();

    const error = await thrown(engine.submit(bodies.square, [2], {}));

    expect(error.message).toMatch(/shut|closed|dispos/i);
    expect(() => shared.pool).toThrow('Must call initialize first');
  });

  it('a new size takes the place of the old pool, whose calls are finished', async () => {
    using journal = Journal.open();
    shared.initialize({ maxWorkers: 1 });
    const running = run(bodies.job, journal.place, 1);
    const queued = run(bodies.square, 3);
    await journal.seen('start');

    shared.initialize({ maxWorkers: 2 });

    expect(await run(bodies.square, 4)).toBe(16);
    journal.release();
    expect(await Promise.all([running, queued])).toEqual([1, 9]);
  });

  it('can be shut down twice, also when it never ran', async () => {
    await shared.shutdown();
    await shared.shutdown();
  });

  it('finishes what was submitted when it is shut down', async () => {
    shared.initialize({ maxWorkers: 1 });
    const calls = [1, 2, 3, 4].map((n) => run(bodies.square, n));

    await shared.shutdown();

    expect(await Promise.all(calls)).toEqual([1, 4, 9, 16]);
  });

  it('with `wait: false` does not wait for it', async () => {
    using journal = Journal.open();
    shared.initialize({ maxWorkers: 1 });
    const running = run(bodies.job, journal.place, 1);
    const outcome = Promise.allSettled([running]);
    await journal.seen('start');

    await shared.shutdown({ wait: false });

    expect(shared.initialized).toBe(false);
    journal.release();
    // Finished or told that it was given up: in no case left pending.
    expect((await outcome)[0].status).toMatch(/fulfilled|rejected/);
  });
});

describe.each([
  { name: 'inThread', run: inThread },
  { name: 'inProcess', run: inProcess },
])('$name', ({ run }) => {
  it('runs a function that is sent as its text', async () => {
    expect(await run((a: number, b: number) => a * b, 6, 7)).toBe(42);
    expect(await run(async (list: number[]) => list.toReversed(), [1, 2, 3])).toEqual([3, 2, 1]);
  });

  it('gives what is thrown', async () => {
    const error = await thrown(run(bodies.failing, 2));

    expect(error).toBeInstanceOf(JobFailed);
  });

  it('is cancelled with the ambient scope', async () => {
    using journal = Journal.open();
    const error = await thrown(
      scope(async (s) => {
        const call = run(bodies.longJob, journal.place);
        await journal.seen('start');
        s.cancel('enough');
        await call;
      }),
    );

    expect(error).toMatchObject({ name: 'AbortError', reason: 'enough' });
    expect(journal.names('saw')).toEqual(['true']);
  });

  it('refuses what is no function, at once', async () => {
    expect(await thrown(run('square' as unknown as () => void))).toBeInstanceOf(TypeError);
  });

  it('refuses a function that captures a variable, by its name', async () => {
    const factor = Math.random();

    const error = await thrown(run((n: number) => n * factor, 2));

    expect(error.message).toMatch(/factor/);
    expect(error.code).toEqual(expect.any(String));
  });
});

it('CPU_CORES is what is available', () => {
  expect(CPU_CORES).toBe(availableParallelism());
});
