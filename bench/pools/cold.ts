/**
 * Programs that do nothing but get one result from one worker. Each sample is a process of its own; it takes the time itself, from before
 * its first import to the result, so that the start of Node, which is the same for all, is left out.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Delayed } from '../case.ts';
import { workerFile } from './pool.ts';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('../', import.meta.url));
const file = (name: string): string => JSON.stringify(workerFile(name).pathname);
const href = (name: string): string => JSON.stringify(workerFile(name).href);

/** The programs, which leave 2 in `result`. */
const PROGRAMS: Readonly<Record<string, string>> = {
  skein: `const { inThread } = await import('../.built/index.js');
    const result = await inThread((n) => n + 1, 1);`,
  'skein processes': `const { inProcess } = await import('../.built/index.js');
    const result = await inProcess((n) => n + 1, 1);`,
  bare: `const { Worker } = await import('node:worker_threads');
    const worker = new Worker(${file('bare.mjs')});
    worker.postMessage({ task: 'increment', argument: 1 });
    const result = await new Promise((resolve) => worker.once('message', resolve));`,
  piscina: `const { Piscina } = await import('piscina');
    const pool = new Piscina({ filename: ${href('tasks.mjs')}, minThreads: 1, maxThreads: 1 });
    const result = await pool.run(1, { name: 'increment' });`,
  tinypool: `const { Tinypool } = await import('tinypool');
    const pool = new Tinypool({ filename: ${href('tasks.mjs')}, minThreads: 1, maxThreads: 1 });
    const result = await pool.run(1, { name: 'increment' });`,
  workerpool: `const { default: workerpool } = await import('workerpool');
    const pool = workerpool.pool({ maxWorkers: 1, workerType: 'thread' });
    const result = await pool.exec((n) => n + 1, [1]);`,
  poolifier: `const { FixedThreadPool } = await import('poolifier');
    const pool = new FixedThreadPool(1, ${file('poolifier-thread.mjs')});
    const result = await pool.execute(1, 'increment');`,
  'jest-worker': `const { Worker } = await import('jest-worker');
    const options = { numWorkers: 1, enableWorkerThreads: true, exposedMethods: ['increment'] };
    const result = await new Worker(${file('tasks.mjs')}, options).increment(1);`,
  multithreading: `const { spawn, move } = await import('multithreading');
    const { value: result } = await spawn(move(1), (n) => n + 1).join();`,
  comlink: `const { Worker } = await import('node:worker_threads');
    const { wrap } = await import('comlink');
    const { default: endpoint } = await import('comlink/dist/esm/node-adapter.mjs');
    const result = await wrap(endpoint(new Worker(${file('comlink.mjs')}))).increment(1);`,
};

/** Writes a program, and measures it with every call. It lies in this folder, where the packages are found; a text given to Node would hand its flags to workers. */
export function coldStart(name: string): () => Promise<Delayed> {
  return async () => {
    const folder = await mkdtemp(join(HERE, '.cold-'));
    const program = `const start = process.hrtime.bigint();
      ${PROGRAMS[name]}
      const took = process.hrtime.bigint() - start;
      if (result !== 2) throw new Error('The result is ' + result);
      process.stdout.write(String(took), () => process.exit());`;
    const main = join(folder, 'main.mjs');
    await writeFile(main, program);
    return {
      delay: async () => ({ ms: Number((await run(process.execPath, [main])).stdout) / 1e6 }),
      tearDown: () => rm(folder, { recursive: true }),
    };
  };
}
