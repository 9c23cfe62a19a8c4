import { LifoQueue, PriorityQueue, scope, select } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, stop, toArray } from './support.ts';

interface Job {
  readonly rank: number;
  readonly name: string;
}

const byRank = (a: Job, b: Job): number => a.rank - b.rank;

describe('LifoQueue', () => {
  it('gives the last first', () =>
    virtual(async () => {
      const queue = new LifoQueue<number>();
      for (const n of [1, 2, 3]) queue.tryPut(n);
      expect(await queue.get()).toBe(3);
      queue.tryPut(4);
      queue.close();

      expect(await toArray(queue)).toEqual([4, 2, 1]);
    }));

  it('who waits to put comes in when there is room, and then out first', () =>
    virtual(async () => {
      const queue = new LifoQueue<number>({ max: 2 });
      for (const n of [1, 2]) queue.tryPut(n);
      const [task] = await inLine([() => queue.put(3)]);

      expect([queue.tryGet(), queue.tryGet(), queue.tryGet()].map((next) => next?.value)).toEqual([
        2, 3, 1,
      ]);
      await task;
    }));
});

describe('PriorityQueue', () => {
  it('gives the least first, and equals in the order in which they came', () => {
    const queue = new PriorityQueue<Job>({ compare: byRank });
    const jobs = [3, 1, 2, 1, 3, 2, 1].map((rank, n) => ({ rank, name: `${rank}${n}` }));
    for (const job of jobs) queue.tryPut(job);

    const names: string[] = [];
    for (let next = queue.tryGet(); next; next = queue.tryGet()) names.push(next.value.name);
    expect(names).toEqual(['11', '13', '16', '22', '25', '30', '34']);
  });

  it('who waits to put is served in turn, whatever the rank; inside the rank counts', () =>
    virtual(async () => {
      const queue = new PriorityQueue<number>({ max: 2, compare: (a, b) => a - b });
      for (const n of [5, 6]) queue.tryPut(n);
      const tasks = await inLine([() => queue.put(9), () => queue.put(1)]);

      expect([1, 2, 3, 4].map(() => queue.tryGet()?.value)).toEqual([5, 6, 1, 9]);
      for (const task of tasks) await task;
    }));

  it('an item goes straight to who waits, without being compared', () =>
    virtual(async () => {
      const queue = new PriorityQueue<number>({
        compare: () => {
          throw new Error('compared');
        },
      });
      const [task] = await inLine([() => select({ it: queue.got })]);

      await queue.put(1);

      expect(await task).toEqual({ key: 'it', value: 1 });
    }));

  it('drop-newest drops the new item, also one that would come out first', () => {
    const queue = new PriorityQueue<number>({
      max: 1,
      overflow: 'drop-newest',
      compare: (a, b) => a - b,
    });
    queue.tryPut(5);
    queue.tryPut(1);

    expect([queue.tryGet(), queue.stats().dropped]).toEqual([{ value: 5 }, 1]);
  });

  it('a compare that throws: the put that brought the item fails, and nothing is lost', () =>
    // Once: the get that made room throws, its item is gone, and the put waits for ever.
    virtual(async () => {
      const queue = new PriorityQueue<number>({
        max: 2,
        compare: (a, b) => {
          if (a === 13 || b === 13) throw new Error('unlucky');
          return a - b;
        },
      });
      for (const n of [1, 2]) queue.tryPut(n);
      const [task] = await inLine([() => queue.put(13)]);

      const got = await scope(() => queue.get()).catch((error: unknown) => error);
      if (task?.status === 'running') await stop(task);

      expect(got).toBe(1);
      expect(task?.status).toBe('failed');
    }));

  it('a compare that throws: put rejects, and the item does not count as unfinished', () =>
    // Once: put throws at the call, where a promise was promised.
    virtual(async () => {
      const queue = new PriorityQueue<number>({
        compare: () => {
          throw new Error('unlucky');
        },
      });
      queue.tryPut(1);
      const put = queue.put(2);

      expect((await failure(put)).message).toBe('unlucky');
      expect([queue.size, queue.unfinished]).toEqual([1, 1]);
    }));
});
