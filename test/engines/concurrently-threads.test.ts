/**
 * The cases of the Python package `concurrently` on worker threads, in real time.
 *
 * @module
 */
import { threads } from 'skein';
import { afterAll, describe } from 'vitest';
import { concurrentlyContract } from '../contract/concurrently-like.ts';

describe('concurrently on threads', () => {
  const engine = threads({ size: 2 });
  afterAll(() => engine[Symbol.asyncDispose]());

  concurrentlyContract({
    name: 'threads',
    engine,
    inTime: (body) => body(),
    isExact: false,
    kills: true,
    make: () => threads({ size: 1 }),
  });
});
