/**
 * The cases of the Python package `concurrently` on processes, in real time.
 *
 * @module
 */
import { processes } from 'skein';
import { afterAll, describe } from 'vitest';
import { concurrentlyContract } from '../contract/concurrently-like.ts';

describe('concurrently on processes', () => {
  const engine = processes({ size: 2 });
  afterAll(() => engine[Symbol.asyncDispose]());

  concurrentlyContract({
    name: 'processes',
    engine,
    inTime: (body) => body(),
    isExact: false,
    kills: true,
    killWorker: (pid) => process.kill(pid, 'SIGKILL'),
    make: () => processes({ size: 1 }),
  });
});
