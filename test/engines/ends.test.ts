/**
 * Ends of engines and generators: whoever waits for one is told when it is over, whoever began it, however often, and in whatever state the
 * workers are; who would wait for itself is told at once.
 *
 * @module
 */
import {
  type Call,
  type Engine,
  generateIn,
  loop,
  moduleTasks,
  processes,
  runSync,
  sleep,
  TimedOut,
  threadPool,
  threads,
} from 'skein';
import { fibers } from 'skein/fiber';
import { describe, expect, it, onTestFinished } from 'vitest';
import { add, hold } from '../../src/testing/engine/contract-tasks.ts';
import { Journal } from '../../src/testing/engine/journal.ts';
import { isAlive, isPendingFor, POOLS, thrown, workersOf } from './pools.ts';

describe.each(POOLS)('the end of $name', (pool) => {
  const dispose = (engine: Engine): Promise<void> => Promise.resolve(engine[Symbol.asyncDispose]());

  it('is over for both who wait, while its workers load', async () => {
    using journal = Journal.open();
    process.env.SKEIN_LOADS = `${journal.place}/journal`;
    onTestFinished(() => {
      delete process.env.SKEIN_LOADS;
    });
    const entry = new URL('./fixtures/never-ready.ts', import.meta.url);
    const engine = pool.make({ size: 1, entry });
    const stop = new AbortController();
    const waiting = thrown(engine.submit(add, [1, 2], { signal: stop.signal }));
    await journal.seen('pid');

    const ends = [dispose(engine), dispose(engine)];
    stop.abort();
    await ends[1];

    expect(workersOf(engine)).toBe(0);
    await Promise.all([waiting, ...ends]);
  });

  it('is over for both who wait, while a worker is being killed', async () => {
    using journal = Journal.open();
    const engine = pool.make({ size: 1 });
    const stop = new AbortController();
    const call: Call = { signal: stop.signal, grace: 10 };
    const deaf = (place: string) => {
      process
        .getBuiltinModule('node:fs')
        .appendFileSync(`${place}/journal`, `pid ${process.pid}\n`);
      // Deno 2.9 cannot be killed at all then.
      if (!('Deno' in globalThis)) process.on('SIGTERM', () => {});
      for (;;);
    };
    const killed = thrown(engine.submit<[string], never>(deaf, [journal.place], call));
    await journal.seen('pid');
    stop.abort();
    const first = dispose(engine);
    await sleep(15);

    await dispose(engine);

    expect(workersOf(engine)).toBe(0);
    const pid = Number(journal.names('pid')[0]);
    if (pid !== process.pid) expect(isAlive(pid)).toBe(false);
    await Promise.all([killed, first]);
  });

  it('is a TypeError for what one of its calls has called back; the engine goes on', async () => {
    const engine = pool.make({ size: 1 });
    const call = (called: () => Promise<string>) => called();

    const message = await engine.submit(
      call,
      [async () => (await thrown(dispose(engine))).message],
      {},
    );

    expect(message).toMatch(/would wait for itself/);
    expect(await engine.submit(add, [1, 2], {})).toBe(3);
    await dispose(engine);
  });

  it('may be waited for in a callback of another pool', async () => {
    const engine = pool.make({ size: 1 });
    await engine.submit(add, [1, 2], {});
    const other = pool.make({ size: 1 });
    const call = (called: () => Promise<string>) => called();

    const told = await other.submit(
      call,
      [
        async () => {
          await dispose(engine);
          return 'over';
        },
      ],
      {},
    );

    expect([told, workersOf(engine)]).toEqual(['over', 0]);
    await dispose(other);
  });

  it('a call that calls back by way of another pool gets a worker of its own: a full pool does not wait for itself', async () => {
    const engine = pool.make({ size: 1 });
    const other = pool.make({ size: 1 });
    const call = (called: () => Promise<number>) => called();

    const inside = () => engine.submit(add, [1, 2], {});
    const sum = await engine.submit(call, [() => other.submit(call, [inside], {})], {});

    expect(sum).toBe(3);
    await Promise.all([dispose(engine), dispose(other)]);
  });
});

