/**
 * What is peculiar to child processes: they have a process of their own, memory is copied, and what they had started is known after
 * any death.
 *
 * @module
 */
import { ftruncateSync, writeSync } from 'node:fs';
import { inProcess, processes, processPool, Queue } from 'skein';
import { describe, expect, it, vi } from 'vitest';
import { inheritedOptions } from '../../src/engines/pool/exec-options.ts';
import { CallBatch } from '../../src/engines/process/call-batch.ts';
import { CallList } from '../../src/engines/process/call-list.ts';
import { Ledger } from '../../src/engines/process/ledger.ts';
import { LifeLine } from '../../src/engines/process/life-line.ts';
import { NO_CARE } from '../../src/engines/process/protocol.ts';
import { Journal } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/deaths.ts';
import { thrown, withPool } from './pools.ts';

const POOL = { name: 'processes', make: processes } as const;

describe('a body in a child process', () => {
  it('has a process of its own, with the environment and the directory of this', async () => {
    const found = await inProcess(() => ({
      pid: process.pid,
      parent: process.ppid,
      folder: process.cwd(),
      path: process.env['PATH'],
    }));

    expect(found).toMatchObject({
      parent: process.pid,
      folder: process.cwd(),
      path: process.env['PATH'],
    });
    expect(found.pid).not.toBe(process.pid);
    await processPool.shutdown();
  });

  it('is copied what it is given: typed arrays, maps, dates, bigints; holes and undefined stay', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const value = {
        floats: new Float64Array([1, Number.NaN, -0]),
        map: new Map([[{ a: 1 }, new Set([undefined, null])]]),
        when: new Date(5),
        big: 2n ** 70n,
        // biome-ignore lint/suspicious/noSparseArray: it is what is tested
        sparse: [1, , undefined],
      };

      const back = await engine.submit((given: typeof value) => given, [value], {});

      expect(back).toEqual(value);
      expect(1 in back.sparse).toBe(false);
      expect(2 in back.sparse).toBe(true);
    }));

  it('cannot share memory, which is said', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const error = await thrown(
        engine.submit((_: SharedArrayBuffer) => 1, [new SharedArrayBuffer(8)], {}),
      );

      expect(error).toMatchObject({ code: 'ERR_UNCLONABLE' });
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    }));

  it('sees in one turn that it should stop', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      const controller = new AbortController();
      // The watcher starts after the child is ready: a call later it listens, or soon will.
      await engine.submit(bodies.add, [1, 2], {});
      const call = engine.submit(bodies.spinUntilStopped, [journal.place], {
        signal: controller.signal,
        grace: 20_000,
      });
      await journal.seen('start');

      controller.abort('enough');

      expect(await thrown(call)).toBe('enough');
      expect(journal.names('stopped')).toEqual(['spinner']);
    }));

  it('shares a queue with its caller', () =>
    withPool(POOL, { size: 1 }, async (engine) => {
      const line = new Queue<number>();
      const sum = engine.submit(bodies.sumOf, [line], {});
      for (const n of [1, 2, 3]) await line.put(n);
      line.close();

      expect(await sum).toBe(6);
    }));
});

describe('calls behind one that never leaves its turn', () => {
  // Most answers that come late come in the first moments of a child, whose second thread is still being started.
  it.each([0, 1, 3])('go to a child that is idle, after %i rounds', (rounds) =>
    withPool(POOL, { size: 2 }, async (engine, journal) => {
      for (let i = 0; i < rounds; i++) {
        const warm = Array.from({ length: 200 }, () =>
          engine.submit(bodies.spinIf, ['', -1, 0], {}),
        );
        await Promise.all(warm);
      }
      const calls = Array.from({ length: 400 }, (_, i) =>
        engine.submit(bodies.spinIf, [journal.place, 7, i], {}),
      );

      // What had ended before it in its own child is told when that has a turn.
      const others = await Promise.all(calls.slice(8));

      expect(others).toHaveLength(392);
      journal.release();
      expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i));
    }),
  );

  it('go to a child that is idle, though another has more, which have all started', () =>
    withPool(POOL, { size: 3 }, async (engine, journal) => {
      using later = Journal.open();
      for (const _ of Array.from({ length: 3 })) {
        const warm = Array.from({ length: 300 }, () =>
          engine.submit(bodies.spinIf, ['', -1, 0], {}),
        );
        await Promise.all(warm);
      }
      const calls = Array.from({ length: 60 }, (_, i) =>
        engine.submit(bodies.spinIf, [journal.place, 7, i], {}),
      );
      await Promise.all(calls.slice(8));

      const more = Array.from({ length: 6 }, (_, i) =>
        engine.submit(bodies.spinIf, [later.place, 0, i], {}),
      );

      expect(await Promise.all(more.slice(1))).toEqual([1, 2, 3, 4, 5]);
      later.release();
      journal.release();
      await Promise.all([...calls, ...more]);
    }));
});

describe('a child all of whose calls have started', () => {
  it('is not asked again and again to give some back', () =>
    withPool(POOL, { size: 2 }, async (engine, journal) => {
      for (const _ of Array.from({ length: 20 })) {
        const warm = Array.from({ length: 64 }, (_, i) =>
          engine.submit(bodies.spinIf, [journal.place, -1, i], {}),
        );
        await Promise.all(warm);
      }
      const recall = vi.spyOn(LifeLine.prototype, 'recall');
      try {
        // The second waits for the others, which may have to be taken back; the end of the first is told when its child has a turn.
        const calls = Array.from({ length: 6 }, (_, i) =>
          engine.submit(bodies.spinIf, [journal.place, 1, i], {}),
        );
        await Promise.all(calls.slice(2));
        const until = Date.now() + 200;
        await journal.until('a pause', () => Date.now() > until);
        journal.release();
        await Promise.all(calls);

        expect(recall.mock.calls.length).toBeLessThan(20);
      } finally {
        recall.mockRestore();
      }
    }));
});

