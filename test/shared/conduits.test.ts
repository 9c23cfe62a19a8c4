import { AsyncEvent, Broadcast, channel, PriorityQueue, Queue, scope, sleep } from 'skein';
import { describe, expect, it } from 'vitest';
import { Boundary, call, failure, listOf, turns } from './boundary.ts';

describe('a queue in a worker', () => {
  it('is the same queue', async () => {
    const queue = new Queue<number>({ max: 2 });
    const doubled = new Queue<number>();
    const work = call([queue, doubled], async (from, to) => {
      for await (const n of from) {
        await to.put(2 * n);
        from.taskDone();
      }
      to.close();
    });
    for (const n of [1, 2, 3, 4, 5]) await queue.put(n);
    await queue.join();
    queue.close();
    await work;
    expect(await listOf(doubled)).toEqual([2, 4, 6, 8, 10]);
  });

  it('holds back whoever puts into a full one', async () => {
    const queue = new Queue<number>({ max: 1 });
    const log: string[] = [];
    await call([queue], async (there) => {
      await there.put(1);
      const second = there.put(2).then(() => log.push('put'));
      await turns(5);
      expect(log).toEqual([]);
      expect(queue.stats().waitingPut).toBe(1);
      expect(queue.tryGet()).toEqual({ value: 1 });
      await second;
    });
    expect([log, queue.size]).toEqual([['put'], 1]);
  });

  it('keeps an order of its own', async () => {
    const queue = new PriorityQueue<number>({ compare: (a, b) => a - b });
    await call([queue], async (there) => {
      for (const n of [3, 1, 2]) await there.put(n);
      expect([await there.get(), await there.get()]).toEqual([1, 2]);
    });
    expect(queue.size).toBe(1);
  });

  it('withdraws a get that was cancelled or has timed out', async () => {
    const queue = new Queue<number>();
    await call([queue], async (there) => {
      const late = await failure(there.get({ timeout: 5 }));
      expect(late.code).toBe('ERR_TIMED_OUT');
      const controller = new AbortController();
      const aborted = failure(there.get({ signal: controller.signal }));
      await turns(3);
      controller.abort('enough');
      expect(await aborted).toBe('enough');
      const cancelled = await failure(
        scope(async (s) => {
          s.spawn(async () => {
            await sleep(1);
            s.cancel('stop');
          });
          await there.get();
        }),
      );
      expect(cancelled.code).toBe('ABORT_ERR');
      expect(queue.stats().waitingGet).toBe(0);
    });
    queue.tryPut(1);
    expect(queue.size).toBe(1);
  });

  it('gives an item that was on its way when the wait was cancelled', async () => {
    const queue = new Queue<number>();
    const boundary = new Boundary(() => 3);
    await call(
      [queue],
      async (there) => {
        const controller = new AbortController();
        const item = there.get({ signal: controller.signal });
        while (queue.stats().waitingGet === 0) await turns(1);
        queue.tryPut(7);
        await turns(1);
        controller.abort();
        expect(await item).toBe(7);
      },
      boundary,
    );
    expect(queue.size).toBe(0);
  });

  it('gets an item back that was on its way to a worker that died', async () => {
    const queue = new Queue<number>();
    const boundary = new Boundary(() => 3);
    const [there] = boundary.cross(queue);
    const items = [failure(there.get()), failure(there.get())];
    while (queue.stats().waitingGet < 2) await turns(1);
    for (const n of [1, 2, 3]) queue.tryPut(n);
    expect(queue.size).toBe(1);
    await turns(1);
    boundary.die();
    for (const item of await Promise.all(items))
      expect(item).toMatchObject({ code: 'ERR_CALL_ENDED' });
    await turns(1);
    expect([queue.tryGet(), queue.tryGet(), queue.tryGet()].map((each) => each?.value)).toEqual([
      1, 2, 3,
    ]);
  });

  it('keeps what cannot be cloned, and says so', async () => {
    const queue = new Queue<unknown>();
    queue.tryPut({ done: () => 1 });
    await call([queue], async (there) => {
      expect(await failure(there.get())).toMatchObject({
        code: 'ERR_UNCLONABLE',
        path: 'item.done',
      });
      expect(await failure(there.put({ f: () => 1 }))).toMatchObject({ code: 'ERR_UNCLONABLE' });
      expect(await failure(there.put(Symbol('s')))).toMatchObject({ code: 'ERR_UNCLONABLE' });
    });
    expect(queue.size).toBe(1);
  });

  it('carries errors, and shared objects inside of items', async () => {
    const queue = new Queue<unknown>();
    const reply = new Queue<number>();
    queue.tryPut({ reply });
    await call([queue], async (there) => {
      const item = (await there.get()) as { reply: Queue<number> };
      await item.reply.put(1);
      there.close(new RangeError('too far'));
      const error = await failure(there.get());
      expect(error).toBeInstanceOf(RangeError);
    });
    expect(reply.tryGet()).toEqual({ value: 1 });
    expect(await failure(queue.get())).toMatchObject({ message: 'too far' });
  });

  it('says what cannot be answered at once, and throws when its call has ended', async () => {
    const queue = new Queue<number>();
    let kept: Queue<number> | undefined;
    let pending: Promise<Error> | undefined;
    await call([queue], async (there) => {
      kept = there;
      expect(() => there.tryGet()).toThrow(/use await get\(\)/u);
      expect(() => there.size).toThrow(expect.objectContaining({ code: 'ERR_WOULD_BLOCK' }));
      expect(await (there as unknown as { stats(): Promise<object> }).stats()).toMatchObject({
        size: 0,
      });
      pending = failure(there.get());
      await turns(3);
    });
    expect(await pending).toMatchObject({ code: 'ERR_CALL_ENDED' });
    expect(await failure((kept as Queue<number>).get())).toMatchObject({ code: 'ERR_CALL_ENDED' });
    expect(() => kept?.taskDone()).toThrow(/the call that it was shared with has ended/u);
    expect(queue.stats().waitingGet).toBe(0);
  });
});

