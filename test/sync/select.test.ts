import {
  AsyncEvent,
  Broadcast,
  Cancelled,
  ChannelClosed,
  channel,
  Deferred,
  type Lease,
  Lock,
  Queue,
  Semaphore,
  scope,
  select,
  sleep,
  TimedOut,
  timer,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from './support.ts';

describe('select: what is not chosen has not happened', () => {
  it('of several that are ready one is done, and the others are as they were', () =>
    virtual(async (clock) => {
      const [a, b] = [new Queue<number>(), new Queue<number>()];
      const lock = new Lock();
      a.tryPut(1);
      b.tryPut(2);

      const first = await select({ a: a.got, b: b.got, lock: lock.acquired, late: timer('1h') });

      const left = a.size + b.size + (lock.locked ? 0 : 1);
      expect(['a', 'b', 'lock']).toContain(first.key);
      expect([left, clock.timers]).toEqual([2, 0]);
    }));

  it('of those that it waited for one is done, and the others are as they were', () =>
    virtual(async (clock) => {
      const queue = new Queue<number>();
      const full = new Queue<string>({ max: 1 });
      full.tryPut('inside');
      const lock = new Lock();
      const lease = await lock.acquire();
      const semaphore = new Semaphore(0);
      const event = new AsyncEvent();
      const { tx, rx } = channel<number>();
      const [task] = await inLine([
        () =>
          select({
            got: queue.got,
            put: full.putting('mine'),
            lock: lock.acquired,
            permit: semaphore.acquired,
            fired: event.fired,
            sent: tx.sending(7),
            received: rx.received,
            late: timer('1h'),
          }),
      ]);
      expect([clock.timers, lock.stats().waiting, event.waiting]).toEqual([1, 1, 1]);

      queue.tryPut(1);

      expect(await task).toEqual({ key: 'got', value: 1 });
      lease.release();
      semaphore.release();
      event.set();
      expect([lock.locked, semaphore.available, full.size]).toEqual([false, 1, 1]);
      expect(rx.stats()).toMatchObject({ waitingSend: 0, waitingReceive: 0, buffered: 0 });
      expect([queue.stats().waitingGet, full.stats().waitingPut, clock.timers]).toEqual([0, 0, 0]);
      expect(clock.now()).toBe(0);
    }));

  it('the same source twice is served once', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const lock = new Lock();
      const held = await lock.acquire();
      const [items, locks] = await inLine<{ key: string; value: unknown }>([
        () => select({ a: queue.got, b: queue.got }),
        () => select({ a: lock.acquired, b: lock.acquired }),
      ]);
      expect([queue.stats().waitingGet, lock.stats().waiting]).toEqual([2, 2]);

      queue.tryPut(1);
      queue.tryPut(2);
      held.release();

      expect(await items).toEqual({ key: 'a', value: 1 });
      expect([queue.size, queue.stats().waitingGet]).toEqual([1, 0]);
      const taken = await locks;
      expect([taken?.key, lock.locked, lock.stats().waiting]).toEqual(['a', true, 0]);
      (taken as { value: Lease }).value.release();
      expect(lock.locked).toBe(false);
    }));

  it('sending and receiving on one rendezvous channel: it does not meet itself', () =>
    virtual(async () => {
      const { tx, rx } = channel<string>();
      const [task] = await inLine([() => select({ sent: tx.sending('mine'), got: rx.received })]);
      expect([task?.status, rx.stats().waitingSend, rx.stats().waitingReceive]).toEqual([
        'running',
        1,
        1,
      ]);

      await tx.send('theirs');

      expect(await task).toEqual({ key: 'got', value: 'theirs' });
      expect(rx.stats()).toMatchObject({ waitingSend: 0, waitingReceive: 0 });
    }));

  it('two selects that send and receive on one rendezvous channel meet', () =>
    virtual(async () => {
      const { tx, rx } = channel<string>();
      const both = (name: string) => () => select({ sent: tx.sending(name), got: rx.received });
      const [a, b] = await inLine([both('a'), both('b')]);

      const [first, second] = [await a, await b];
      expect([first?.key, second?.key].toSorted()).toEqual(['got', 'sent']);
      expect(first?.value ?? second?.value).toBe(first?.key === 'got' ? 'b' : 'a');
      expect(rx.stats()).toMatchObject({ waitingSend: 0, waitingReceive: 0 });
    }));

  it('one that is served while it takes its places stands nowhere afterwards', () =>
    // Once: it goes on to stand in the lines of its other cases, and takes an item that it throws away.
    virtual(async () => {
      const broadcast = new Broadcast<number>({ capacity: 0 });
      const rx = broadcast.subscribe();
      const queue = new Queue<string>();
      const [publisher] = await inLine([() => broadcast.publish(1)]);

      expect(await select({ a: rx.received, b: queue.got })).toEqual({ key: 'a', value: 1 });
      await publisher;

      expect(queue.stats().waitingGet).toBe(0);
      queue.tryPut('kept');
      expect(queue.tryGet()).toEqual({ value: 'kept' });
    }));
});

