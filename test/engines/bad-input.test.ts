/**
 * Wrong use of the engines with workers: an immediate error that names the option, its bound and the value.
 *
 * @module
 */
import {
  generateIn,
  generateInProcess,
  generateInThread,
  inProcess,
  inThread,
  moduleTasks,
  move,
  processes,
  processPool,
  runSync,
  threadPool,
  threads,
} from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/deaths.ts';
import { POOLS, thrown, withPool } from './pools.ts';

// Wrong on purpose: what a caller without types can do.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;
const fn = (): number => 1;

function* none(): Generator<number> {
  yield* [];
}

type Wrong = readonly [() => unknown, typeof TypeError | typeof RangeError, RegExp];

describe('is refused at once, by name, with its bound and the value', () => {
  it.each<Wrong>([
    [() => threads({ size: 2 ** 53 }), RangeError, /size.*>= 1.*got 9007199254740992/],
    [() => processes({ size: Number.POSITIVE_INFINITY }), RangeError, /size.*got Infinity/],
    [() => threads({ maxTasks: Number.POSITIVE_INFINITY }), RangeError, /maxTasks.*got Infinity/],
    [() => processes({ memory: 0.5 }), RangeError, /memory.*>= 1.*got 0.5/],
    [() => threads({ idle: Number.NaN }), RangeError, /idle.*>= 0.*got NaN/],
    [() => processes({ grace: Number.NaN }), RangeError, /grace.*>= 0.*got NaN/],
    [() => threads({ entry: 5 as Anything }), TypeError, /entry.*path or a URL.*got 5/],
    [() => threads(fn as Anything), TypeError, /options of threads.*object.*got function fn/],
    [() => processes('2' as Anything), TypeError, /options of processes.*object.*got '2'/],
    [() => moduleTasks('./x.ts'), TypeError, /url.*absolute.*got '\.\/x\.ts'.*new URL\(/],
    [() => moduleTasks(5 as Anything), TypeError, /url.*URL or path.*got 5/],
    [() => move(5 as never), TypeError, /value of move.*ArrayBuffer.*got 5/],
  ])('an option of an engine: %s', (make, Kind, says) => {
    expect(make).toThrow(Kind);
    expect(make).toThrow(says);
  });

  it.each<Wrong>([
    [() => runSync(undefined as Anything), TypeError, /fn.*function.*got undefined/],
    [() => runSync.with(undefined as Anything), TypeError, /runSync\.with.*object.*got undefined/],
    [() => runSync.with({ timeout: 0 }), RangeError, /timeout.*> 0.*got 0/],
    [() => runSync.with({ timeout: -1 }), RangeError, /timeout.*>= 0.*got -1/],
    [() => runSync.with({ timeout: 'x' as Anything }), RangeError, /timeout.*duration.*got 'x'/],
    [() => runSync.with({ timeout: null as Anything }), TypeError, /timeout.*duration.*got null/],
    [() => runSync.with({ timeout: '1s' })(5 as Anything), TypeError, /fn.*function.*got 5/],
  ])('what runSync is given: %s', (make, Kind, says) => {
    expect(make).toThrow(Kind);
    expect(make).toThrow(says);
  });

  it.each<Wrong>([
    [() => generateInThread(5 as Anything), TypeError, /fn.*function.*got 5/],
    [() => generateInProcess(null as Anything), TypeError, /fn.*function.*got null/],
    [() => generateIn({} as Anything, {}, none), TypeError, /engine.*got an instance of Object/],
    [() => generateIn(threads(), 7 as Anything, none), TypeError, /options of generateIn.*got 7/],
    [() => generateIn(threads(), {}, 5 as Anything), TypeError, /fn.*function.*got 5/],
    [() => generateIn(threads(), { prefetch: -1 }, none), RangeError, /prefetch.*>= 0.*got -1/],
    [() => generateIn(threads(), { prefetch: '3' as Anything }, none), TypeError, /prefetch.*'3'/],
    [() => generateIn(threads(), { grace: -1 }, none), RangeError, /grace.*>= 0.*got -1/],
    [() => generateIn(threads(), { signal: 5 as Anything }, none), TypeError, /signal.*got 5/],
    [() => generateIn(threads(), { name: 5 as Anything }, none), TypeError, /name.*string.*got 5/],
  ])('what a generator is given: %s', (make, Kind, says) => {
    expect(make).toThrow(Kind);
    expect(make).toThrow(says);
  });

  it.each(
    [threadPool, processPool].flatMap((pool): Wrong[] => [
      [() => pool.initialize(5 as Anything), TypeError, /options of initialize.*got 5/],
      [() => pool.initialize(null as Anything), TypeError, /options of initialize.*got null/],
      [() => pool.initialize({ maxWorkers: 1.5 }), RangeError, /maxWorkers.*>= 1.*got 1.5/],
      [() => pool.initialize({ maxWorkers: Number.NaN }), RangeError, /maxWorkers.*got NaN/],
      [() => pool.initialize({ maxWorkers: null as Anything }), TypeError, /maxWorkers.*got null/],
    ]),
  )('how a shared pool is started: %s', (make, Kind, says) => {
    expect(make).toThrow(Kind);
    expect(make).toThrow(says);
    expect([threadPool.initialized, processPool.initialized]).toEqual([false, false]);
  });

  it.each<Wrong>([
    [() => inThread(undefined as Anything), TypeError, /fn.*function.*got undefined/],
    [() => inProcess('x' as Anything), TypeError, /fn.*function.*got 'x'/],
    [() => threadPool.shutdown(5 as Anything), TypeError, /options of shutdown.*got 5/],
    [() => processPool.shutdown({ wait: 'no' as Anything }), TypeError, /wait.*boolean.*got 'no'/],
    ...[threads(), processes()].flatMap((engine): Wrong[] => {
      const submit = (call: Anything) => (): unknown => engine.submit(fn, [], call);
      return [
        [submit(null), TypeError, /options of submit.*object.*got null/],
        [submit({ index: -1 }), RangeError, /index.*>= 0.*got -1/],
        [submit({ index: 'a' }), TypeError, /index.*integer.*got 'a'/],
        [submit({ attempt: 0 }), RangeError, /attempt.*>= 1.*got 0/],
        [submit({ name: 5 }), TypeError, /name.*string.*got 5/],
        [submit({ exclusive: 'yes' }), TypeError, /exclusive.*boolean.*got 'yes'/],
      ];
    }),
  ])('what gives a promise, which rejects: %s', async (call, Kind, says) => {
    const error = await thrown(call() as Promise<unknown>);

    expect(error).toBeInstanceOf(Kind);
    expect(error.message).toMatch(says);
  });
});

describe('a module of tasks', () => {
  interface Tasks {
    missing(): number;
  }

  it('that does not exist: which one it is', async () => {
    const url = new URL('./fixtures/no-such-module.ts', import.meta.url);
    const error = await thrown(moduleTasks<Tasks>(url).missing());

    expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', url: url.href, task: 'missing' });
    expect(error.message).toContain(`Cannot load ${url.href} for the task "missing"`);
  });

  it('that does not export the name: what it does export', async () => {
    const url = new URL('./fixtures/plain.ts', import.meta.url);
    const error = await thrown(moduleTasks<Tasks>(url).missing());

    expect(error).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', url: url.href, task: 'missing' });
    expect(error.message).toMatch(
      /"missing" in .*: it exports nothing of that name. Its functions are double/,
    );
  });
});

describe.each(POOLS)('$name that were disposed', (pool) => {
  it('refuse calls and generators, and say what to do', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await engine[Symbol.asyncDispose]();

      for (const late of [
        engine.submit(bodies.add, [1, 2], {}),
        generateIn(engine, {}, none).next(),
      ]) {
        expect(await thrown(late)).toMatchObject({
          code: 'ERR_ENGINE_CLOSED',
          message: expect.stringMatching(/disposed; make a new one$/),
        });
      }
    }));
});
