/**
 * The cases of the Python package `concurrently` on worker threads and child processes, in real time.
 *
 * @module
 */
import { afterAll, describe } from 'vitest';
import { concurrentlyContract } from '../contract/concurrently-like.ts';
import { POOLS } from './pools.ts';

describe.each(POOLS)('concurrently on $name', ({ name, make }) => {
  const engine = make({ size: 2 });
  afterAll(() => engine[Symbol.asyncDispose]());

  concurrentlyContract({
    name,
    engine,
    inTime: (body) => body(),
    isExact: false,
    kills: true,
    ...(name === 'processes' && { killWorker: (pid: number) => process.kill(pid, 'SIGKILL') }),
    make: () => make({ size: 1 }),
  });
});
