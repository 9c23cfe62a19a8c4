/**
 * What a review of the pools has found: limits that were not kept, calls that nobody answered, and what was left behind.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Call, processes, scope, task, threads } from 'skein';
import { describe, expect, it, vi } from 'vitest';
import { realClock } from '../../src/core/clock.ts';
import { planPool } from '../../src/engines/pool/pool-options.ts';
import { CallList } from '../../src/engines/process/call-list.ts';
import * as pools from './fixtures/pool-bodies.ts';
import * as bodies from './fixtures/review-bodies.ts';
import { learn, POOLS, type Pool, statsOf, thrown, withPool } from './pools.ts';

const [THREADS, PROCESSES] = POOLS as [Pool, Pool];
const entry = new URL('../../src/index.ts', import.meta.url).href;

function until(isSo: () => boolean): Promise<boolean> {
  return vi.waitUntil(isSo, { timeout: 10_000, interval: 5 });
}

/** Runs a program of its own, with options of the runtime, and gives what it prints. */
async function printed(program: string, ...flags: readonly string[]): Promise<string> {
  const all = `import { threads, processes } from ${JSON.stringify(entry)};\n${program}`;
  // A group of its own, and few descriptors.
  const options = { timeout: 20_000, detached: true };
  const shell = ['-c', 'ulimit -n 80; exec "$0" "$@"', process.execPath];
  const args = [...shell, ...flags, '--input-type=module', '-e', all];
  return (await promisify(execFile)('sh', args, options)).stdout;
}

describe.each(POOLS)('the size of a pool of $name', (pool) => {
  it('is kept while workers are replaced', async () => {
    await withPool(pool, { size: 1, maxTasks: 1 }, async (engine, journal) => {
      const calls = [1, 2, 3].map(() => engine.submit(bodies.hold, [journal.place], {}));
      await until(() => journal.names('held').length === 1);

      expect(statsOf(engine).workers).toBe(1);
      journal.release();
      await Promise.all(calls);
    });
  });

  it('is reached when one of a few calls of a quick function takes long', async () => {
    await withPool(pool, { size: 2 }, async (engine, journal) => {
      for (let n = 0; n < 200; n++) await engine.submit(bodies.holdAt, [journal.place, n, -1], {});
      expect(statsOf(engine).workers).toBe(1);
      const calls = [0, 1, 2, 3].map((n) =>
        engine.submit(bodies.holdAt, [journal.place, n, 0], {}),
      );

      expect(await Promise.all(calls.slice(1))).toEqual([1, 2, 3]);
      journal.release();
      expect(await calls[0]).toBe(0);
    });
  });

  it('is exceeded by one for one exclusive call, however many others wait', async () => {
    await withPool(pool, { size: 1 }, async (engine, journal) => {
      const calls = [1, 2, 3, 4].map(() => engine.submit(bodies.hold, [journal.place], {}));
      await engine.submit(pools.worker, [], { exclusive: true });

      expect(journal.names('held').length).toBeLessThanOrEqual(1);
      expect(statsOf(engine).workers).toBeLessThanOrEqual(2);
      journal.release();
      await Promise.all(calls);
    });
  });

  it('is what it was after an exclusive call was cancelled before its worker was there', async () => {
    await withPool(pool, { size: 1 }, async (engine, journal) => {
      const held = engine.submit(bodies.hold, [journal.place], {});
      await until(() => journal.names('held').length === 1);
      const stop = new AbortController();
      const call = engine.submit(pools.worker, [], { exclusive: true, signal: stop.signal });
      await until(() => statsOf(engine).workers === 2);
      stop.abort();
      await thrown(call);

      await until(() => statsOf(engine).workers === 1);
      journal.release();
      await held;
    });
  });

  it('holds for exclusive calls what maxTasks says', async () => {
    await withPool(pool, { size: 1, maxTasks: 1 }, async (engine) => {
      const first = await engine.submit(pools.worker, [], { exclusive: true });
      const second = await engine.submit(pools.worker, [], { exclusive: true });

      expect(second).not.toBe(first);
    });
  });
});