describe('the ends of a channel in a worker', () => {
  it('send, receive, and are cloned and closed apart', async () => {
    const { tx, rx } = channel<number>(1);
    const received = listOf(rx);
    await call([tx], async (there) => {
      const second = there.clone();
      await there.send(1);
      await second.send(2);
      expect(rx.stats().senders).toBe(2);
    });
    expect(rx.stats().senders).toBe(1);
    tx.close();
    expect(await received).toEqual([1, 2]);
  });

  it('a receiver ends its loop when nobody sends any more', async () => {
    const { tx, rx } = channel<number>(4);
    for (const n of [1, 2]) tx.trySend(n);
    tx.close();
    expect(await call([rx], (there) => listOf(there))).toEqual([1, 2]);
  });

  it('leaving a loop takes nothing more', async () => {
    const { tx, rx } = channel<number>(4);
    for (const n of [1, 2, 3]) tx.trySend(n);
    await call([rx], async (there) => {
      for await (const n of there) if (n === 1) break;
      expect(await there.receive()).toBe(2);
    });
    expect(rx.stats()).toMatchObject({ buffered: 1, waitingReceive: 0 });
  });
});

it('a broadcast and its subscriptions', async () => {
  const news = new Broadcast<string>();
  const here = news.subscribe();
  const other = news.subscribe();
  await call([news, other], async (there, subscription) => {
    const own = there.subscribe();
    await turns(3);
    await there.publish('hello');
    expect([await own.receive(), await subscription.receive()]).toEqual(['hello', 'hello']);
  });
  expect(news.subscribers).toBe(2);
  expect(await here.receive()).toBe('hello');
});

it('an event', async () => {
  const [go, done] = [new AsyncEvent(), new AsyncEvent()];
  const work = call([go, done], async (g, d) => {
    await g.wait();
    d.set();
  });
  go.set();
  await done.wait();
  await work;
  expect(done.isSet).toBe(true);
});
