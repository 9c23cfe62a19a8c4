/**
 * Pools of threads by other packages, each used as its own documentation says and imported only in the child that runs it.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';
import { type OpenPool, type Pool, workerFile } from './pool.ts';

const TASKS = workerFile('tasks.mjs');

/** The package of Node's own core members, and of most bundlers. */
export const piscina: OpenPool = async (size) => {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({ filename: TASKS.href, minThreads: size, maxThreads: size });
  return {
    run: (name, argument) => pool.run(argument, { name }),
    move: (name, buffer) => pool.run(buffer, { name, transferList: [buffer] as never }),
    close: () => pool.destroy(),
  };
};

/** As its documentation says for many short tasks. */
export const piscinaMany: OpenPool = async (size) => {
  const { Piscina } = await import('piscina');
  const options = { minThreads: size, maxThreads: size, concurrentTasksPerWorker: 64 };
  const pool = new Piscina({ filename: TASKS.href, ...options });
  return {
    run: (name, argument) => pool.run(argument, { name }),
    close: () => pool.destroy(),
  };
};

/** What vitest runs on. */
export const tinypool: OpenPool = async (size) => {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({ filename: TASKS.href, minThreads: size, maxThreads: size });
  return {
    run: (name, argument) => pool.run(argument, { name }),
    move: (name, buffer) => pool.run(buffer, { name, transferList: [buffer] as never }),
    close: () => pool.destroy(),
  };
};

/** Threads of workerpool. */
export const workerpool: OpenPool = async (size) => {
  const { pool: open } = await import('workerpool');
  const script = workerFile('workerpool.mjs').pathname;
  const pool = open(script, { minWorkers: size, maxWorkers: size, workerType: 'thread' });
  const run: Pool['run'] = async (name, argument) => pool.exec(name, [argument]);
  return {
    run,
    move: async (name, buffer) => pool.exec(name, [buffer], { transfer: [buffer] }),
    close: async () => pool.terminate(),
  };
};

/** Threads of poolifier. */
export const poolifier: OpenPool = async (size) => {
  const { FixedThreadPool } = await import('poolifier');
  const pool = new FixedThreadPool(size, workerFile('poolifier-thread.mjs').pathname);
  return {
    run: (name, argument) => pool.execute(argument, name) as Promise<never>,
    move: (name, buffer) => pool.execute(buffer, name, undefined, [buffer]) as Promise<never>,
    close: () => pool.destroy(),
  };
};

/** Threads of jest-worker. */
export const jestWorker: OpenPool = async (size) => {
  const { Worker: JestWorker } = await import('jest-worker');
  const exposedMethods = ['increment', 'block', 'primes', 'lastByte'];
  const options = { numWorkers: size, enableWorkerThreads: true, exposedMethods };
  const pool = new JestWorker(TASKS.pathname, options);
  const methods = pool as unknown as Record<string, (argument: unknown) => Promise<never>>;
  return {
    run: (name, argument) => methods[name]?.(argument) as Promise<never>,
    close: () => pool.end(),
  };
};

/** It sends the text of functions, and has one pool for the program. */
export const multithreading: OpenPool = async (size) => {
  const { initRuntime, move, shutdown, spawn } = await import('multithreading');
  initRuntime({ maxWorkers: size });
  const texts: Record<string, (argument: never) => unknown> = { ...(await import(TASKS.href)) };
  const run: Pool['run'] = async (name, argument) => {
    const fn = texts[name] as (argument: unknown) => never;
    const result = await spawn(move(argument), fn).join();
    if (!result.ok) throw new Error(`${name} failed`, { cause: result.error });
    return result.value;
  };
  return {
    run,
    move: run, // It moves all buffers.
    close: async () => shutdown(),
  };
};

/** It wraps single workers; here they take turns. */
export const comlink: OpenPool = async (size) => {
  const { transfer, wrap } = await import('comlink');
  const { default: nodeEndpoint } = await import('comlink/dist/esm/node-adapter.mjs');
  type Remote = Record<string, (argument: unknown) => Promise<never>>;
  const workers = Array.from({ length: size }, () => new Worker(workerFile('comlink.mjs')));
  const remotes = workers.map((worker) => wrap(nodeEndpoint(worker)) as unknown as Remote);
  let turn = 0;
  const next = (name: string, argument: unknown): Promise<never> =>
    remotes[turn++ % size]?.[name]?.(argument) as Promise<never>;
  return {
    run: next,
    move: (name, buffer) => next(name, transfer(buffer, [buffer])),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
};

/** Bare worker threads, each with one message out at a time: what any pool is built on. */
export const bareThreads: OpenPool = async (size) => {
  const workers = Array.from({ length: size }, () => new Worker(workerFile('bare.mjs')));
  const idle = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const run = (task: string, argument: unknown, transfer: ArrayBuffer[]): Promise<never> =>
    new Promise((resolve) => {
      const start = (worker: Worker): void => {
        worker.once('message', (result) => {
          resolve(result as never);
          const next = waiting.shift();
          if (next === undefined) idle.push(worker);
          else next(worker);
        });
        worker.postMessage({ task, argument }, transfer);
      };
      const worker = idle.shift();
      if (worker === undefined) waiting.push(start);
      else start(worker);
    });
  return {
    run: (name, argument) => run(name, argument, []),
    move: (name, buffer) => run(name, buffer, [buffer]),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
};
