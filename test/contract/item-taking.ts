/**
 * The side of a queue that items come out of: getting, looping, selecting.
 *
 * @module
 */
import { isCancelled, schedule, scope, select, sleep } from 'skein';
import { idle, virtual } from 'skein/testing';
import { expect, it } from 'vitest';
import { failure, inLine, stop } from '../sync/support.ts';
import type { Source } from './queue-kind.ts';

/** A source and what feeds it. */
export interface Fed {
  readonly source: Source;
  put(item: unknown): Promise<void>;
  close(): void;
}

/** Runs the contract for what `make` makes. */
export function takingContract(make: () => Fed): void {
  gettingContract(make);
  loopContract(make);
}

function gettingContract(make: () => Fed): void {
  it('S13: serves those who wait to get in the order in which they came', () =>
    virtual(async () => {
      const { source, put } = make();
      const tasks = await inLine([1, 2, 3].map(() => () => source.get()));
      expect(source.getters).toBe(3);

      for (const item of [7, 8, 9]) await put(item);

      const got: unknown[] = [];
      for (const task of tasks) got.push(await task);
      expect(got).toEqual([7, 8, 9]);
      expect(source.getters).toBe(0);
    }));

  it('S7: a cancelled get takes nothing', () =>
    virtual(async () => {
      const { source, put } = make();
      const [first, second] = await inLine([() => source.get(), () => source.get()]);

      first?.cancel();
      expect(source.getters).toBe(1);
      await put(7);

      expect(await second).toBe(7);
      expect((await first?.settled())?.status).toBe('cancelled');
    }));

  it('S7: a get that is cancelled after it was served keeps the item', () =>
    virtual(async () => {
      const { source, put } = make();
      const seen: unknown[] = [];
      const [task] = await inLine([
        async () => {
          seen.push(await source.get());
          seen.push(isCancelled(await failure(source.get())));
        },
      ]);

      const sent = put(7);
      task?.cancel();
      await sent;
      await task?.settled();

      expect(seen).toEqual([7, true]);
      expect(source.getters).toBe(0);
    }));

  it('S7: in a cancelled scope neither get nor a loop takes anything', () =>
    virtual(async () => {
      const { source, put } = make();
      const [sender] = await inLine([() => put(7)]);

      await scope(async (s) => {
        s.cancel();
        expect(isCancelled(await failure(source.get()))).toBe(true);
        expect(isCancelled(await failure(source[Symbol.asyncIterator]().next()))).toBe(true);
        expect(isCancelled(await failure(select({ it: source.got })))).toBe(true);
        return 0;
      });

      expect(await source.get()).toBe(7);
      await sender;
    }));

  it('carries every value, also those that are false or missing', () =>
    virtual(async () => {
      const { source, put } = make();
      const items = [0, '', false, null, undefined, Number.NaN];
      const taken: unknown[] = [];
      const [sender] = await inLine([
        async () => {
          for (const item of [...items, ...items, ...items, ...items]) await put(item);
        },
      ]);

      const loop = source[Symbol.asyncIterator]();
      for (const _ of items) {
        taken.push(await source.get());
        taken.push((await select({ it: source.got })).value);
        taken.push((await loop.next()).value);
        await idle();
        const next = source.tryGet();
        taken.push(next === undefined ? await source.get() : next.value);
      }
      await sender;

      expect(taken).toEqual([...items, ...items, ...items, ...items]);
    }));

  it('a select that gets stands in line, and leaves it when it loses or is cancelled', () =>
    virtual(async () => {
      const { source, put } = make();
      const other = make();
      const [first, second, third] = await inLine([
        () => select({ it: source.got }),
        () => select({ it: source.got, other: other.source.got }),
        () => source.get(),
      ]);
      expect([source.getters, other.source.getters]).toEqual([3, 1]);

      await stop(...(first === undefined ? [] : [first]));
      await other.put('other');

      expect(await second).toEqual({ key: 'other', value: 'other' });
      expect([source.getters, other.source.getters]).toEqual([1, 0]);
      await put(7);
      expect(await third).toBe(7);
    }));
}

function loopContract(make: () => Fed): void {
  it('a loop ends when it is closed and empty', () =>
    virtual(async () => {
      const { source, put, close } = make();
      const seen: unknown[] = [];
      const loop = schedule(async () => {
        for await (const item of source) seen.push(item);
      });
      for (const item of [1, 2, 3]) await put(item);
      close();
      await loop;

      expect(seen).toEqual([1, 2, 3]);
    }));

  it('a loop that is left leaves the rest for others', () =>
    virtual(async () => {
      const { source, put, close } = make();
      const [sender] = await inLine([
        async () => {
          await put(1);
          await put(2);
          close();
        },
      ]);

      for await (const item of source) {
        expect(item).toBe(1);
        break;
      }

      expect(await source.get()).toBe(2);
      await sender;
    }));

  it('several loops share the items', () =>
    virtual(async () => {
      const { source, put, close } = make();
      const seen: unknown[] = [];
      const loops = await inLine(
        [1, 2].map(() => async () => {
          let count = 0;
          for await (const item of source) {
            seen.push(item);
            count++;
            await sleep(1);
          }
          return count;
        }),
      );
      for (const item of [1, 2, 3, 4]) await put(item);
      close();

      const counts: number[] = [];
      for (const loop of loops) counts.push(await loop);
      expect(seen).toEqual([1, 2, 3, 4]);
      expect(counts).toEqual([2, 2]);
    }));

  it('S14: return() ends the next() that is pending, which takes nothing', () =>
    virtual(async () => {
      const { source, put } = make();
      const loop = source[Symbol.asyncIterator]();
      const pending = [loop.next(), loop.next()];
      expect(source.getters).toBe(2);

      expect(await loop.return?.()).toEqual({ done: true, value: undefined });
      expect(source.getters).toBe(0);
      const [sender] = await inLine([() => put(7)]);

      const end = { done: true, value: undefined };
      expect(await Promise.all([...pending, loop.next()])).toEqual([end, end, end]);
      expect(await source.get()).toBe(7);
      await sender;
    }));

  it('several next() at once get one item each, in order', () =>
    virtual(async () => {
      const { source, put, close } = make();
      const loop = source[Symbol.asyncIterator]();
      const pending = [loop.next(), loop.next(), loop.next()];
      await put(1);
      await put(2);
      close();

      expect(await Promise.all(pending)).toEqual([
        { done: false, value: 1 },
        { done: false, value: 2 },
        { done: true, value: undefined },
      ]);
    }));

  it('S7: a cancelled next() takes nothing', () =>
    virtual(async () => {
      const { source, put } = make();
      const loop = source[Symbol.asyncIterator]();
      const [task] = await inLine([() => loop.next()]);
      await stop(...(task === undefined ? [] : [task]));
      expect(source.getters).toBe(0);
      const [sender] = await inLine([() => put(7)]);

      expect(await loop.next()).toEqual({ done: false, value: 7 });
      await sender;
    }));
}
