import { concurrently, loop, mapStream, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it, vi } from 'vitest';
import { caught, range, u } from '../conformance/jobs.ts';

describe('the shared source', () => {
  it('is closed when the last copy has ended, before the waiter completes', () =>
    virtual(async () => {
      const log: string[] = [];
      async function* endless(): AsyncGenerator<number> {
        try {
          for (let n = 0; ; n++) yield n;
        } finally {
          await sleep(u);
          log.push('closed');
        }
      }
      const waiter = concurrently(2, { source: endless() }, async ({ items, index }) => {
        for await (const item of items) if (item > 3) break;
        await sleep((index + 1) * u);
        log.push(`ended ${index}`);
      });

      await waiter();

      expect(log).toEqual(['ended 0', 'ended 1', 'closed']);
    }));

  it('an error of its closing is among the exceptions, last', () =>
    virtual(async () => {
      const source = {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false as const, value: 1 }),
          return: () => {
            throw new Error('cannot close');
          },
        }),
      };
      const waiter = concurrently(1, { source }, async ({ items }) => {
        await items.next();
        throw new Error('copy');
      });

      await waiter({ suppressErrors: true });

      expect(waiter.exceptions.map(String)).toEqual(['Error: copy', 'Error: cannot close']);
    }));

  it('a flow that was iterated elsewhere is refused at the call, and no engine is made', () =>
    virtual(async () => {
      const make = vi.fn(loop);
      const flow = mapStream(range(3), (n) => n);
      await flow.toArray();
      const disposed = mapStream(range(3), (n) => n);
      await disposed[Symbol.asyncDispose]();

      for (const source of [flow, disposed]) {
        expect(() => concurrently(2, { source, engine: make }, async () => undefined)).toThrow(
          /single use/,
        );
      }
      expect(make).not.toHaveBeenCalled();
    }));

  it('a flow belongs to the copies from the call on', () =>
    virtual(async () => {
      const items: number[] = [];
      const flow = mapStream(range(3), (n) => n);
      const waiter = concurrently(1, { source: flow }, async (context) => {
        for await (const item of context.items) items.push(item);
      });

      expect(() => concurrently(1, { source: flow }, async () => undefined)).toThrow(/single use/);
      expect(await caught(() => flow.toArray())).toBeInstanceOf(TypeError);
      await waiter();

      expect(items).toEqual([0, 1, 2]);
    }));

  it('a stream that is being read is refused at the call', async () => {
    const stream = new ReadableStream<number>();
    const reader = stream.getReader();

    expect(() => concurrently(2, { source: stream }, async () => undefined)).toThrow(/reader/);
    reader.releaseLock();
    await stream.cancel();
  });

  it('another source that somebody else has ended has no items', () =>
    virtual(async () => {
      function* numbers(): Generator<number> {
        yield* range(3);
      }
      const source = numbers();
      for (const _ of source);
      const items: number[] = [];

      await concurrently(2, { source }, async (context) => {
        for await (const item of context.items) items.push(item);
      })();

      expect(items).toEqual([]);
    }));

  it('copies without a source have no items', () =>
    virtual(async () => {
      const items: unknown[] = [];
      await concurrently(1, {}, async (context) => {
        for await (const item of context.items) items.push(item);
      })();
      expect(items).toEqual([]);
    }));

  it('an item in hand of a stopped copy is unfinished, one whose copy went on is not', () =>
    virtual(async () => {
      const waiter = concurrently(2, { source: range(10) }, async ({ items }) => {
        for await (const item of items) await sleep(item % 2 === 0 ? u : 10 * u);
      });
      await sleep(1.5 * u);
      await waiter.stop();

      expect(waiter.unfinished).toMatchObject([
        { copy: 0, item: 2 },
        { copy: 1, item: 1 },
      ]);
    }));
});
