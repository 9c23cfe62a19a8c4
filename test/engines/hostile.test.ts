/**
 * Bodies that mistreat their worker: whatever they do, each call has one end and the pool goes on.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCancelled } from 'skein';
import { describe, expect, it, onTestFinished } from 'vitest';

import { add, exitWith, hold, mark, processId } from './fixtures/deaths.ts';
import * as bodies from './fixtures/hostile.ts';
import { POOLS, thrown, withPool } from './pools.ts';

/** Counts the threads that are started from now on. */
function countThreads(): () => number {
  let started = 0;
  const count = (): void => {
    started++;
  };
  process.on('worker', count);
  onTestFinished(() => void process.off('worker', count));
  return () => started;
}

describe.each(POOLS)('$name survive a body that', (pool) => {
  it.each([bodies.block, bodies.spinMicrotasks, bodies.ignoreSignals, bodies.ignoreSignalsAndSpin])(
    'cannot be talked to and is cancelled: %o',
    (body) =>
      withPool(pool, { size: 1 }, async (engine, journal) => {
        const controller = new AbortController();
        const call = engine.submit<[string], unknown>(body, [journal.place], {
          signal: controller.signal,
          grace: 50,
        });
        const queued = engine.submit(mark, [journal.place, 'queued'], {});
        await journal.seen('start');

        controller.abort('enough');

        expect(await thrown(call)).toBe('enough');
        expect(await queued).toBe('queued');
        expect(journal.names('start')).toEqual([body.name, 'queued']);
      }),
  );

  it('gives what throws when it is looked at', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const errors = [
        await thrown(engine.submit(bodies.refuseThen, [], {})),
        await thrown(engine.submit(bodies.refuseClass, [], {})),
      ];

      expect(errors.map(({ name, message }) => [name, message])).toEqual([
        ['RangeError', 'no then'],
        ['RangeError', 'no constructor'],
      ]);
    }));

  it('sends messages of its own', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const values = await Promise.all([
        engine.submit(add, [1, 1], {}),
        engine.submit(bodies.sendJunk, [], {}),
        engine.submit(add, [2, 2], {}),
      ]);

      expect(values).toEqual([2, 'sent', 4]);
      expect(await engine.submit(add, [3, 3], {})).toBe(6);
    }));

  it('cuts the line to its parent', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const call = engine.submit<[string], never>(bodies.disconnect, [journal.place], {
        timeout: 2000,
        grace: 100,
      });
      const queued = engine.submit(mark, [journal.place, 'queued'], {});

      const error = await thrown(call);

      expect(error.code).toMatch(/ERR_WORKER_DIED|ERR_TIMED_OUT/);
      expect(await queued).toBe('queued');
    }));

  it('takes all listeners away: the next call works or its worker is said to be dead', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const first = await engine
        .submit(bodies.removeListeners, [], {})
        .catch((error: unknown) => (error as { code?: string }).code);
      expect(first).toMatch(/removed|ERR_WORKER_DIED/);

      const next = await engine
        .submit(add, [1, 2], { timeout: 3000, grace: 100 })
        .catch((error: unknown) => (error as { code?: string }).code);

      expect(next === 3 || /ERR_WORKER_DIED|ERR_TIMED_OUT/.test(String(next))).toBe(true);
    }));

  it('breaks the globals of its worker', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(bodies.breakGlobals, [], {})).toBe('broken');

      expect(await engine.submit(add, [1, 2], {})).toBe(3);
      expect(await engine.submit(add, [3, 4], { timeout: 10_000 })).toBe(7);
    }));

  it.each([bodies.exitAfterValue, bodies.exitInMicrotask])(
    'exits right after its value: it is given or lost with its worker, and never run again: %o',
    (body) =>
      withPool(pool, { size: 2 }, async (engine, journal) => {
        const names = Array.from({ length: 12 }, (_, i) => `call ${i}`);

        const outcomes = await Promise.allSettled(
          names.map((name) => engine.submit(body, [journal.place, name], {})),
        );

        for (const [i, outcome] of outcomes.entries()) {
          if (outcome.status === 'fulfilled') expect(outcome.value).toBe(names[i]);
          else expect(outcome.reason).toMatchObject({ code: 'ERR_WORKER_DIED' });
        }
        const started = journal.names('start');
        expect(started).toHaveLength(new Set(started).size);
        // The last of them may still be on its way out, and takes along what it was given meanwhile.
        const after = await Promise.allSettled(
          [1, 2, 3].map((n) => engine.submit(add, [n, 2], {})),
        );
        expect(after.filter(({ status }) => status === 'rejected').length).toBeLessThanOrEqual(2);
        expect(await engine.submit(add, [1, 2], {})).toBe(3);
      }),
    60_000,
  );
});

