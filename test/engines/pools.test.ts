/**
 * Pools: when their workers start, how many, how long they live.
 *
 * @module
 */
import { move, type PoolOptions } from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/pool-bodies.ts';
import { POOLS, thrown, withPool } from './pools.ts';

describe.each(POOLS)('the workers of $name', (pool) => {
  it('are as many as needed, one for one call after the other', () =>
    withPool(pool, { size: 2 }, async (engine) => {
      const seen = new Set<string>();
      for (let i = 0; i < 10; i++) seen.add(await engine.submit(bodies.worker, [], {}));

      expect(seen.size).toBe(1);
      expect(engine.capacity).toBe(2);
    }));

  it('are as many as `size` when all are needed', () =>
    withPool(pool, { size: 3 }, async (engine, { place }) => {
      const names = await Promise.all(
        [1, 2, 3].map(() => engine.submit(bodies.workerTogether, [place, 3], {})),
      );

      expect(new Set(names).size).toBe(3);
    }));

  it('keep the state of their modules from call to call', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const counts = [];
      for (let i = 0; i < 3; i++) counts.push(await engine.submit(bodies.countCalls, [], {}));

      expect(counts).toEqual([1, 2, 3]);
    }));

  it('are replaced after `maxTasks` tasks', () =>
    withPool(pool, { size: 1, maxTasks: 3 }, async (engine) => {
      const counts = [];
      for (let i = 0; i < 7; i++) counts.push(await engine.submit(bodies.countCalls, [], {}));

      expect(counts).toEqual([1, 2, 3, 1, 2, 3, 1]);
    }));

  it('are replaced after `maxTasks` tasks, of many that were submitted at once', () =>
    withPool(pool, { size: 1, maxTasks: 10 }, async (engine) => {
      const counts = await Promise.all(
        Array.from({ length: 35 }, () => engine.submit(bodies.countCalls, [], {})),
      );

      expect(counts).toEqual(counts.map((_, i) => (i % 10) + 1));
    }));

  it('are replaced when they hold more than `memory`, and no task is lost by it', () =>
    withPool(pool, { size: 1, memory: 100 }, async (engine) => {
      const names: string[] = [];
      for (let i = 0; i < 12; i++) names.push(await engine.submit(bodies.keepHeap, [30], {}));

      expect(new Set(names).size).toBeGreaterThan(1);
      expect(names).toHaveLength(12);
    }));

  it('get `init` once each, a copy', async () => {
    const init = { list: [1, 2], when: new Date(5) };
    await withPool(pool, { size: 2, init }, async (engine) => {
      init.list.push(3);

      const shown = await engine.submit(bodies.showInit, [], {});

      expect(shown).toMatchObject({ when: new Date(5) });
      expect(await engine.submit(bodies.showInit, [], {})).toEqual(shown);
    });
  });

  it('have no `init` where none was given', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(bodies.showInit, [], {})).toBeUndefined();
    }));

  it('end when they were idle for `idle`, and start again', () =>
    withPool(pool, { size: 1, idle: 30 }, async (engine, journal) => {
      const first = await engine.submit(bodies.worker, [], {});
      let next = first;
      // A worker that is asked too early stays: ask ever later.
      for (let pause = 60; next === first && pause < 10_000; pause *= 2) {
        const until = Date.now() + pause;
        await journal.until('a pause', () => Date.now() > until);
        next = await engine.submit(bodies.worker, [], {});
      }

      expect(next).not.toBe(first);
    }));

  it('do not end by idleness while they work', () =>
    withPool(pool, { size: 1, idle: 5 }, async (engine) => {
      expect(await engine.submit(bodies.workerAfter, [100], {})).toMatch(/\d+:\d+/);
    }));

  it('give a buffer back and take it again', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const buffer = await engine.submit(bodies.makeBuffer, [1000], {});
      const copied = await engine.submit(bodies.sumBuffer, [buffer], {});
      const moved = await engine.submit(bodies.sumBuffer, [buffer], { transfer: [buffer] });

      expect(copied).toBe(moved);
      // Between processes there is no memory to move to.
      if (pool.name === 'threads') expect(buffer.byteLength).toBe(0);
    }));

  it('a buffer that is moved twice is an error of the second call only', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const buffer = new ArrayBuffer(16);
      const call = { transfer: [buffer] };
      const [first, second, third] = await Promise.allSettled([
        engine.submit(bodies.sumBuffer, [buffer], call),
        engine.submit(bodies.sumBuffer, [buffer], call),
        engine.submit(bodies.sumBuffer, [new ArrayBuffer(4)], {}),
      ]);

      const moved = pool.name === 'threads' ? 'rejected' : 'fulfilled';
      expect([first.status, second.status, third.status]).toEqual([
        'fulfilled',
        moved,
        'fulfilled',
      ]);
    }));

  it('take and give what is marked with `move`', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const bytes = new Uint8Array(1000).fill(3);

      const back = await engine.submit(bodies.addOneInPlace, [move(bytes)], {});

      expect([back.length, back[0], back.at(-1)]).toEqual([1000, 4, 4]);
      if (pool.name === 'threads') expect(bytes.length).toBe(0);
      expect(await engine.submit(bodies.lengthAfterMove, [], {})).toBe(
        pool.name === 'threads' ? 0 : 1000,
      );
    }));

  it('all end with the pool', async () => {
    const names: string[] = [];
    await withPool(pool, { size: 2 }, async (engine, { place }) => {
      names.push(
        ...(await Promise.all(
          [1, 2].map(() => engine.submit(bodies.workerTogether, [place, 2], {})),
        )),
      );
    });

    const pids = names
      .map((name) => Number(name.split(':')[0]))
      .filter((pid) => pid !== process.pid);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
    expect(pids).toHaveLength(pool.name === 'processes' ? 2 : 0);
  });
});