describe('a worker that cannot even be started', () => {
  it('fails the calls that wait for it', async () => {
    const engine = threads({ entry: 'nope.js' });
    const calls = [{}, { exclusive: true }].map((call) =>
      thrown(engine.submit(bodies.text, [], call)),
    );

    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'unstarted' });
      expect(error.cause).toBeInstanceOf(Error);
    }
    await engine[Symbol.asyncDispose]();
  });

  it('is refused with an init that it cannot be sent', () => {
    expect(() => processes({ init: new SharedArrayBuffer(8) })).toThrow(
      expect.objectContaining({ code: 'ERR_UNCLONABLE' }),
    );
  });
});

it.each(POOLS)('survives that $name cannot be started for want of descriptors', async (pool) => {
  const program = `import { closeSync, openSync } from 'node:fs';
    const call = (engine) => engine.submit(() => 'fine', [], {});
    await call(${pool.name}({ size: 1 }));
    const engine = ${pool.name}({ size: 1 });
    const open = [];
    try { for (;;) open.push(openSync('/dev/null')); } catch {}
    const error = await call(engine).catch((error) => error);
    open.forEach((fd) => closeSync(fd));
    console.log(error.state, /EMFILE/.test(error.message), await call(engine));`;

  expect(await printed(program)).toBe('unstarted true fine\n');
});

it.each(['--title=x', '--max_old_space_size=500'])(
  'starts threads in a program with %s',
  async (flag) => {
    const program = `console.log(await threads({ size: 1 }).submit(() => 'fine', [], {}));`;

    expect(await printed(program, flag)).toBe('fine\n');
  },
);

describe('timers', () => {
  it('of calls that went from one worker to another end with them', async () => {
    await withPool(THREADS, { size: 2 }, async (engine) => {
      await learn(engine, () => engine.submit(bodies.busy, [0], {}));
      const before = realClock.timers;
      for (let round = 0; round < 5; round++) {
        const calls = Array.from({ length: 2000 }, (_, n) =>
          engine.submit(bodies.busy, [n === 0 ? 20 : 0], { timeout: '1m' }),
        );
        await Promise.all(calls);
      }

      expect(realClock.timers).toBe(before);
    });
  });

  it('wait for an idle time that is longer than the host can wait', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    await withPool(THREADS, { size: 1, idle: '960h' }, async (engine) => {
      await engine.submit(bodies.text, [], {});
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    process.off('warning', warned);

    expect(warned).not.toHaveBeenCalled();
  });
});

describe('a call that dies or is killed', () => {
  it('says that what was moved is lost, when its worker died while it loaded the function', async () => {
    await withPool(THREADS, { size: 1 }, async (engine, { place }) => {
      vi.stubEnv('SKEIN_LOADS', `${place}/notes`);
      const declared = new URL('./fixtures/dies-once.ts', import.meta.url);
      const take = task(declared, (_: ArrayBuffer) => undefined, 'takeAll');
      const buffer = new ArrayBuffer(8);
      try {
        const error = await thrown(engine.submit(take, [buffer], { transfer: [buffer] }));

        expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'moved' });
      } finally {
        vi.unstubAllEnvs();
      }
    });
  });

  it('takes nothing along that waits behind it, also with an empty list of what to move', async () => {
    await withPool(THREADS, { size: 1 }, async (engine) => {
      await learn(engine, (n) => engine.submit(bodies.lengthOrExit, [n], {}));
      const exit = thrown(engine.submit(bodies.lengthOrExit, [-1], {}));
      const behind = engine.submit(bodies.lengthOrExit, [7], { transfer: [] });

      expect(await exit).toMatchObject({ state: 'running' });
      expect(await behind).toBe(7);
    });
  });

  it('takes nothing along that was to be moved behind it', async () => {
    await withPool(THREADS, { size: 1 }, async (engine) => {
      await learn(engine, (n) => engine.submit(bodies.lengthOrExit, [n], {}));
      const exit = thrown(engine.submit(bodies.lengthOrExit, [-1], {}));
      const buffer = new ArrayBuffer(8);
      const moved = engine.submit(bodies.lengthOrExit, [buffer], { transfer: [buffer] });

      expect(await exit).toMatchObject({ state: 'running' });
      expect(await moved).toBe(8);
    });
  });

  it('is killed also if it started together with others that have ended', async () => {
    await withPool(PROCESSES, { size: 1 }, async (engine) => {
      await learn(engine, (n) => engine.submit(bodies.loopAt, [n, -1], {}));
      let stop = (): void => undefined;
      const calls = Array.from({ length: 600 }, (_, n) => {
        if (n !== 500) return engine.submit(bodies.loopAt, [n, 500], {});
        return scope((inner) => {
          stop = () => inner.cancel('enough');
          return engine.submit(bodies.loopAt, [n, 500], { grace: 200 });
        });
      });
      const settled = Promise.allSettled(calls);
      // The body is at work, and cannot say so.
      await new Promise((resolve) => setTimeout(resolve, 100));
      stop();

      expect((await settled)[500]).toMatchObject({ reason: { name: 'AbortError' } });
    });
  });

  it('takes nobody along when its child survives the polite signal', async () => {
    await withPool(PROCESSES, { size: 1 }, async (engine) => {
      const stop = new AbortController();
      const call = engine.submit(bodies.surviveSigterm, [], { signal: stop.signal, grace: 1 });
      await until(() => statsOf(engine).running === 1);
      stop.abort();
      await call.catch(() => undefined);

      expect(await engine.submit(pools.workerAfter, [800], {})).toMatch(/:0$/);
    });
  });
});