describe.each(POOLS)('$name', (pool) => {
  it('are disposed while a worker dies: everything is settled', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const culprit = thrown(
        engine.submit<[string, number], never>(exitWith, [journal.place, 1], {}),
      );
      const queued = [1, 2, 3].map((n) => engine.submit(add, [n, n], {}));

      await engine[Symbol.asyncDispose]();

      expect(await culprit).toMatchObject({ code: 'ERR_WORKER_DIED' });
      expect(await Promise.all(queued)).toEqual([2, 4, 6]);
    }));

  it('are cancelled while their first worker still starts: the body never runs', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const controller = new AbortController();
      const call = engine.submit(mark, [journal.place, 'never'], { signal: controller.signal });
      const other = engine.submit(mark, [journal.place, 'other'], {});
      await new Promise((resolve) => setImmediate(resolve));

      controller.abort();

      expect(isCancelled(await thrown(call))).toBe(true);
      expect(await other).toBe('other');
      expect(journal.names('start')).toEqual(['other']);
    }));

  it.each([
    ['throws', "throw new RangeError('bad entry');"],
    ['exits', 'process.exit(3);'],
    ['is no JavaScript', 'this is not (JavaScript'],
  ])('whose entry %s: all calls fail after a few tries, none hangs', (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'skein-entry-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const entry = join(folder, 'entry.mjs');
    writeFileSync(entry, text);
    return withPool(pool, { size: 2, entry }, async (engine) => {
      const errors = await Promise.all(
        Array.from({ length: 10 }, (_, i) => thrown(engine.submit(add, [i, 1], {}))),
      );

      for (const error of errors) expect(error.code).toEqual(expect.any(String));
    });
  });

  it('leave no listener, handle or worker behind', async () => {
    const stock = (): Record<string, unknown> => ({
      listeners: Object.fromEntries(
        process.eventNames().map((name) => [name, process.listenerCount(name)]),
      ),
      handles: process.getActiveResourcesInfo().filter((kind) => /Process|Worker|Port/.test(kind)),
    });
    const round = (): Promise<void> =>
      withPool(pool, { size: 2 }, async (engine, journal) => {
        const held = [1, 2].map((i) => engine.submit(hold, [journal.place, `${i}`], {}));
        await journal.seen('start', 2);
        journal.release();
        await Promise.all(held);
        await thrown(engine.submit<[string, number], never>(exitWith, [journal.place, 1], {}));
        await engine.submit(processId, [], {});
      });
    await round();
    const before = stock();

    for (let i = 0; i < 5; i++) await round();

    expect(stock()).toEqual(before);
  }, 60_000);

  it('start no worker before the first call, and no more than calls need', async () => {
    if (pool.name !== 'threads') return;
    const started = countThreads();

    await withPool(pool, { size: 4 }, async (engine, journal) => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(started()).toBe(0);
      await engine.submit(add, [1, 2], {});
      expect(started()).toBe(1);
      const held = [1, 2].map((i) => engine.submit(hold, [journal.place, `${i}`], {}));
      await journal.seen('start', 2);
      expect(started()).toBe(2);
      journal.release();
      await Promise.all(held);
    });
  });

  it('are not started by a call that is refused', async () => {
    if (pool.name !== 'threads') return;
    const started = countThreads();
    const captured = Math.random();

    await withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(() => captured, [], {}));
      expect(error.message).toMatch(/captured/);
      await thrown(engine.submit(add, [1, 2], { signal: AbortSignal.abort() }));
    });

    expect(started()).toBe(0);
  });

  it('carry a large argument to a worker that dies meanwhile', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const bytes = new Uint8Array(50 * 2 ** 20);
      const culprit = thrown(
        engine.submit<[string, number], never>(exitWith, [journal.place, 1], {}),
      );
      const large = engine.submit(bodies.lengthOf, [bytes], {});

      expect(await culprit).toMatchObject({ code: 'ERR_WORKER_DIED' });
      const result = await large.catch((error: unknown) => (error as { code?: string }).code);
      expect([bytes.length, 'ERR_WORKER_DIED']).toContain(result);
      expect(await engine.submit(add, [1, 2], {})).toBe(3);
    }));
});
