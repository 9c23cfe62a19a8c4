/**
 * Pools of processes by other packages.
 *
 * @module
 */
import { type OpenPool, workerFile } from './pool.ts';

const TASKS = workerFile('tasks.mjs');

/** Processes of workerpool. */
export const workerpoolProcesses: OpenPool = async (size) => {
  const { pool: open } = await import('workerpool');
  const script = workerFile('workerpool.mjs').pathname;
  const pool = open(script, { minWorkers: size, maxWorkers: size, workerType: 'process' });
  return {
    run: async (name, argument) => pool.exec(name, [argument]),
    close: async () => pool.terminate(),
  };
};

/** Processes of jest-worker, which is what it is known for. */
export const jestWorkerProcesses: OpenPool = async (size) => {
  const { Worker } = await import('jest-worker');
  const exposedMethods = ['increment', 'block', 'primes', 'lastByte'];
  const pool = new Worker(TASKS.pathname, { numWorkers: size, exposedMethods });
  const methods = pool as unknown as Record<string, (argument: unknown) => Promise<never>>;
  return {
    run: (name, argument) => methods[name]?.(argument) as Promise<never>,
    close: () => pool.end(),
  };
};

/** Processes of tinypool. */
export const tinypoolProcesses: OpenPool = async (size) => {
  const { Tinypool } = await import('tinypool');
  const options = { minThreads: size, maxThreads: size, runtime: 'child_process' as const };
  const pool = new Tinypool({ filename: TASKS.href, ...options });
  return {
    run: (name, argument) => pool.run(argument, { name }),
    close: () => pool.destroy(),
  };
};

/** Processes of poolifier. */
export const poolifierProcesses: OpenPool = async (size) => {
  const { FixedClusterPool } = await import('poolifier');
  const pool = new FixedClusterPool(size, workerFile('poolifier-cluster.mjs').pathname);
  return {
    run: (name, argument) => pool.execute(argument, name) as Promise<never>,
    close: () => pool.destroy(),
  };
};