describe('select: which', () => {
  it('of several that are ready they take turns', () =>
    virtual(async () => {
      const queues = [new Queue<number>(), new Queue<number>(), new Queue<number>()] as const;
      for (const queue of queues) for (let i = 0; i < 30; i++) queue.tryPut(i);

      for (let i = 0; i < 30; i++) {
        await select({ a: queues[0].got, b: queues[1].got, c: queues[2].got });
      }

      for (const queue of queues) expect(queue.size).toBeLessThan(30);
    }));

  it('none starves in a loop with two selects', () =>
    // Once: the turns are counted for the task and not for each select, so they keep step.
    virtual(async () => {
      const queues = Array.from({ length: 4 }, () => new Queue<number>());
      for (const queue of queues) for (let i = 0; i < 100; i++) queue.tryPut(i);
      const [a, b, c, d] = queues as [Queue<number>, Queue<number>, Queue<number>, Queue<number>];

      for (let i = 0; i < 64; i++) {
        await select({ a: a.got, b: b.got });
        await select({ c: c.got, d: d.got });
      }

      for (const queue of queues) expect(queue.size).toBeLessThan(100);
    }));

  it('with priority: the first that is ready', () =>
    virtual(async () => {
      const [urgent, jobs] = [new Queue<number>(), new Queue<number>()];
      for (let i = 0; i < 5; i++) jobs.tryPut(i);

      for (let i = 0; i < 3; i++) {
        await select({ urgent: urgent.got, job: jobs.got }, { priority: true });
      }
      urgent.tryPut(9);

      const next = await select({ urgent: urgent.got, job: jobs.got }, { priority: true });
      expect([next, jobs.size]).toEqual([{ key: 'urgent', value: 9 }, 2]);
    }));

  it('S13: stands in every line in the order in which it came', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const [before, chosen, after] = await inLine<unknown>([
        () => queue.get(),
        () => select({ it: queue.got }),
        () => queue.get(),
      ]);

      for (const n of [1, 2, 3]) queue.tryPut(n);

      expect([await before, await chosen, await after]).toEqual([1, { key: 'it', value: 2 }, 3]);
    }));

  it('does not overtake those who wait already', () =>
    virtual(async () => {
      const lock = new Lock();
      const held = await lock.acquire();
      const [first] = await inLine([() => lock.acquire()]);

      held.release();
      const [chosen] = await inLine([() => select({ it: lock.acquired, late: timer(5) })]);
      expect(chosen?.status).toBe('running');
      (await first)?.release();

      const got = await chosen;
      expect(got?.key).toBe('it');
      if (got?.key === 'it') got.value.release();
    }));
});

