import { Broadcast, ChannelClosed, type Receiver, select, sleep, WouldBlock } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure, inLine, stop, toArray } from './support.ts';

function takeAll<T>(rx: Receiver<T>): T[] {
  const items: T[] = [];
  for (let next = rx.tryReceive(); next !== undefined; next = rx.tryReceive())
    items.push(next.value);
  return items;
}

describe('Broadcast', () => {
  it('gives every item to every subscriber, in the order of publishing', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>();
      const [a, b] = [broadcast.subscribe(), broadcast.subscribe()];
      for (const n of [1, 2, 3]) await broadcast.publish(n);
      broadcast.close();

      expect(await toArray(a)).toEqual([1, 2, 3]);
      expect(await toArray(b)).toEqual([1, 2, 3]);
    }));

  it('with nobody listening publishes into the void', async () => {
    const broadcast = new Broadcast<number>({ capacity: 0 });

    await broadcast.publish(1);
    expect(broadcast.subscribers).toBe(0);
  });

  it('waits for the slowest, and reaches all at the same moment', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const [slow, fast] = [broadcast.subscribe(), broadcast.subscribe()];
      await broadcast.publish(1);
      fast.tryReceive();
      const [second, third] = await inLine([
        () => broadcast.publish(2),
        () => broadcast.publish(3),
      ]);

      expect([fast.tryReceive(), second?.status]).toEqual([undefined, 'running']);
      expect(slow.tryReceive()).toEqual({ value: 1 });
      await second;
      expect([third?.status, fast.stats().buffered, slow.stats().buffered]).toEqual([
        'running',
        1,
        1,
      ]);
      expect([takeAll(slow), takeAll(fast)]).toEqual([[2], [2, 3]]);
      await third;
      expect(takeAll(slow)).toEqual([3]);
    }));

  it('of capacity 0 waits until everybody wants an item', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 0 });
      const [a, b] = [broadcast.subscribe(), broadcast.subscribe()];
      const [publisher, first] = await inLine<unknown>([
        () => broadcast.publish(1),
        () => a.receive(),
      ]);
      expect([publisher?.status, first?.status]).toEqual(['running', 'running']);

      expect(await b.receive()).toBe(1);

      expect(await first).toBe(1);
      await publisher;
    }));

  it('of capacity 0 reaches all or nobody, also when one select wants it from two of them', () =>
    // Once: the select counts as room in both, and the second subscription never gets the item.
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 0 });
      const [a, b] = [broadcast.subscribe(), broadcast.subscribe()];
      const [chosen, publisher, other] = await inLine<unknown>([
        () => select({ a: a.received, b: b.received }),
        () => broadcast.publish(1),
        () => b.receive(),
      ]);
      const [published, received] = [publisher?.status, other?.status];
      for (const task of [chosen, publisher, other]) if (task !== undefined) await stop(task);

      expect(received).toBe(published);
    }));

  it('S7: a cancelled publish has reached nobody, and those behind it go on', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const rx = broadcast.subscribe();
      await broadcast.publish(1);
      const [second, third] = await inLine([
        () => broadcast.publish(2),
        () => broadcast.publish(3),
      ]);

      second?.cancel();
      expect(await rx.receive()).toBe(1);

      await third;
      expect(takeAll(rx)).toEqual([3]);
      expect((await second?.settled())?.status).toBe('cancelled');
    }));

  it('bounds: a publish that gives up has reached nobody', () =>
    virtual(async (clock) => {
      const broadcast = new Broadcast<number>({ capacity: 1, name: 'prices' });
      const rx = broadcast.subscribe();
      await broadcast.publish(1);

      const late = await failure(broadcast.publish(2, { timeout: 10 }));
      expect(late.message).toContain('publish to broadcast prices');
      const aborted = broadcast.publish(3, { signal: AbortSignal.abort('enough') });
      expect(await failure(aborted)).toBe('enough');
      expect([takeAll(rx), clock.timers]).toEqual([[1], 0]);
    }));

  it('replays the last items to who comes later, also after it was closed', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ replay: 2 });
      for (const n of [1, 2, 3]) await broadcast.publish(n);
      const rx = broadcast.subscribe();
      await broadcast.publish(4);
      broadcast.close();

      expect(await toArray(rx)).toEqual([2, 3, 4]);
      expect(await toArray(broadcast.subscribe())).toEqual([3, 4]);
    }));

  it('replays more than it holds: publish waits until there is room', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ replay: 3, capacity: 1 });
      for (const n of [1, 2, 3]) await broadcast.publish(n);
      const rx = broadcast.subscribe();
      const [task] = await inLine([() => broadcast.publish(4)]);
      expect([rx.stats().buffered, task?.status]).toEqual([3, 'running']);

      expect(takeAll(rx)).toEqual([1, 2, 3, 4]);
      await task;
    }));

  it('a subscriber who leaves unblocks those who wait for it', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const [stuck, rx] = [broadcast.subscribe(), broadcast.subscribe()];
      await broadcast.publish(1);
      expect(takeAll(rx)).toEqual([1]);
      const [task] = await inLine([() => broadcast.publish(2)]);

      stuck.close();

      await task;
      expect([takeAll(rx), broadcast.subscribers]).toEqual([[2], 1]);
    }));

  it('clones of a subscription share its items; the last one to leave ends it', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 2 });
      const rx = broadcast.subscribe();
      const other = rx.clone();
      for (const n of [1, 2]) await broadcast.publish(n);

      expect([rx.tryReceive(), other.tryReceive()]).toEqual([{ value: 1 }, { value: 2 }]);
      rx.close();
      expect(broadcast.subscribers).toBe(1);
      other.close();
      expect(broadcast.subscribers).toBe(0);
    }));

  it.each([
    ['drop-newest', [1, 2]],
    ['drop-oldest', [3, 4]],
  ] as const)('%s: a slow subscriber misses items, a fast one none', (overflow, left) =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 2, overflow });
      const [slow, fast] = [broadcast.subscribe(), broadcast.subscribe()];
      const seen: number[] = [];
      for (const n of [1, 2, 3, 4]) {
        await broadcast.publish(n);
        seen.push(...takeAll(fast));
      }

      expect([seen, takeAll(slow), slow.stats().dropped]).toEqual([[1, 2, 3, 4], left, 2]);
    }),
  );

  it('reject: publish throws, and nobody got the item', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1, overflow: 'reject' });
      const [slow, fast] = [broadcast.subscribe(), broadcast.subscribe()];
      await broadcast.publish(1);
      takeAll(fast);

      expect(await failure(broadcast.publish(2))).toBeInstanceOf(WouldBlock);

      expect([takeAll(fast), takeAll(slow)]).toEqual([[], [1]]);
      await broadcast.publish(3);
      expect([takeAll(fast), takeAll(slow)]).toEqual([[3], [3]]);
    }));

  it('closed: subscribers get what is theirs and the end; those who wait to publish an error', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 1 });
      const rx = broadcast.subscribe();
      await broadcast.publish(1);
      const [publisher] = await inLine([() => broadcast.publish(2)]);

      broadcast.close();
      broadcast.close();

      expect(broadcast.closed).toBe(true);
      expect(await failure(publisher as PromiseLike<unknown>)).toBeInstanceOf(ChannelClosed);
      expect(await failure(broadcast.publish(3))).toBeInstanceOf(ChannelClosed);
      expect(await toArray(rx)).toEqual([1]);
      rx.close();
    }));

  it('a loop that a subscriber leaves stays subscribed until it is closed', () =>
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 4 });
      const rx = broadcast.subscribe();
      for (const n of [1, 2]) await broadcast.publish(n);

      for await (const n of rx) {
        expect(n).toBe(1);
        break;
      }
      await sleep(1);

      expect([broadcast.subscribers, takeAll(rx)]).toEqual([1, [2]]);
    }));
});
