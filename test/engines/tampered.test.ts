/**
 * A body that destroys what its own worker needs: the worker may die of it, but calls end, and so does the disposal of the pool.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Ended, endOf } from '../process/exit-code.ts';
import { POOLS, statsOf } from './pools.ts';

type Tamper = () => void;

const TAMPERS: Readonly<Record<string, Tamper>> = {
  'Map.prototype.get': () => {
    Map.prototype.get = () => undefined;
  },
  'Map.prototype.set': () => {
    Map.prototype.set = function (this: Map<unknown, unknown>) {
      return this;
    };
  },
  'Map.prototype.has': () => {
    Map.prototype.has = () => false;
  },
  'Atomics.wait': () => {
    (Atomics as { wait: unknown }).wait = () => 'ok';
  },
  'Atomics.waitAsync': () => {
    (Atomics as { waitAsync: unknown }).waitAsync = () => ({
      async: true,
      value: new Promise(() => undefined),
    });
  },
  'Atomics.load': () => {
    (Atomics as { load: unknown }).load = () => 0;
  },
  'Atomics.store': () => {
    (Atomics as { store: unknown }).store = () => 0;
  },
  'Atomics.notify': () => {
    (Atomics as { notify: unknown }).notify = () => 0;
  },
  'Atomics.compareExchange': () => {
    (Atomics as { compareExchange: unknown }).compareExchange = () => 77;
  },
  'Array.prototype.push': () => {
    Array.prototype.push = () => 0;
  },
  'Array.isArray': () => {
    (Array as { isArray: unknown }).isArray = () => false;
  },
  'MessagePort.prototype.postMessage': () => {
    MessagePort.prototype.postMessage = () => undefined;
  },
  'EventEmitter.prototype.emit': () => {
    const { EventEmitter } = process.getBuiltinModule('node:events');
    EventEmitter.prototype.emit = () => true;
  },
  'the listeners of the process': () => {
    process.removeAllListeners();
  },
  'the connection of the process': () => {
    process.disconnect?.();
  },
  'the exit of the process': () => {
    process.exit = (() => undefined) as never;
    process.kill = () => true;
  },
  'its peace, by microtasks without end': () => {
    const spin = (): void => queueMicrotask(spin);
    spin();
  },
  'its peace, by ticks without end': () => {
    const spin = (): void => void process.nextTick(spin);
    spin();
  },
};

/** The same in a later turn of the worker. */
function later(tamper: Tamper): () => Promise<void> {
  return new Function(`return async () => { await 1; (${String(tamper)})(); }`)();
}

const settled = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ended',
    (error: { readonly code?: string }) => error.code ?? 'ended',
  );

describe.each(POOLS)('a worker of $name whose body destroys', (pool) => {
  for (const [what, tamper] of Object.entries(TAMPERS)) {
    it.each([
      ['', tamper],
      [', after an await', later(tamper)],
    ])(
      `${what}%s: its calls end, others too, and the pool`,
      async (_, body) => {
        const engine = pool.make({ size: 1, grace: 200 });
        await engine.submit(() => 0, [], {});

        await settled(engine.submit(body, [], {}));
        await settled(engine.submit(() => 1, [], {}));
        const last = engine.submit(async (given: { readonly n: number }) => given, [{ n: 2 }], {});
        await settled(last);
        await engine[Symbol.asyncDispose]();

        expect(statsOf(engine)).toMatchObject({ workers: 0, running: 0 });
      },
      20_000,
    );
  }

  it('its peace: what had not begun there has its result from another', async () => {
    const engine = pool.make({ size: 1, grace: 100 });
    await engine.submit(TAMPERS['its peace, by microtasks without end'] as Tamper, [], {});

    const values = await Promise.all([1, 2, 3].map((n) => engine.submit((n) => n, [n], {})));

    expect(values).toEqual([1, 2, 3]);
    await engine[Symbol.asyncDispose]();
  }, 20_000);
});

describe.each(['inThread', 'inProcess'] as const)('a program that has called %s', (call) => {
  it.each([
    ['its peace', 'const spin = () => queueMicrotask(spin); spin();'],
    ['Map.prototype.get', 'Map.prototype.get = () => undefined;'],
    ['postMessage', 'MessagePort.prototype.postMessage = () => undefined;'],
  ])(
    'ends, though a body there has destroyed %s',
    async (_, text) => {
      const entry = new URL('../../src/index.ts', import.meta.url).href;
      const program = `import { ${call} } from ${JSON.stringify(entry)};
      await ${call}(() => { ${text} });
      console.log('done');`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        timeout: 20_000,
      });

      const ended: Ended = await endOf(child);

      expect(ended).toMatchObject({ code: 0, stdout: 'done\n' });
    },
    30_000,
  );
});
