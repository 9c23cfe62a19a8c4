/**
 * Instances of classes among arguments and results: they arrive without their class, which is a warning of the process, once for each class and
 * kind of thing, and named by its path where a body then fails.
 *
 * @module
 */

import { createSecretKey } from 'node:crypto';
import { BlockList, SocketAddress } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { type Engine, Queue, runSync } from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS, thrown } from './pools.ts';
import { newClass, said } from './warned.ts';

type Body = (...args: never[]) => unknown;

/** A way to run a body. */
interface Way {
  readonly name: string;
  run(fn: Body, ...args: unknown[]): Promise<unknown>;
}

const engines: readonly [string, Engine][] = POOLS.map(({ name, make }) => [name, make()]);
const ways: readonly Way[] = [
  ...engines.map(
    ([name, engine]): Way => ({
      name,
      run: (fn, ...args) => engine.submit(fn as () => unknown, args as [], {}),
    }),
  ),
  { name: 'runSync', run: async (fn, ...args) => runSync(fn as () => unknown, ...(args as [])) },
];

describe.each(ways)('an instance among the arguments of $name', ({ run }) => {
  it('is a warning that names it by its path and its class', async () => {
    const Point = newClass();

    expect(
      await run((p: object) => Object.getPrototypeOf(p) === Object.prototype, new Point()),
    ).toBe(true);

    const [message, ...others] = await said();
    expect(message).toMatch(
      /^argument 0 is an instance of Point and arrives as a plain object, .* at .*instances\.test\.ts:\d+:\d+\)$/,
    );
    expect(others).toEqual([]);
  });

  it.each<readonly [path: string, of: (p: object) => unknown]>([
    ['argument 1', (p) => p],
    ['args[1].a.b', (p) => ({ a: { b: p } })],
    ['args[1][2]', (p) => [0, 1, p]],
    ['args[1]["a b"]', (p) => ({ 'a b': p })],
    ['args[1][1]', (p) => new Map([['key', p]])],
    ['args[1].set[0]', (p) => ({ set: new Set([p]) })],
  ])('is named where it is: %s', async (path, of) => {
    const Point = newClass();

    await run(() => undefined, 0, of(new Point()));

    expect(await said()).toEqual([
      expect.stringContaining(`${path} is an instance of Point and arr`),
    ]);
  });

  it('is a warning once a class, however often it comes and wherever it is', async () => {
    const Point = newClass();

    for (let n = 0; n < 5; n++)
      await run(() => undefined, [new Point(n), new Point(n)], new Point());
    await run(() => undefined, { deep: new Point() });

    expect(await said()).toHaveLength(1);
  });

  it('is named by the error of a body that misses its methods', async () => {
    const Point = newClass();
    const direct = (p: { s(): number }) => p.s();
    const deep = (given: { list: { s(): number }[] }) => given.list[0]?.s();

    const errors = [
      await thrown(run(direct, new Point())),
      await thrown(run(deep, { list: [new Point()] })),
    ];

    expect(errors.map(({ message }) => message)).toEqual([
      // Bun adds what was looked at.
      expect.stringMatching(
        /^p\.s is not a function.*: argument 0 \(an instance of Point\) arrives as a plain object$/,
      ),
      expect.stringMatching(
        /is not a function.*: args\[0\]\.list\[0\] \(an instance of Point\) arrives as a plain object$/,
      ),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(TypeError);
      expect(error.stack?.startsWith(`TypeError: ${error.message}\n`)).toBe(true);
    }
  });

  it('is named by the error of a body that misses a getter, but by no other error', async () => {
    class Size {
      width = 1;
      get box() {
        return { height: this.width };
      }
    }
    const getter = (size: Size) => size.box.height;
    const other = (_: unknown) => {
      throw new TypeError('of another kind');
    };
    const range = (_: unknown) => {
      throw new RangeError('this is not a function of ours');
    };

    expect((await thrown(run(getter, new Size()))).message).toMatch(
      /undefined.*: argument 0 \(an instance of Size\) arrives as a plain object$/,
    );
    expect((await thrown(run(other, new Size()))).message).toBe('of another kind');
    expect((await thrown(run(range, new Size()))).message).toBe('this is not a function of ours');
  });

  it('is also one of a class that extends a built-in one, or has no name, or no class at all', async () => {
    const Registry = class Registry extends Map<string, number> {};
    const List = class List extends Array<number> {};
    const Day = class Day extends Date {};
    const Refused = class Refused extends RangeError {};
    const Bytes = class Bytes extends Uint8Array {};
    const Text = class Text extends String {};
    const [Nameless] = [class {}] as const;

    for (const value of [
      new Registry([['a', 1]]),
      List.of(1),
      new Day(0),
      new Refused('no'),
      new Bytes(1),
      new Text('t'),
      new Nameless(),
      Object.create({ hidden() {} }),
    ]) {
      await run(() => undefined, value);
    }

    expect((await said()).map((message) => /^(.*?), without/.exec(message)?.[1])).toEqual([
      'argument 0 is an instance of Registry and arrives as a Map',
      'argument 0 is an instance of List and arrives as an Array',
      'argument 0 is an instance of Day and arrives as a Date',
      'argument 0 is an instance of Refused and arrives as a RangeError',
      'argument 0 is an instance of Bytes and arrives as a Uint8Array',
      'argument 0 is an instance of Text and arrives as a String',
      'argument 0 is an instance of a class without a name and arrives as a plain object',
      'argument 0 is an object with a prototype of its own and arrives as a plain object',
    ]);
  });

  it('is refused, and no warning, where it cannot be cloned', async () => {
    class Client {
      host = 'h';
      send = (): number => 1;
    }

    const error = await thrown(run(() => undefined, new Client()));

    expect(error).toMatchObject({ code: 'ERR_UNCLONABLE', path: 'args[0].send' });
    expect(await said()).toEqual([]);
  });

  it('is none where everything arrives as it is', async () => {
    const foreign = (await import('node:vm')).runInNewContext(
      '({ a: [1, new Map([[1, new Set([2])]])], d: new Date(0), r: /a/ })',
    ) as unknown;
    const values = [
      { plain: [1, 'two', { three: 3n }] },
      Object.assign(Object.create(null), { k: 1 }),
      foreign,
      new Map([[1, new Set([2])]]),
      new Date(0),
      /a/g,
      new RangeError('r'),
      new Uint8Array(2),
      Buffer.from('b'),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(2)),
      Object(1),
      Object('text'),
    ];

    for (const value of values) await run(() => undefined, value);

    expect(await said()).toEqual([]);
  });
});

