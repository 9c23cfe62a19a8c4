/**
 * What is worse than an exit: stopped processes, results of half a gigabyte, values that resist being sent, calls from inside a full pool.
 *
 * @module
 */
import { inThread, isCancelled, processes } from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/deaths.ts';
import { callBack, nestInProcess, nestInThread } from './fixtures/nesting.ts';
import { isAlive, POOLS, thrown, withPool } from './pools.ts';

const PROCESSES = { name: 'processes', make: processes } as const;

describe('a child that is stopped (SIGSTOP)', () => {
  it('while it runs: a cancelled task is got rid of, with its process', () =>
    withPool(PROCESSES, { size: 2 }, async (engine, journal) => {
      const controller = new AbortController();
      const call = engine.submit(bodies.stopProcess, [journal.place], {
        signal: controller.signal,
        grace: 100,
      });
      const others = Array.from({ length: 10 }, (_, i) =>
        engine.submit(bodies.mark, [journal.place, `task ${i}`], {}),
      );
      await journal.seen('pid');
      const pid = Number(journal.names('pid')[0]);

      controller.abort('enough');

      expect(await thrown(call)).toBe('enough');
      expect(await Promise.all(others)).toHaveLength(10);
      await journal.until('its death', () => !isAlive(pid));
    }));

  it('while it runs: a time-out gets rid of it too', () =>
    withPool(PROCESSES, { size: 1 }, async (engine, journal) => {
      const call = engine.submit(bodies.stopProcess, [journal.place], { timeout: 100, grace: 100 });

      expect(await thrown(call)).toMatchObject({ code: 'ERR_TIMED_OUT' });
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    }));

  it('while it is idle: what it got can be cancelled, and the pool goes on', () =>
    withPool(PROCESSES, { size: 1 }, async (engine, journal) => {
      const pid = await engine.submit(bodies.processId, [], {});
      process.kill(pid, 'SIGSTOP');
      const controller = new AbortController();
      const call = engine.submit(bodies.mark, [journal.place, 'a'], {
        signal: controller.signal,
        grace: 100,
      });

      controller.abort();
      expect(isCancelled(await thrown(call))).toBe(true);

      expect(isAlive(pid)).toBe(false);
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
      expect(journal.names('start')).toEqual([]);
    }));

  it('and is killed from outside while it is idle: nobody fails, the next task has another', () =>
    withPool(PROCESSES, { size: 1 }, async (engine) => {
      const pid = await engine.submit(bodies.processId, [], {});

      process.kill(pid, 'SIGKILL');

      const next = await engine.submit(bodies.processId, [], {}).catch((error: unknown) => error);
      // Sent in the moment of the death it may be lost with the batch, which is then said; else it has run.
      if (typeof next === 'number') expect(next).not.toBe(pid);
      else expect(next).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'unknown' });
      expect(await engine.submit(bodies.processId, [], {})).not.toBe(pid);
    }));
});

describe.each(POOLS)('what $name are given to carry', (pool) => {
  it(
    'a result of 500 MB arrives, or is an error that says why; the next task works',
    () =>
      withPool(pool, { size: 1 }, async (engine) => {
        const size = 500 * 2 ** 20;

        const result = await engine
          .submit(bodies.produce, [size], {})
          .catch((error: unknown) => error as Error);

        if (result instanceof Uint8Array) {
          expect([result.length, result[0], result.at(-1)]).toEqual([size, 7, 7]);
        } else {
          expect(result).toMatchObject({ code: expect.any(String), message: expect.any(String) });
        }
        expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
      }),
    60_000,
  );

  it('a result whose getter throws fails its own task', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const [trap, ok] = await Promise.allSettled([
        engine.submit(bodies.produceTrap, [], {}),
        engine.submit(bodies.add, [1, 2], {}),
      ]);

      expect(trap.status).toBe('rejected');
      expect((trap as PromiseRejectedResult).reason).toBeInstanceOf(Error);
      expect(String((trap as PromiseRejectedResult).reason)).toMatch(/do not read me|trap/);
      expect(ok).toEqual({ status: 'fulfilled', value: 3 });
    }));

  it('a result that holds a WeakMap fails its own task, by its path', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(bodies.produceWeak, [], {}));

      expect(error).toMatchObject({ code: 'ERR_UNCLONABLE' });
      expect(error.message).toMatch(/list\[1\]/);
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    }));

  it.each([
    {
      what: 'a getter that throws',
      make: () => ({
        get trap(): never {
          throw new Error('no');
        },
      }),
    },
    { what: 'a WeakMap', make: () => ({ trap: new WeakMap() }) },
    { what: 'a symbol', make: () => ({ trap: Symbol('s') }) },
    { what: 'a function deep inside', make: () => ({ trap: (): number => 1 }) },
    { what: 'a promise', make: () => ({ trap: Promise.resolve(1) }) },
  ])('an argument with $what fails its own task, by its path', ({ make }) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const calls = Array.from({ length: 9 }, (_, i) =>
        engine.submit(bodies.add, [i === 4 ? (make() as unknown as number) : i, 1], {}),
      );

      const outcomes = await Promise.allSettled(calls);

      expect(outcomes.map(({ status }) => status)).toEqual(
        outcomes.map((_, i) => (i === 4 ? 'rejected' : 'fulfilled')),
      );
      const { reason } = outcomes[4] as PromiseRejectedResult;
      expect(reason).toMatchObject({ code: 'ERR_UNCLONABLE', path: 'args[0].trap' });
      expect((reason as Error).message).toMatch(/args\[0\]\.trap/);
    }),
  );

  it('a call from inside a body into a pool works, or is an error that says what to do', async () => {
    const nested = pool.name === 'threads' ? nestInThread : nestInProcess;
    await withPool(pool, { size: 1 }, async (engine) => {
      const result = await engine
        .submit(nested, [2], {})
        .catch((error: unknown) => error as Error & { code?: string });

      if (result instanceof Error) expect(result.code).toEqual(expect.any(String));
      else expect(result).toBe(3);
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    });
  });

  it('a callback that needs a place in the pool which its caller fills can be cancelled', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const back = (): Promise<number> => engine.submit(bodies.add, [1, 2], {});

      const result = await engine
        .submit(callBack, [back], { timeout: 300, grace: 100 })
        .catch((error: unknown) => error);

      // The pool makes room for it, or sees the deadlock and says so, or the time-out ends it.
      if (result instanceof Error) expect(result).toMatchObject({ code: expect.any(String) });
      else expect(result).toBe(4);
      expect(await engine.submit(bodies.add, [2, 2], {})).toBe(4);
    }));
});

it('inThread inside a thread has somewhere to run', async () => {
  expect(
    await inThread(nestInThread, 1).catch((e: unknown) => (e as { code?: string }).code),
  ).toSatisfy((result: unknown) => result === 2 || typeof result === 'string');
});
