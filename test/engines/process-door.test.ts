/**
 * Whatever a body writes on the descriptors of its child: its calls fail, the child is ended, and the parent goes on.
 *
 * @module
 */
import { type Engine, processes, type WorkerEngine } from 'skein';
import { describe, expect, it, vi } from 'vitest';
import * as bodies from './fixtures/process-door.ts';
import { isAlive, thrown, withPool, workersOf } from './pools.ts';

const POOL = { name: 'processes', make: processes } as const;

/** A call that must work whatever was before. */
async function expectWorks(engine: Engine): Promise<void> {
  expect(await engine.submit((n: number) => n + 1, [1], {})).toBe(2);
}

describe('a child that says', () => {
  it.each(Object.keys(bodies.FORGERIES))('%s', (which) =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      const culprit = thrown(engine.submit(bodies.forge, [journal.place, which], {}));
      const behind = [1, 2].map((n) => engine.submit((m: number) => m, [n], {}));

      const error = await culprit;

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'running' });
      expect(error.message).toContain('it said what no worker says');
      expect(String(error.cause)).toContain('it said what no worker says');
      expect(await Promise.all(behind)).toEqual([1, 2]);
      await expectWorks(engine);
      const [pid] = journal.names('start');
      expect(journal.names('start')).toHaveLength(1);
      expect(isAlive(Number(pid))).toBe(false);
    }),
  );

  it('the beginning of a message, and ends its call, is ended', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      const culprit = thrown(engine.submit(bodies.begin, [journal.place], {}));
      const behind = engine.submit((n: number) => n, [1], {});

      expect(await culprit).toMatchObject({ code: 'ERR_WORKER_DIED' });
      expect(String((await culprit).cause)).toContain('it said what no worker says');
      expect(await behind).toBe(1);
      expect(isAlive(Number(journal.names('start')[0]))).toBe(false);
    }));

  it('so much that it does not leave before a long body is believed', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      await engine.submit(bodies.keepTurn, [1], {});
      const [first, large, last] = await Promise.all([
        engine.submit(bodies.keepTurn, [1], {}),
        engine.submit(bodies.much, [], {}),
        engine.submit(bodies.keepTurn, [2500], {}),
      ]);
      expect(large.length).toBe(50_000_000);
      expect(last).toBe(first);
    }));

  it('its own outcome twice has that outcome, and is ended', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      expect(await engine.submit(bodies.answerTwice, [], {})).toBe('forged');
      await vi.waitFor(() => expect(workersOf(engine)).toBe(0));
      await expectWorks(engine);
    }));

  it('nothing of concern, very often, is as good as before', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const pid = await engine.submit(() => process.pid, [], {});
      expect(await engine.submit(bodies.flood, [2000], {})).toBe('sent');
      expect(await engine.submit(() => process.pid, [], {})).toBe(pid);
    }));

  it('warnings without end is heard a thousand times', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const heard = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
      try {
        expect(await engine.submit(bodies.warnMuch, [3000], {})).toBe('warned');
        expect(heard.mock.calls.length).toBe(1000);
      } finally {
        heard.mockRestore();
      }
    }));

  it('here is a server, is ended, and the server with it', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const servers = (): number =>
        process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
      const before = servers();
      const error = await thrown(engine.submit(bodies.giveServer, [], {}));
      expect(error.message).toMatch(/a message of the host, or a handle/);
      await expectWorks(engine);
      expect(servers()).toBe(before);
    }));

  it.each([
    ['channel', 3],
    ['life line', 4],
  ])('nothing, because it has closed its %s, fails its call', (_, fd) =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const call = thrown(engine.submit(bodies.closeForEver, [fd], {}));
      const next = engine.submit((n: number) => n, [1], {});

      expect(await call).toMatchObject({ code: 'ERR_WORKER_DIED' });
      expect(await next).toBe(1);
    }),
  );

  it('nothing any more, because it has closed its life line, and has nothing to do, ends: no error, as the end of any child begins so', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const late: unknown[] = [];
      (engine as WorkerEngine).on('lateError', (error) => late.push(error));
      await engine.submit(bodies.close, [4], {});

      await vi.waitFor(() => expect(workersOf(engine)).toBe(0), { timeout: 10_000 });
      await expectWorks(engine);
      expect(late).toEqual([]);
    }));

  it('nothing, because it has closed its ledger, starts nothing more', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      expect(await engine.submit(bodies.close, [5], {})).toBe(5);
      await expectWorks(engine);
    }));
});

describe('a ledger in which a body has written', () => {
  it.each(Object.keys(bodies.TAMPERED))('%s: its calls do not run again', (which) =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      const error = await thrown(engine.submit(bodies.tamper, [journal.place, which], {}));

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'unknown' });
      expect(journal.names('start')).toEqual([which]);
      await expectWorks(engine);
    }),
  );

  it('what it held before: its calls do not run again', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      await engine.submit(bodies.replay, [journal.place], {});
      await engine.submit((n: number) => n, [1], {});
      const error = await thrown(engine.submit(bodies.replay, [journal.place], {}));

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'unknown' });
      expect(journal.names('start')).toEqual(['replay']);
      await expectWorks(engine);
    }));

  it('keeps no time limit from ending it', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const error = await thrown(
        engine.submit(bodies.tamperAndGoOn, ['zeros'], { timeout: 200, grace: 10 }),
      );

      expect(error.message).toMatch(/it said what no worker says: what it has started/);
      await expectWorks(engine);
    }));
});