describe.each(ways)('what has no meaning without its class, and $name', ({ run }) => {
  it.each<readonly [string, object]>([
    ['URL', new URL('http://localhost/')],
    ['Response', new Response()],
  ])(
    'an object of the host that is empty without its class is refused: %s',
    async (what, value) => {
      const given = thrown(run(() => undefined, { deep: [value] }));
      expect(await given).toMatchObject({ code: 'ERR_UNCLONABLE', path: 'args[0].deep[0]' });
      expect((await given).message).toContain(`is an instance of ${what}`);

      const made = (name: string): unknown =>
        name === 'URL' ? new URL('http://localhost/') : new Response();
      expect(await thrown(run(made, what))).toMatchObject({
        code: 'ERR_UNCLONABLE',
        path: 'result',
      });
    },
  );
});

describe.each(ways)('a Map or Set of another realm and $name', ({ run }) => {
  it('arrives as one, beside shared things too', async () => {
    const { runInNewContext } = await import('node:vm');
    const both = runInNewContext('({ map: new Map([["k", new Set([1])]]) })') as {
      map: Map<string, Set<number>>;
    };
    const read = ({ map }: typeof both) => [map instanceof Map, map.get('k')?.has(1)];

    expect(await run(read, both)).toEqual([true, true]);
    expect(await said()).toEqual([]);
  });
});

describe.each(ways)('an object without a prototype and $name', ({ run }) => {
  const bare = (): object => Object.assign(Object.create(null), { k: 1 });
  const shown = (given: { k: number }) => [
    given.k,
    Object.getPrototypeOf(given) === Object.prototype,
  ];
  const give = () => Object.assign(Object.create(null), { k: 1 });

  it('arrives as a plain object, and nobody is warned', async () => {
    expect(await run(shown, bare())).toEqual([1, true]);
    expect(await run((given: [{ k: number }]) => given[0].k, [bare()])).toBe(1);
    expect(await run(give)).toEqual({ k: 1 });

    expect(await said()).toEqual([]);
  });
});

it.each(engines)('a Map of another realm may hold what %s share', async (_, engine) => {
  const queue = new Queue<number>();
  const map = (await import('node:vm')).runInNewContext('new Map()') as Map<string, Queue<number>>;
  map.set('queue', queue);

  await engine.submit((given: Map<string, Queue<number>>) => given.get('queue')?.put(7), [map], {});

  expect(await queue.get()).toBe(7);
});

it.each(engines)('an object without a prototype may hold what %s share', async (_, engine) => {
  const queue = new Queue<number>();
  const bare = Object.assign(Object.create(null) as { queue: Queue<number> }, { queue });

  await engine.submit((given: { queue: Queue<number> }) => given.queue.put(7), [bare], {});

  expect(await queue.get()).toBe(7);
});

it.each(POOLS)('an instance in the init of $name is a warning', async ({ make }) => {
  const Point = newClass();

  const engine = make({ size: 1, init: { at: new Point() } });

  expect(await said()).toEqual([
    expect.stringContaining('init.at is an instance of Point and arr'),
  ]);
  await engine[Symbol.asyncDispose]();
});

// Bun cannot clone them, and Deno loses the message that holds one.
it.skipIf('Bun' in globalThis || 'Deno' in globalThis)(
  'objects of the host that a clone keeps are none, in a thread',
  async () => {
    const [, engine] = engines[0] as [string, Engine];
    const values = [
      createSecretKey(Buffer.from('k')),
      new Blob(['b']),
      new BlockList(),
      new SocketAddress({}),
      createHistogram(),
      new SharedArrayBuffer(2),
    ];

    for (const value of values) await engine.submit((_: unknown) => undefined, [value], {});

    expect(await said()).toEqual([]);
  },
);

it('the result of runSync is a warning too', async () => {
  const result = runSync(() => {
    const Mark = class Mark {
      n = 1;
    };
    return { mark: new Mark() };
  });

  expect(result).toEqual({ mark: { n: 1 } });
  expect(await said()).toEqual([expect.stringContaining('result.mark is an instance of Mark and')]);
});
