import { Queue, scope, sleep, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from './support.ts';

describe('Queue', () => {
  it('is unbounded by default', () => {
    const queue = new Queue<number>();
    for (let n = 0; n < 100_000; n++) expect(queue.tryPut(n)).toBe(true);

    expect([queue.size, queue.full, queue.unfinished]).toEqual([100_000, false, 100_000]);
    for (let n = 0; n < 100_000; n++) expect(queue.tryGet()?.value).toBe(n);
  });

  it('says how full it is and who waits', () =>
    virtual(async () => {
      const queue = new Queue<number>({ max: 1 });
      queue.tryPut(1);
      const putters = await inLine([() => queue.put(2)]);
      expect(queue.full).toBe(true);
      expect(queue.stats()).toEqual({
        size: 1,
        unfinished: 1,
        dropped: 0,
        waitingPut: 1,
        waitingGet: 0,
      });
      await stop(...putters);
      queue.tryGet();
      const getters = await inLine([() => queue.get()]);
      expect([queue.full, queue.stats().waitingGet]).toEqual([false, 1]);
      await stop(...getters);
      expect(queue.closed).toBe(false);
    }));

  it('join waits until every item that was put in is done', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      await queue.join();
      for (const n of [1, 2]) queue.tryPut(n);
      const [task] = await inLine([() => queue.join()]);

      queue.tryGet();
      queue.tryGet();
      expect([task?.status, queue.unfinished]).toEqual(['running', 2]);
      queue.taskDone();
      expect(task?.status).toBe('running');
      queue.taskDone();

      await task;
      expect(queue.unfinished).toBe(0);
      expect(() => queue.taskDone()).toThrow(RangeError);
    }));

  it('join waits for work that other work brings: a crawl', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const seen: number[] = [];
      for (const n of [0, 1, 2, 3]) queue.tryPut(n);

      await scope(async (s) => {
        for (let i = 0; i < 2; i++) {
          s.spawn(async () => {
            for await (const n of queue) {
              await sleep(1);
              seen.push(n);
              if (n < 2) await queue.put(n + 10);
              queue.taskDone();
            }
          });
        }
        await queue.join();
        queue.close();
      });

      expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 10, 11]);
    }));

  it('join throws what the queue was closed with: a crawl whose workers all fail ends', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const broken = new Error('broken');
      for (const n of [0, 1]) queue.tryPut(n);
      const [task] = await inLine([() => queue.join()]);

      queue.close(broken);

      expect(await failure(task as PromiseLike<unknown>)).toBe(broken);
      expect(await failure(queue.join())).toBe(broken);
    }));

  it('join goes on after a close without an error', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      queue.tryPut(1);
      const [task] = await inLine([() => queue.join()]);
      queue.close();
      expect(task?.status).toBe('running');

      queue.tryGet();
      queue.taskDone();
      await task;
    }));

  it('join can be cancelled and bounded', () =>
    virtual(async (clock) => {
      const queue = new Queue<number>();
      const abort = new CountedAbort();
      queue.tryPut(1);
      const tasks = await inLine([() => queue.join(), () => queue.join({ signal: abort.signal })]);
      abort.abort();
      await stop(...tasks);

      expect(await failure(queue.join({ timeout: 5 }))).toBeInstanceOf(TimedOut);
      expect([abort.listeners, clock.timers]).toEqual([0, 0]);
    }));

  it.each([
    ['drop-newest', 2],
    ['drop-oldest', 2],
  ] as const)('%s: what was dropped is not unfinished', (overflow, max) => {
    const queue = new Queue<number>({ max, overflow });
    for (const n of [1, 2, 3, 4, 5]) queue.tryPut(n);

    expect(queue.stats()).toMatchObject({ size: 2, dropped: 3, unfinished: 2 });
    queue.taskDone();
    queue.taskDone();
    expect(() => queue.taskDone()).toThrow(RangeError);
  });

  it('S7: a put that was cancelled or refused is not unfinished', () =>
    virtual(async () => {
      const queue = new Queue<number>({ max: 1 });
      queue.tryPut(1);
      const tasks = await inLine([() => queue.put(2), () => queue.put(3)]);
      tasks[0]?.cancel();
      queue.close();
      for (const task of tasks) await task.settled();

      expect(queue.unfinished).toBe(1);
    }));

  it('an item that is a promise arrives as its value', () =>
    virtual(async () => {
      const queue = new Queue<Promise<number>>();
      queue.tryPut(Promise.resolve(7));

      expect(await queue.get()).toBe(7);
    }));

  it('has a name in errors', () =>
    virtual(async () => {
      const queue = new Queue<number>({ name: 'jobs' });

      const late = await failure(queue.get({ timeout: 0 }));
      expect(late.message).toContain('item of queue jobs');
      queue.close();
      expect(String(await failure(queue.put(1)))).toMatch(
        /Cannot put into queue jobs in main #\d+: it is closed/,
      );
    }));

  it('a hundred thousand getters may be cancelled from the middle of the line', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const [first] = await inLine([() => queue.get()]);
      const [crowd] = await inLine([
        () => Promise.allSettled(Array.from({ length: 100_000 }, () => queue.get())),
      ]);
      const [last] = await inLine([() => queue.get()]);

      crowd?.cancel();
      expect(queue.stats().waitingGet).toBe(2);
      for (const n of [1, 2]) queue.tryPut(n);

      await crowd?.settled();
      expect([await first, await last]).toEqual([1, 2]);
    }));
});