describe.each(POOLS)('a worker of $name that takes no more calls, and is killed', (pool) => {
  it('gives back what it has not started: no call is lost, and none starts in the meantime', async () => {
    const learned = 12 * 500;
    const options = { size: 1, maxTasks: learned + 10 };
    await withPool(pool, options, async (engine, journal) => {
      const submit = (n: number, at: number, call: Call): Promise<number> =>
        engine.submit(bodies.surviveAt, [journal.place, n, at], call);
      await learn(engine, (n) => submit(n, -1, {}));
      const stop = new AbortController();
      const calls = Array.from({ length: 10 }, (_, n) =>
        submit(n, 0, n === 0 ? { signal: stop.signal, grace: 1 } : {}),
      );
      await journal.seen('ran');
      expect(statsOf(engine).running).toBe(10);
      stop.abort();
      const [, ...others] = await Promise.allSettled(calls);

      expect(others).toEqual(others.map((_, n) => ({ status: 'fulfilled', value: n + 1 })));
      expect(journal.names('ran')).toEqual(calls.map((_, n) => String(n)));
    });
  });
});

describe('what a body leaves', () => {
  it('is no closed port of the pool', async () => {
    await withPool(THREADS, { size: 1 }, async (engine) => {
      await engine.submit(bodies.closePorts, [], {});

      expect(await engine.submit(bodies.text, [], {})).toBe('text');
    });
  });

  it('is no program that never ends, when it has muted the console', async () => {
    const mute = `engine.submit(() => { process.stdout.write = () => true; }, [], {})`;

    const program = `const engine = threads({ size: 1 }); await ${mute}; console.log('over');`;
    expect(await printed(program)).toBe('over\n');
  });

  it('is all that it has printed, when the pool is disposed at once', async () => {
    const body = '() => { for (let i = 0; i < 4; i++) console.log(i); }';

    const program = `const engine = threads({ size: 1 });
      await engine.submit(${body}, [], {}); await engine[Symbol.asyncDispose]();`;
    expect(await printed(program)).toBe('0\n1\n2\n3\n');
  });

  it('are no arguments of calls that are over, in a child that always has more', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const list = new CallList();
    const run = (seq: number, item: object): unknown[] => [1, 1, seq, -1, 1, -1, [item]];
    const first = ((item: object) => {
      list.add(run(0, item));
      return new WeakRef(item);
    })({ payload: 'large' });
    list.add(run(1, {}));
    list.advance();
    list.advance();
    list.add(run(2, {}));
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();

    expect(first.deref()).toBeUndefined();
    expect([list.advance(), list.seq]).toEqual([true, 2]);
  });
});

it('numbers no more calls of a worker than there are numbers', () => {
  expect(planPool({ maxTasks: Number.MAX_SAFE_INTEGER }, 'threads').maxTasks).toBe(2 ** 30);
});
