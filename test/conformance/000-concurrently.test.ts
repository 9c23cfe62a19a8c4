/**
 * Cases 1 to 13 of the Python package `concurrently`, on the engines of this event loop, in virtual time.
 *
 * @module
 */
import { concurrently, loop, scope, sleep } from 'skein';
import { fibers } from 'skein/fiber';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { concurrentlyContract } from '../contract/concurrently-like.ts';
import { u } from './jobs.ts';

const onThisLoop = {
  inTime: (body: () => Promise<void>) => virtual(body),
  isExact: true,
  kills: false,
};

describe('concurrently on the loop', () => {
  concurrentlyContract({ ...onThisLoop, name: 'loop', engine: loop });
});

describe('concurrently on fibers', () => {
  const warmUp = (): Promise<number> => fibers().submit(() => 0, [], {});
  concurrentlyContract({
    ...onThisLoop,
    name: 'fiber',
    engine: fibers,
    warmUp,
    make: () => fibers({}),
  });

  it('12 fiber-kill: finally runs, catch does not see it, and it is no error', () =>
    virtual(async () => {
      await scope(async () => {
        const log: string[] = [];
        const waiter = concurrently(1, { engine: fibers() }, function* body() {
          log.push('started');
          try {
            yield sleep(100 * u);
          } catch {
            log.push('caught');
          } finally {
            log.push('fin');
          }
        });
        expect(log).toEqual([]);

        await sleep(u);
        await waiter.stop();

        expect(log).toEqual(['started', 'fin']);
        expect(waiter.exceptions).toEqual([]);
        await waiter();
      });
    }));
});
