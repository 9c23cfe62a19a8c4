/**
 * What everything does that items go into at one side and come out of at the other: nothing is lost or doubled, whatever is
 * cancelled, closed or left early.
 *
 * @module
 */
import { ChannelClosed } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, toArray } from '../sync/support.ts';
import { takingContract } from './item-taking.ts';
import { waitingContract } from './item-waiting.ts';
import { fill, type QueueKind, takeAll } from './queue-kind.ts';

/** Runs the contract for one kind of queue. */
export function queueContract(kind: QueueKind): void {
  describe(`${kind.name} as a queue`, () => {
    orderContract(kind);
    if (kind.capacity < 4) pressureContract(kind);
    closingContract(kind);
    takingContract(() => {
      const queue = kind.make();
      return { source: queue, put: (item) => queue.put(item), close: () => queue.close() };
    });
    waitingContract(kind);
  });
}

function orderContract({ capacity, make, order = (items) => items }: QueueKind): void {
  it('gives out what is inside in its order', () =>
    virtual(() => {
      const queue = make();
      const items = fill(queue, capacity);

      expect(takeAll(queue)).toEqual(order(items));
      expect(queue.tryGet()).toBeUndefined();
    }));

  it('sent = received: many producers, many consumers', () =>
    virtual(async () => {
      const queue = make();
      const seen: unknown[] = [];
      const consumers = await inLine(
        [1, 2, 3].map(() => async () => {
          for await (const item of queue) seen.push(item);
        }),
      );
      const producers = await inLine(
        [0, 100, 200].map((base) => async () => {
          for (let i = 0; i < 50; i++) await queue.put(base + i);
        }),
      );
      for (const producer of producers) await producer;
      queue.close();
      for (const consumer of consumers) await consumer;

      const sent = [0, 100, 200].flatMap((base) => Array.from({ length: 50 }, (_, i) => base + i));
      expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(sent);
    }));
}

function pressureContract({ capacity, make }: QueueKind): void {
  it('a put waits when it is full, until somebody takes', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      const [task] = await inLine([() => queue.put(9)]);
      expect([task?.status, queue.putters]).toEqual(['running', 1]);

      const first = queue.tryGet();
      await task;

      const all = [first?.value, ...takeAll(queue)];
      expect(all.toSorted()).toEqual([...inside, 9]);
      expect(queue.putters).toBe(0);
    }));

  it('S13: serves those who wait to put in the order in which they came', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      const log: number[] = [];
      const tasks = await inLine(
        [7, 8, 9].map((n) => async () => {
          await queue.put(n);
          log.push(n);
        }),
      );
      const taken: unknown[] = [];

      for (const task of tasks) {
        taken.push(queue.tryGet()?.value);
        await task;
      }

      expect(log).toEqual([7, 8, 9]);
      taken.push(...takeAll(queue));
      expect(taken.toSorted()).toEqual([...inside, 7, 8, 9]);
    }));

  it('S13: tryPut says no when it is full, and never overtakes', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      expect(queue.tryPut(8)).toBe(false);
      const tasks = await inLine([() => queue.put(9)]);

      const taken = [queue.tryGet()?.value];
      expect(queue.tryPut(8)).toBe(false);
      for (const task of tasks) await task;

      taken.push(...takeAll(queue));
      expect(taken.toSorted()).toEqual([...inside, 9]);
    }));
}

function closingContract({ capacity, make, order = (items) => items }: QueueKind): void {
  it('closed: what is inside can be had, then it has ended', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);

      queue.close();

      expect(await failure(queue.put(9))).toBeInstanceOf(ChannelClosed);
      expect(() => queue.tryPut(9)).toThrow(ChannelClosed);
      const taken: unknown[] = [];
      while (taken.length < inside.length) taken.push(await queue.get());
      expect(taken).toEqual(order(inside));
      expect(await failure(queue.get())).toMatchObject({ code: 'ERR_CHANNEL_CLOSED' });
      expect(queue.tryGet()).toBeUndefined();
      expect(await toArray(queue)).toEqual([]);
    }));

  it('closed with an error: what is inside can be had, then everybody gets the error', () =>
    virtual(async () => {
      const queue = make();
      const broken = new Error('broken');
      const inside = fill(queue, capacity);

      queue.close(broken);
      queue.close(new Error('a second one changes nothing'));

      const taken: unknown[] = [];
      const loop = async (): Promise<void> => {
        for await (const item of queue) taken.push(item);
      };
      expect(await failure(loop())).toBe(broken);
      expect(taken).toEqual(order(inside));
      expect(await failure(queue.get())).toBe(broken);
      const put = await failure(queue.put(9));
      expect(put).toBeInstanceOf(ChannelClosed);
      expect(put.cause).toBe(broken);
    }));

  it.each([null, 0, '', false])('closed with %o, which is an error like any other', (error) =>
    virtual(async () => {
      const queue = make();
      queue.close(error);

      expect(await queue.get().catch((thrown: unknown) => [thrown])).toEqual([error]);
    }),
  );

  it('closed with an error of class ChannelClosed, which is an error like any other', () =>
    virtual(async () => {
      const queue = make();
      const upstream = new ChannelClosed('upstream is closed');
      queue.close(upstream);

      expect(await failure(queue.get())).toBe(upstream);
      expect(await failure(toArray(queue))).toBe(upstream);
    }));

  it('closing turns those away who wait to get', () =>
    virtual(async () => {
      const queue = make();
      const broken = new Error('broken');
      const tasks = await inLine([
        () => queue.get(),
        () => queue[Symbol.asyncIterator]().next(),
        () => queue.get(),
      ]);

      queue.close(broken);

      expect(queue.getters).toBe(0);
      for (const task of tasks) expect(await failure(task)).toBe(broken);
    }));

  it.skipIf(capacity > 3)(
    'closing turns those away who wait to put: nothing of them is inside',
    () =>
      virtual(async () => {
        const queue = make();
        const inside = fill(queue, capacity);
        const tasks = await inLine([() => queue.put(8), () => queue.put(9)]);

        queue.close();

        expect(queue.putters).toBe(0);
        for (const task of tasks) expect(await failure(task)).toBeInstanceOf(ChannelClosed);
        expect(takeAll(queue).toSorted()).toEqual(inside);
      }),
  );
}
