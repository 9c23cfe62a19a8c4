/**
 * What arrives is what was sent, or is refused by its path: classes with methods that limiters have too, views of buffers, objects of the
 * host, and lists of it.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createSecretKey, webcrypto } from 'node:crypto';
import { BlockList, SocketAddress } from 'node:net';
import {
  allOf,
  Barrier,
  Deferred,
  type Engine,
  generateIn,
  Lock,
  processes,
  Queue,
  runSync,
  Semaphore,
  threads,
} from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS, thrown } from './pools.ts';
import { said } from './warned.ts';

type Body = (...args: never[]) => unknown;
type Run = (fn: Body, ...args: unknown[]) => Promise<unknown>;

function runsOn(engine: Engine): Run {
  return (fn, ...args) => engine.submit(fn as () => unknown, args as [], {});
}

/** The types of this project know no WebAssembly. */
interface WithWebAssembly {
  readonly WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };
}

const compiled = (): object =>
  new (globalThis as unknown as WithWebAssembly).WebAssembly.Module(
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]),
  );

describe.each(POOLS)('$name', ({ make }) => {
  const run = runsOn(make());

  it('a class with a method `run` arrives with its fields', async () => {
    class Job {
      id = 7;
      run(): void {}
    }
    const jobs = [new Job(), new Job()];
    const ids = (given: { list: Job[]; one: Job }): number[] =>
      [...given.list, given.one].map(({ id }) => id);

    expect(await run(ids, { list: jobs, one: new Job() })).toEqual([7, 7, 7]);
    expect(await said()).toEqual([expect.stringContaining('is an instance of Job and arrives as')]);
    expect(
      await run(
        () =>
          new (class Task extends Object {
            id = 8;
            run(): void {}
          })(),
      ),
    ).toEqual({
      id: 8,
    });
    expect(await run(() => 1, new AsyncLocalStorage())).toBe(1);
    await said();
  });

  it('a limiter that is one by its class, or says so, is lent', async () => {
    const foreign = new (class {
      readonly paces = false;
      async run(fn: () => unknown): Promise<unknown> {
        return fn();
      }
    })();
    const use = (limit: { run(fn: () => number): Promise<number> }): Promise<number> =>
      limit.run(() => 5);

    for (const limit of [foreign, new Lock(), allOf(new Semaphore(1))]) {
      expect(await run(use, limit)).toBe(5);
    }
    expect(await said()).toEqual([]);
  });

  it('views own their buffers, and share them as they did', async () => {
    const shared = new ArrayBuffer(8);
    const given = { a: new Uint8Array(shared), b: new DataView(shared), c: shared };
    const look = (x: typeof given): unknown => {
      x.a[3] = 9;
      return [x.b.getUint32(0), x.c === x.a.buffer, x.b.buffer === x.c, x.a.byteOffset];
    };
    expect(await run(look, given)).toEqual([9, true, true, 0]);
    expect(
      await run(
        (b: Uint8Array) => new DataView(b.buffer).getUint32(0),
        new Uint8Array([0, 0, 1, 0]),
      ),
    ).toBe(256);
    const halves = [new Uint16Array(shared, 0, 2), new Uint16Array(shared, 4, 2)];
    expect(
      await run(([x, y]: Uint16Array[]) => [x?.buffer === y?.buffer, y?.byteOffset], halves),
    ).toEqual([true, 4]);
  });

  it('views that come back own their buffers', async () => {
    const sizes = (view: Uint8Array): unknown => [view.byteOffset, view.buffer.byteLength];
    const result = await run(() => new Uint8Array([1, 2]));
    expect(sizes(result as Uint8Array)).toEqual([0, 2]);
    const called: unknown[] = [];
    await run(
      (back: (v: Uint8Array) => unknown) => back(new Uint8Array(3)),
      (view: Uint8Array) => {
        called.push(sizes(view));
      },
    );
    expect(called).toEqual([[0, 3]]);
    const error = await thrown(
      run(() => {
        throw Object.assign(new Error('e'), { bytes: new Uint8Array(4) });
      }),
    );
    expect(sizes(error.bytes as Uint8Array)).toEqual([0, 4]);
    for await (const view of generateIn(make(), {}, function* () {
      yield new Uint8Array(5);
    }))
      expect(sizes(view)).toEqual([0, 5]);
    const queue = new Queue<Uint8Array>();
    await queue.put(new Uint8Array(6));
    const got = async (q: Queue<Uint8Array>): Promise<unknown> => {
      const view = await q.get();
      return [view.byteOffset, view.buffer.byteLength];
    };
    expect(await run(got, queue)).toEqual([0, 6]);
  });

  it('lists of the host are refused with the way out', async () => {
    const form = new FormData();
    const given = (function (..._: unknown[]): object {
      // biome-ignore lint/complexity/noArguments: it is what is passed
      return arguments;
    })(1);
    for (const list of [new Headers(), new URLSearchParams(), form, given]) {
      expect(await thrown(run(() => 1, { list }))).toMatchObject({
        path: 'args[0].list',
        message: expect.stringContaining('pass [...it]'),
      });
    }
  });

  it('a body that misses the class of what can be iterated is told', async () => {
    class Rows {
      readonly n = 2;
      *[Symbol.iterator](): Generator<number> {
        yield 1;
      }
    }
    const sum = (rows: Iterable<number>): unknown => [...rows];

    const error = await thrown(run(sum, new Rows()));

    expect(error.message).toContain('argument 0 (an instance of Rows) arrives as an asynchronous');
  });

  it('a generator that was given is told how to be one', async () => {
    const error = await thrown(run(() => (function* () {})()));

    expect(error.message).toContain(
      'result is a generator, which a worker cannot lend: generateIn',
    );
  });

  it('the environment is no instance', async () => {
    expect(await run((env: { readonly PATH?: string }) => typeof env.PATH, process.env)).toBe(
      'string',
    );
    expect(await said()).toEqual([]);
  });
});

