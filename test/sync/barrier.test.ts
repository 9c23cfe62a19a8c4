import { Barrier, BrokenBarrier, isCancelled, scope, sleep, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from './support.ts';

describe('Barrier', () => {
  it('holds everybody back until all have come, and tells them their places', () =>
    virtual(async () => {
      const barrier = new Barrier(3);
      const tasks = await inLine([() => barrier.wait(), () => barrier.wait()]);
      expect([barrier.waiting, tasks.map((task) => task.status)]).toEqual([
        2,
        ['running', 'running'],
      ]);

      expect(await barrier.wait()).toBe(2);

      expect([await tasks[0], await tasks[1], barrier.waiting]).toEqual([0, 1, 0]);
    }));

  it('starts anew, and one who is fast does not slip into the round before', () =>
    virtual(async () => {
      const barrier = new Barrier(2);
      const log: string[] = [];

      await scope((s) => {
        for (const name of ['a', 'b']) {
          s.spawn(async () => {
            for (let round = 0; round < 3; round++) {
              if (name === 'b') await sleep(10);
              log.push(`${name}${round}`);
              await barrier.wait();
            }
          });
        }
      });

      expect(log).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    }));

  it('of one party holds nobody back', async () => {
    const barrier = new Barrier(1);

    expect([await barrier.wait(), await barrier.wait()]).toEqual([0, 0]);
  });

  it('S7: who is cancelled has not come: one more is needed', () =>
    virtual(async () => {
      const barrier = new Barrier(2);
      const tasks = await inLine([() => barrier.wait()]);
      await stop(...tasks);
      expect(barrier.waiting).toBe(0);

      const [a, b] = await inLine([() => barrier.wait(), () => barrier.wait()]);

      expect([await a, await b]).toEqual([0, 1]);
    }));

  it('S7: who is cancelled after the last one came has passed', () =>
    virtual(async () => {
      const barrier = new Barrier(2);
      const [task] = await inLine([
        async () => {
          const place = await barrier.wait();
          return [place, isCancelled(await failure(sleep(1)))];
        },
      ]);

      const last = barrier.wait();
      task?.cancel();

      expect([await last, await task]).toEqual([1, [0, true]]);
    }));

  it('bounds: who gives up has not come', () =>
    virtual(async (clock) => {
      const barrier = new Barrier(2);
      const abort = new CountedAbort();
      expect(await failure(barrier.wait({ timeout: 5 }))).toBeInstanceOf(TimedOut);
      const aborted = barrier.wait({ signal: abort.signal });
      abort.abort('enough');

      expect(await failure(aborted)).toBe('enough');
      expect([barrier.waiting, abort.listeners, clock.timers]).toEqual([0, 0, 0]);
      expect(await failure(barrier.wait({ timeout: -1 }))).toBeInstanceOf(RangeError);
    }));

  it('reset turns those away who wait, and nobody later', () =>
    virtual(async () => {
      const barrier = new Barrier(2);
      const [task] = await inLine([() => barrier.wait()]);

      barrier.reset();

      expect(await failure(task as PromiseLike<unknown>)).toBeInstanceOf(BrokenBarrier);
      const [next] = await inLine([() => barrier.wait()]);
      expect([await barrier.wait(), await next]).toEqual([1, 0]);
    }));

  it('abort breaks it for everybody until it is reset', () =>
    virtual(async () => {
      const barrier = new Barrier(2, { name: 'gate' });
      const [task] = await inLine([() => barrier.wait()]);

      barrier.abort();

      expect(barrier.broken).toBe(true);
      expect(await failure(task as PromiseLike<unknown>)).toMatchObject({
        code: 'ERR_BROKEN_BARRIER',
        message: 'Cannot pass barrier gate: it was broken',
      });
      expect(await failure(barrier.wait())).toBeInstanceOf(BrokenBarrier);
      barrier.reset();
      expect(barrier.broken).toBe(false);
      const [next] = await inLine([() => barrier.wait()]);
      expect([await barrier.wait(), await next]).toEqual([1, 0]);
    }));
});
