/**
 * A body that destroys what the worker of `runSync` needs: the worker may die of it, but each later call gives its value or throws, however
 * long it may take. A call that does not return would hold up this file for ever: so each is in a program of its own.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Ended, endOf } from '../process/exit-code.ts';

const TAMPERS = [
  'Atomics.add = () => 0',
  'Atomics.load = () => 0',
  'Atomics.store = () => 0',
  'Atomics.notify = () => 0',
  "Atomics.wait = () => 'ok'",
  'Map.prototype.get = () => undefined',
  'Map.prototype.set = () => undefined',
  'Array.prototype[Symbol.iterator] = () => ({ next: () => ({ done: true }) })',
  'Array.prototype.push = () => 0',
  'Array.prototype.indexOf = () => -1',
  'Array.isArray = () => false',
  'MessagePort.prototype.postMessage = () => undefined',
  "process.getBuiltinModule('node:worker_threads').receiveMessageOnPort = () => undefined",
  "process.getBuiltinModule('node:events').EventEmitter.prototype.emit = () => true",
  'process.hrtime = () => [0, 0]',
  'Function.prototype.call = Function.prototype.apply = () => { throw new Error("patched") }',
  'Promise.prototype.then = () => new Promise(() => undefined)',
];

const entry = new URL('../../src/index.ts', import.meta.url).href;

describe('runSync whose body destroys', () => {
  it.concurrent.each(TAMPERS)('%s', async (tamper) => {
    const program = `import { runSync } from ${JSON.stringify(entry)};
      const ends = [];
      const call = (...given) => {
        try {
          ends.push(runSync(...given));
        } catch (error) {
          ends.push(error instanceof Error);
        }
      };
      call(() => { ${tamper}; });
      for (const n of [1, 2]) call((n) => n + 1, n);
      call((o) => o.n, { n: 3 });
      console.log(ends.length);`;
    const child = spawn(
      process.execPath,
      ['--conditions=@skein/source', '--input-type=module', '--eval', program],
      { timeout: 20_000 },
    );

    const ended: Ended = await endOf(child);

    expect(ended).toMatchObject({ code: 0, stdout: '4\n' });
  });
});