describe('another process', () => {
  const run = runsOn(processes());
  const HOST: readonly [string, () => unknown][] = [
    ['Blob', () => new Blob(['b'])],
    ['File', () => new File(['b'], 'name')],
    ['KeyObject', () => createSecretKey(Buffer.from('k'))],
    ['BlockList', () => new BlockList()],
    ['SocketAddress', () => new SocketAddress({})],
    ['DOMException', () => new DOMException('d', 'AbortError')],
    ['WebAssembly.Module', compiled],
    ['SharedArrayBuffer', () => new SharedArrayBuffer(1)],
  ];

  it.each(HOST)('is not sent a %s', async (name, make) => {
    const error = await thrown(run(() => 1, { deep: [make()] }));

    expect(error).toMatchObject({ code: 'ERR_UNCLONABLE', path: 'args[0].deep[0]' });
    expect(error.message).toContain(`is an instance of ${name}, which only a thread can be sent`);
    // A thread is.
    expect(await runsOn(threads())(() => 1, { deep: [make()] })).toBe(1);
  });

  it('is not sent a CryptoKey', async () => {
    const key = await webcrypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, [
      'encrypt',
    ]);

    expect(await thrown(run(() => 1, key))).toMatchObject({ path: 'args[0]' });
  });

  it('sends none of them, whatever the way', async () => {
    const blob = (): unknown => new Blob(['b']);
    for (const made of [blob, compiled]) {
      expect(await thrown(run(made))).toMatchObject({ path: 'result' });
      const callsBack = async (back: () => Promise<unknown>): Promise<unknown> => await back();
      expect(await thrown(run(callsBack, made))).toMatchObject({ path: 'item' });
    }
    const sends = (back: (b: Blob) => unknown): unknown => back(new Blob(['b']));
    expect(await thrown(run(sends, () => 1))).toMatchObject({ path: 'sent[0]' });
    const steps = generateIn(processes(), {}, function* () {
      yield new Blob(['b']);
    });
    expect(await thrown(steps.next())).toMatchObject({ path: 'value' });
  });

  it('fails no call but the one that is to blame', async () => {
    const ends = await Promise.allSettled([
      run((n: number) => n, 1),
      run(() => 2, { module: compiled() }),
      run((n: number) => n, 3),
    ]);

    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('is not given one as init, and has the views in it whole', async () => {
    expect(() => processes({ init: { file: new Blob(['b']) } })).toThrow(
      expect.objectContaining({ path: 'init.file' }),
    );
    const engine = processes({ size: 1, init: new Float64Array(2) });
    const bytes = await engine.submit(
      async () => {
        const { initData } = await import('skein');
        return initData<Float64Array>()?.buffer.byteLength;
      },
      [],
      {},
    );
    await engine[Symbol.asyncDispose]();
    expect(bytes).toBe(16);
  });

  it('is sent the part of a large buffer that a lone view looks at, and no pool of buffers', async () => {
    const look = (view: Uint8Array): unknown => [
      view.byteOffset,
      view.buffer.byteLength,
      view.constructor.name,
    ];
    expect(await run(look, new Uint8Array(1000).subarray(3, 5))).toEqual([0, 2, 'Uint8Array']);
    expect(await run(look, Buffer.from('hi'))).toEqual([0, 2, 'Buffer']);
    expect(await run(look, new Uint8Array(new SharedArrayBuffer(3)))).toEqual([0, 3, 'Uint8Array']);
  });
});

describe('runSync', () => {
  it.each<readonly [string, () => unknown]>([
    ['AbortSignal', () => new AbortController().signal],
    ['Queue', () => new Queue()],
    ['Lock', () => new Lock()],
    ['Semaphore', () => new Semaphore(1)],
    ['Deferred', () => new Deferred()],
    ['Barrier', () => new Barrier(2)],
  ])('refuses a %s before anything runs', (name, make) => {
    const refused = expect.objectContaining({
      code: 'ERR_UNCLONABLE',
      path: 'args[1].deep[0]',
      message: expect.stringContaining(`is an instance of ${name}, which `),
    });
    expect(() => runSync((_: unknown, __: unknown) => 1, 0, { deep: [make()] })).toThrow(refused);
  });

  it('names the way out of a callback, and of a queue', () => {
    expect(() =>
      runSync(
        (_: unknown) => 1,
        () => 1,
      ),
    ).toThrow('args[0] is a function, which runSync cannot share: inThread can');
    expect(() => runSync((_: unknown) => 1, new Queue())).toThrow('inThread can');
  });

  it('refuses what is shared as a result', () => {
    expect(() => runSync(() => new AbortController().signal)).toThrow(
      /^Cannot send the result of an anonymous function from a worker: result is an instance of AbortS/,
    );
  });
});