describe.each(POOLS)('a body in $name', (pool) => {
  it('finds no ambient value that another has left, on any version of Node', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const together = [1, 2, 3].map((n) => engine.submit(bodies.enterAmbient, [n], {}));
      expect(await Promise.all(together)).toEqual([undefined, undefined, undefined]);

      expect(await engine.submit(bodies.enterAmbient, [4], {})).toBeUndefined();
    }));
});

describe.each(POOLS)('options of $name', (pool) => {
  it.each<[string, unknown, RegExp, typeof TypeError | typeof RangeError]>([
    ['size', 0, /size.*0/, RangeError],
    ['size', -1, /size.*-1/, RangeError],
    ['size', 1.5, /size.*1\.5/, RangeError],
    ['size', Number.NaN, /size.*NaN/, RangeError],
    ['size', '2', /size.*'2'/, TypeError],
    ['size', null, /size.*null/, TypeError],
    ['idle', -1, /idle.*-1/, RangeError],
    ['idle', {}, /idle/, TypeError],
    ['maxTasks', 0, /maxTasks.*0/, RangeError],
    ['maxTasks', '5', /maxTasks.*'5'/, TypeError],
    ['memory', -5, /memory.*-5/, RangeError],
    ['memory', 'much', /memory.*'much'/, TypeError],
    ['grace', -1, /grace.*-1/, RangeError],
    ['grace', 'soon', /grace.*soon/, RangeError],
  ])('%s: %o is an immediate error', (name, value, says, Wrong) => {
    const make = (): unknown => pool.make({ [name]: value } as PoolOptions);

    expect(make).toThrow(Wrong);
    expect(make).toThrow(says);
  });

  it.each([7, 'two', null])('%o is no options', (options) => {
    expect(() => pool.make(options as unknown as PoolOptions)).toThrow(TypeError);
  });

  it('`init` that cannot be sent is an error by its path', () =>
    withPool(pool, { size: 1 }, async () => {
      const make = (): Promise<unknown> =>
        withPool(pool, { size: 1, init: { go: (): number => 1 } }, (engine) =>
          engine.submit(bodies.worker, [], {}),
        );

      expect(await thrown(make())).toMatchObject({ code: 'ERR_UNCLONABLE' });
    }));
});
