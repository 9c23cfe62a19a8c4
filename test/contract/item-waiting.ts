/**
 * Waits at a queue that end early, and those of a select that puts.
 *
 * @module
 */
import { Queue, scope, select, sleep, type WaitBounds } from 'skein';
import { virtual } from 'skein/testing';
import { expect, it } from 'vitest';
import { CountedAbort, failure, inLine } from '../sync/support.ts';
import { fill, type QueueKind, takeAll } from './queue-kind.ts';

/** Runs the contract for one kind of queue. */
export function waitingContract(kind: QueueKind): void {
  if (kind.capacity < 4) putContract(kind);
  boundsContract(kind);
  selectContract(kind);
}

function putContract({ capacity, make }: QueueKind): void {
  it('S7: a cancelled put has put nothing', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      const [first, second] = await inLine([() => queue.put(8), () => queue.put(9)]);

      first?.cancel();
      expect(queue.putters).toBe(1);
      const taken = [queue.tryGet()?.value];
      await second;

      taken.push(...takeAll(queue));
      expect(taken.toSorted()).toEqual([...inside, 9]);
      expect((await first?.settled())?.status).toBe('cancelled');
    }));

  it('S7: a put that is cancelled after it was let in has put its item', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      const log: string[] = [];
      const [task] = await inLine([
        async () => {
          await queue.put(9);
          log.push('put');
          await sleep(1).catch(() => log.push('next wait'));
        },
      ]);

      const taken = [queue.tryGet()?.value];
      task?.cancel();
      await task?.settled();

      expect(log).toEqual(['put', 'next wait']);
      taken.push(...takeAll(queue));
      expect(taken.toSorted()).toEqual([...inside, 9]);
    }));

  it('bounds a put: signal and time-out leave no item, listener or timer', () =>
    virtual(async (clock) => {
      const queue = make();
      const inside = fill(queue, capacity);
      const abort = new CountedAbort();
      const [first, second] = await inLine([
        () => queue.put(8, { signal: abort.signal }),
        () => queue.put(9, { timeout: 10 }),
      ]);
      abort.abort('enough');
      await sleep(20);

      expect(first?.exception()).toBe('enough');
      expect(second?.exception()).toMatchObject({ code: 'ERR_TIMED_OUT' });
      expect([queue.putters, abort.listeners, clock.timers]).toEqual([0, 0, 0]);
      expect(takeAll(queue).toSorted()).toEqual(inside);
    }));

  it('a select that puts stands in line; if it loses, nothing was put', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      const other = new Queue<string>();
      const [task] = await inLine([() => select({ put: queue.putting(9), other: other.got })]);
      expect([queue.putters, other.stats().waitingGet]).toEqual([1, 1]);

      other.tryPut('other');

      expect(await task).toEqual({ key: 'other', value: 'other' });
      expect(queue.putters).toBe(0);
      expect(takeAll(queue)).toHaveLength(inside.length);
    }));

  it('a select that puts wins when there is room', () =>
    virtual(async () => {
      const queue = make();
      const inside = fill(queue, capacity);
      const other = new Queue<string>();
      const [task] = await inLine([() => select({ put: queue.putting(9), other: other.got })]);

      const taken = [queue.tryGet()?.value];

      expect(await task).toEqual({ key: 'put', value: undefined });
      expect(other.stats().waitingGet).toBe(0);
      taken.push(...takeAll(queue));
      expect(taken.toSorted()).toEqual([...inside, 9]);
    }));
}

function boundsContract({ make }: QueueKind): void {
  it('bounds a get: signal and time-out leave no waiter, listener or timer', () =>
    virtual(async (clock) => {
      const queue = make();
      const abort = new CountedAbort();
      const [first, second] = await inLine([
        () => queue.get({ signal: abort.signal }),
        () => queue.get({ timeout: 10 }),
      ]);
      abort.abort('enough');
      await sleep(20);

      expect(first?.exception()).toBe('enough');
      expect(second?.exception()).toMatchObject({ code: 'ERR_TIMED_OUT' });
      expect([queue.getters, abort.listeners, clock.timers]).toEqual([0, 0, 0]);
    }));

  it('an aborted signal: nothing is put and nothing taken', () =>
    virtual(async () => {
      const queue = make();
      const signal = AbortSignal.abort('enough');
      const [sender] = await inLine([() => queue.put(7)]);

      expect(await failure(queue.get({ signal }))).toBe('enough');
      expect(await failure(queue.put(8, { signal }))).toBe('enough');

      expect(takeAll(queue)).toEqual([7]);
      await sender;
    }));

  it.each([
    [{ timeout: -1 }, RangeError],
    [{ timeout: '5 parsecs' }, RangeError],
    [{ signal: {} }, TypeError],
  ])('wrong bounds %o: nothing is put and nothing taken', (bounds, type) =>
    virtual(async () => {
      const queue = make();
      const [sender] = await inLine([() => queue.put(7)]);

      expect(await failure(queue.get(bounds as WaitBounds))).toBeInstanceOf(type);
      expect(await failure(queue.put(8, bounds as WaitBounds))).toBeInstanceOf(type);

      expect(takeAll(queue)).toEqual([7]);
      await sender;
    }),
  );
}

function selectContract({ make }: QueueKind): void {
  it('a select that gets takes what a put brings, and the put has ended', () =>
    virtual(async () => {
      const queue = make();
      const [task] = await inLine([() => select({ it: queue.got })]);

      await queue.put(7);

      expect(await task).toEqual({ key: 'it', value: 7 });
    }));

  it('a select at a closed queue throws what a get or put throws', () =>
    virtual(async () => {
      const queue = make();
      const broken = new Error('broken');
      const tasks = await inLine([() => select({ it: queue.got })]);
      queue.close(broken);

      for (const task of tasks) expect(await failure(task)).toBe(broken);
      expect(await failure(select({ it: queue.got }))).toBe(broken);
      expect(await failure(select({ it: queue.putting(1) }))).toMatchObject({
        code: 'ERR_CHANNEL_CLOSED',
        cause: broken,
      });
    }));

  it('S7: a select that puts in a cancelled scope has put nothing', () =>
    virtual(async () => {
      const queue = make();

      await scope(async (s) => {
        s.cancel();
        await select({ it: queue.putting(9) }).catch(() => undefined);
        await queue.put(8).catch(() => undefined);
        return 0;
      });

      expect([takeAll(queue), queue.putters]).toEqual([[], 0]);
    }));
}