describe.each(POOLS)('a generator in $name', (pool) => {
  const engine = pool.make();

  /** Waits in its first step, and cleans up for a while. */
  async function* slow(place: string) {
    const { appendFileSync } = await import('node:fs');
    const { sleepForever } = await import('skein');
    try {
      appendFileSync(`${place}/journal`, 'start generator\n');
      await sleepForever();
      yield 1;
    } finally {
      await new Promise((resolve) => setTimeout(resolve, 50));
      appendFileSync(`${place}/journal`, 'end generator\n');
    }
  }

  it('is left while `next` is pending, by two at once: both are told when its `finally` has run', async () => {
    using journal = Journal.open();
    const generator = generateIn(engine, {}, slow, journal.place);
    const pending = generator.next();
    await journal.seen('start');

    const ends = [generator.return(undefined), generator[Symbol.asyncDispose]()];
    const seen = ends.map((end) => Promise.resolve(end).then(() => journal.names('end')));

    expect(await Promise.all(seen)).toEqual([['generator'], ['generator']]);

    expect(await pending).toEqual({ value: undefined, done: true });
    expect(await generator.return(undefined)).toEqual({ value: undefined, done: true });
  });

  it('is left before its worker is there, twice', async () => {
    const generator = generateIn(pool.make(), {}, function* () {
      yield 1;
    });
    const pending = generator.next();

    await Promise.all([generator.return(undefined), generator.return(undefined)]);

    expect((await pending).done).toBe(true);
  });

  it('is left in a callback of its own step: that is no wait for itself', async () => {
    const generator = generateIn(
      engine,
      {},
      async function* (leave: () => Promise<void>) {
        await leave();
        yield 1;
      },
      async () => {
        await generator.return(undefined as never);
      },
    ) as AsyncGenerator<number, unknown>;

    expect((await generator.next()).done).toBe(true);
  });
});

describe('what has nothing to end', () => {
  it.each([
    ['loop()', loop],
    ['fibers()', fibers],
    ['threads()', threads],
    ['processes()', processes],
  ] as const)('%s may be disposed of any number of times', async (_, make) => {
    const engine = make();

    await Promise.all([engine[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);

    expect(await engine.submit(add, [1, 2], {})).toBe(3);
  });

  it('the tasks of a module run on the shared pool, whose end waits for them', async () => {
    using journal = Journal.open();
    type Tasks = typeof import('../../src/testing/engine/contract-tasks.ts');
    const url = new URL('../../src/testing/engine/contract-tasks.ts', import.meta.url);
    const running = moduleTasks<Tasks>(url).hold(journal.place, 'running');
    await journal.seen('start');
    await threadPool.shutdown({ wait: false });

    const over = threadPool.shutdown();

    expect(await isPendingFor(20, over)).toBe(true);
    journal.release();
    await over;
    expect(await running).toBe('running');
  });

  it('the worker of runSync has no end to wait for: a call that is given up leaves nothing to the next', () => {
    const endless = () => new Promise<never>(() => setInterval(() => {}, 1000));

    for (let round = 0; round < 3; round++) {
      expect(() => runSync.with({ timeout: '50ms' })(endless)).toThrow(TimedOut);
      expect(runSync(() => 'next')).toBe('next');
    }
  });
});

describe('the end of fibers', () => {
  it('is a TypeError in one of its bodies, and the engine goes on', async () => {
    const engine = fibers({});

    const message = await engine.submit(
      async () => (await thrown(Promise.resolve(engine[Symbol.asyncDispose]()))).message,
      [],
      {},
    );

    expect(message).toMatch(/would wait for itself/);
    expect(await engine.submit(add, [1, 2], {})).toBe(3);
    await engine[Symbol.asyncDispose]();
  });

  it('is over for both who wait', async () => {
    using journal = Journal.open();
    const engine = fibers({});
    const running = engine.submit(hold, [journal.place, 'running'], {});
    await journal.seen('start');

    const ends = [engine[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()];
    expect(await isPendingFor(20, Promise.race(ends))).toBe(true);
    journal.release();
    await Promise.all(ends);

    expect(await running).toBe('running');
  });
});