describe('select: how it ends', () => {
  it('S7: in a cancelled scope nothing is done', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      queue.tryPut(1);

      await scope(async (s) => {
        s.cancel();
        expect(await failure(select({ it: queue.got }))).toBeInstanceOf(Cancelled);
        return 0;
      });

      expect(queue.size).toBe(1);
    }));

  it('S7: cancelled while it waits it leaves all lines at once', () =>
    virtual(async (clock) => {
      const [a, b] = [new Queue<number>(), new Queue<number>()];
      const [task] = await inLine([() => select({ a: a.got, b: b.got, late: timer('1h') })]);

      task?.cancel();

      expect([a.stats().waitingGet, b.stats().waitingGet, clock.timers]).toEqual([0, 0, 0]);
      await task?.settled();
      a.tryPut(1);
      expect(a.size).toBe(1);
    }));

  it('S7: cancelled after it was served it keeps what it got', () =>
    virtual(async () => {
      const queue = new Queue<number>();
      const [task] = await inLine([() => select({ it: queue.got }).catch(() => 'lost')]);

      queue.tryPut(1);
      task?.cancel();

      expect(await task).toEqual({ key: 'it', value: 1 });
    }));

  it('with its own bounds: a signal, a time-out', () =>
    virtual(async (clock) => {
      const queue = new Queue<number>();
      const abort = new CountedAbort();
      const aborted = select({ it: queue.got }, { signal: abort.signal });
      abort.abort('enough');

      expect(await failure(aborted)).toBe('enough');
      const late = await failure(select({ it: queue.got }, { timeout: 10 }));
      expect(late).toBeInstanceOf(TimedOut);
      expect(late.message).toContain('select of it');
      expect([queue.stats().waitingGet, abort.listeners, clock.timers]).toEqual([0, 0, 0]);
      queue.tryPut(1);
      expect(await failure(select({ it: queue.got }, { timeout: -1 }))).toBeInstanceOf(RangeError);
      const signal = AbortSignal.abort();
      expect(await failure(select({ it: queue.got }, { signal }))).toBe(signal.reason);
      expect(queue.size).toBe(1);
    }));

  it('a timer counts from the begin of the select, also when it is used again', () =>
    virtual(async (clock) => {
      const queue = new Queue<number>();
      const late = timer('10ms');
      await sleep(5);

      expect((await select({ it: queue.got, late })).key).toBe('late');
      expect(clock.now()).toBe(15);
      expect((await select({ it: queue.got, late })).key).toBe('late');
      expect([clock.now(), queue.stats().waitingGet, clock.timers]).toEqual([25, 0, 0]);
    }));

  it('a timer of 0 makes it a look', () =>
    virtual(async (clock) => {
      const queue = new Queue<number>();

      const look = () => select({ it: queue.got, nothing: timer(0) }, { priority: true });
      expect((await look()).key).toBe('nothing');
      queue.tryPut(1);
      expect(await look()).toEqual({ key: 'it', value: 1 });
      expect(clock.now()).toBe(0);
    }));

  it('a timer of Infinity is no timer', () =>
    virtual(async (clock) => {
      const queue = new Queue<number>();
      const [task] = await inLine([() => select({ it: queue.got, never: timer(Infinity) })]);
      expect(clock.timers).toBe(0);

      queue.tryPut(1);
      expect((await task)?.key).toBe('it');
    }));

  it('a closed source throws what it throws, and the others are as they were', () =>
    virtual(async () => {
      const { tx, rx } = channel<number>();
      const queue = new Queue<number>();
      const [task] = await inLine([() => select({ a: queue.got, b: rx.received })]);

      tx.close();

      expect(await failure(task as PromiseLike<unknown>)).toBeInstanceOf(ChannelClosed);
      expect(queue.stats().waitingGet).toBe(0);
      expect(await failure(select({ b: rx.received }))).toBeInstanceOf(ChannelClosed);
      expect(await failure(select({ a: new Queue().got, b: rx.received }))).toBeInstanceOf(
        ChannelClosed,
      );
    }));

  it('a deferred that fails makes it fail', () =>
    virtual(async () => {
      const answer = new Deferred<number>();
      const broken = new Error('broken');
      const queue = new Queue<number>();
      const tasks = await inLine([() => select({ it: answer.settled, item: queue.got })]);
      answer.reject(broken);

      for (const task of tasks) expect(await failure(task)).toBe(broken);
      expect(await failure(select({ it: answer.settled }))).toBe(broken);
      expect(queue.stats().waitingGet).toBe(0);
    }));

  it('refuses what is no operation, and none at all', () =>
    virtual(async () => {
      const wrong = { ready: true } as never;

      expect(await failure(select({}))).toBeInstanceOf(RangeError);
      expect(String(await failure(select({ it: wrong })))).toMatch(/TypeError.*operations\.it/);
      expect(await failure(select(5 as never))).toBeInstanceOf(TypeError);
      expect(await failure(select(null as never))).toBeInstanceOf(TypeError);
      expect(() => timer(-1)).toThrow(RangeError);
      expect(() => timer('soon' as never)).toThrow(RangeError);
    }));

  it('many selects at many queues: every item arrives once', () =>
    virtual(async () => {
      const queues = Array.from({ length: 5 }, () => new Queue<number>());
      const cases = Object.fromEntries(queues.map((queue, i) => [i, queue.got]));
      const seen: number[] = [];
      const tasks = await inLine(
        Array.from({ length: 10 }, () => async () => {
          for (let i = 0; i < 5; i++) seen.push((await select(cases)).value as number);
        }),
      );
      for (let n = 0; n < 50; n++) {
        queues[n % 5]?.tryPut(n);
        if (n % 3 === 0) await idle();
      }
      for (const task of tasks) await task;

      expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
      await stop();
    }));
});