describe('a child that is in the middle of a message', () => {
  it('is cut short by the end of its pool, though Node never tells of the end of the channel then', () =>
    withPool(POOL, { size: 1 }, async (engine, journal) => {
      expect(await engine.submit(bodies.flood, [journal.place], {})).toBe('given');
      await journal.until('the flood', () => journal.names('start').length > 0);
    }));
});

describe('a sudden death among tiny calls', () => {
  it('runs none of them twice, and fails only the culprits once one is known', () =>
    withPool(POOL, { size: 2 }, async (engine, journal) => {
      const calls = Array.from({ length: 200 }, (_, i) =>
        engine.submit(bodies.killItselfIf, [journal.place, i % 50 === 20, i], {}),
      );

      const outcomes = await Promise.allSettled(calls);

      const started = journal.names('start');
      expect(started).toHaveLength(new Set(started).size);
      for (const [i, outcome] of outcomes.entries()) {
        if (i % 50 === 20) {
          expect(outcome).toMatchObject({ reason: { code: 'ERR_WORKER_DIED' } });
        } else if (outcome.status === 'rejected') {
          expect(outcome.reason).toMatchObject({ state: expect.stringMatching(/unknown|unsent/) });
        } else expect(outcome.value).toBe(i);
      }

      const again = await Promise.allSettled(
        Array.from({ length: 100 }, (_, i) =>
          engine.submit(bodies.killItselfIf, [journal.place, i % 50 === 20, 1000 + i], {}),
        ),
      );

      const failed = again.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
      expect(failed).toEqual([20, 70]);
    }));
});

describe('the ledger', () => {
  function withLedger(body: (ledger: Ledger) => void): void {
    const ledger = Ledger.create() as Ledger;
    try {
      body(ledger);
    } finally {
      ledger.close();
    }
  }

  it('tells what was written last, and nothing before or after', () => {
    withLedger((ledger) => {
      expect(ledger.read()).toBeUndefined();
      Ledger.inherited(ledger.fd, ledger.secret)?.write(5, 9, 123.5);
      expect(ledger.read()).toEqual({ from: 5, to: 9, at: 123.5 });
      ledger.close();
      expect(ledger.read()).toBeUndefined();
    });
  });

  it.each([
    ['another child', (fd: number) => Ledger.inherited(fd, 1)?.write(5, 9, 123.5)],
    ['a text', (fd: number) => writeSync(fd, 'x'.repeat(64), 0)],
    ['zeros', (fd: number) => writeSync(fd, new Uint8Array(64), 0, 64, 0)],
    ['one bit', (fd: number) => writeSync(fd, Uint8Array.of(1), 0, 1, 0)],
    ['NaN', (fd: number) => writeSync(fd, new Float64Array(4).fill(Number.NaN), 0, 32, 0)],
    ['an end', (fd: number) => ftruncateSync(fd, 24)],
  ])('that was overwritten with %s tells nothing', (_, overwrite) => {
    withLedger((ledger) => {
      Ledger.inherited(ledger.fd, ledger.secret)?.write(6, 9, 123.5);
      overwrite(ledger.fd);
      expect(ledger.read()).toBeUndefined();
    });
  });
});

describe('a list of calls', () => {
  function walk(list: CallList): number[][] {
    const seen: number[][] = [];
    while (list.advance()) seen.push([list.seq, list.index, list.attempt]);
    return seen;
  }

  it('counts numbers and indexes through its runs', () => {
    const list = new CallList();
    list.add([0, 1, 0, 10, 1, NO_CARE, ['a', 'b'], 0, 1, 2, -1, 3, NO_CARE, ['c', 'd']]);

    expect(walk(list)).toEqual([
      [0, 10, 1],
      [1, 11, 1],
      [2, 0, 3],
      [3, 0, 3],
    ]);
    list.add([0, 1, 4, 0, 1, NO_CARE, ['e']]);
    expect(walk(list)).toEqual([[4, 0, 1]]);
  });

  it('passes over what was taken back', () => {
    const list = new CallList();
    list.add([0, 1, 0, 0, 1, NO_CARE, ['a', 'b', 'c']]);

    expect([list.claims.take(1), list.claims.take(1)]).toEqual([true, false]);
    expect(walk(list).map(([seq]) => seq)).toEqual([0, 2]);
    expect([0, 1, 2].map((seq) => list.claims.take(seq))).toEqual([false, false, false]);
  });
});

describe('an empty batch', () => {
  it('says that it is', () => {
    expect(new CallBatch().isEmpty).toBe(true);
  });
});

describe('options that a worker inherits', () => {
  it.each([
    [
      ['--conditions=x', '--enable-source-maps'],
      ['--conditions=x', '--enable-source-maps'],
    ],
    [['-e', 'code()', '--no-warnings'], ['--no-warnings']],
    [['--input-type', 'module', '--eval=1'], []],
    [['--inspect-brk=0', '--inspect', '--watch-path=.', '--test'], []],
    [
      ['--import', './hook.js'],
      ['--import', './hook.js'],
    ],
  ])('%j: %j', (given, kept) => {
    expect(inheritedOptions(given)).toEqual(kept);
  });
});
