/**
 * A flow that was cut short says so: no list is ever short, no loop ever ends, because somebody has cancelled it.
 *
 * @module
 */
import {
  concurrently,
  currentScope,
  isCancelled,
  map,
  mapStream,
  moveOnAfter,
  Queue,
  schedule,
  scope,
  shield,
  sleep,
  sleepForever,
  timeout,
} from 'skein';
import { explore, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, isAbort, why } from '../contract/closing-readers.ts';

const pass = <T>(item: T): T => item;

/** Gives numbers with waits in between, and ends early without a word when a wait is cancelled. */
async function* quiet(count: number, ms: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) {
    yield n;
    try {
      await sleep(ms);
    } catch {
      return;
    }
  }
}

describe('a list', () => {
  it.each([1, 2, 3, 7, 16])(
    'of a generator that ends when it is cancelled is whole or none, by %i at once',
    (concurrency) =>
      virtual(async () => {
        const whole = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (let limit = 1; limit < 60; limit++) {
          const work = async (n: number): Promise<number> => {
            await sleep(n % 3);
            return n;
          };
          const result = await moveOnAfter(
            limit,
            () => map(quiet(10, 4), work, { concurrency }),
            'cut',
          );

          expect(limit <= 40 ? ['cut'] : ['cut', whole]).toContainEqual(result);
          if (limit > 40 && concurrency > 1) expect(result).toEqual(whole);
        }
      }),
  );

  it('is whole when the cancellation came after the last item', () =>
    virtual(async () => {
      const controller = new AbortController();
      const stubborn = async (n: number): Promise<number> => {
        await shield(() => sleep(5));
        controller.abort(why);
        return n;
      };

      const result = map([1], stubborn, { concurrency: 2, signal: controller.signal });

      expect(await result).toEqual([1]);
    }));

  it("is cut short, not failed, where errors were to wait for the end ('continue')", () =>
    virtual(async () => {
      const queue = new Queue<number>();
      await queue.put(1);
      const controller = new AbortController();
      const fail = async (): Promise<never> => {
        throw new Error('one');
      };
      const options = { onError: 'continue', signal: controller.signal } as const;
      const flow = mapStream(queue, fail, options);
      const list = caught(map(queue, fail, options));
      const all = caught(flow.toArray());
      await sleep(1);

      controller.abort(why);

      expect(isAbort(await list, why)).toBe(true);
      expect(isAbort(await all, why)).toBe(true);
      expect(flow.errors.length).toBeLessThanOrEqual(1);
      expect(flow.stats).toMatchObject({ running: 0, done: 0, waiting: 0 });
    }));
});

describe('a stream', () => {
  it('whose results wait rejects for whoever is cancelled before it asks for them', () =>
    virtual(async () => {
      const seen: number[] = [];
      const task = schedule(async () => {
        const flow = mapStream([1, 2, 3], pass, { concurrency: 3 });
        for await (const n of flow) {
          seen.push(n);
          // Not a wait of the library: the cancellation is seen at the next request.
          await new Promise((done) => setTimeout(done, 5));
          task.cancel(why);
        }
        return 'the end';
      });

      expect(await task.settled()).toMatchObject({ status: 'cancelled', error: { reason: why } });
      expect(seen).toEqual([1]);
    }));

  it('that has given all ends for whoever is cancelled then', () =>
    virtual(async () => {
      const task = schedule(async () => {
        for await (const _ of mapStream([1], pass)) {
          await new Promise((done) => setTimeout(done, 5));
          task.cancel(why);
        }
        return 'the end';
      });

      expect(await task.settled()).toEqual({ status: 'done', value: 'the end' });
    }));

  it('is over when whoever was cancelled has been told', () =>
    virtual(async () => {
      let flow: AsyncIterator<number> | undefined;
      const task = schedule(async () => {
        flow = mapStream([1, 2, 3], pass)[Symbol.asyncIterator]();
        await flow.next();
        await sleep(1);
        currentScope();
        task.cancel(why);
        return flow.next();
      });

      expect((await task.settled()).status).toBe('cancelled');
      expect(await flow?.next()).toEqual({ done: true, value: undefined });
    }));

  it('gives what it has, and then that it was cut short', () =>
    virtual(async () => {
      const controller = new AbortController();
      const queue = new Queue<number>();
      for (const n of [1, 2]) await queue.put(n);
      const iterator = mapStream(queue, pass, { signal: controller.signal })[
        Symbol.asyncIterator
      ]();
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      await sleep(1);

      controller.abort(why);
      await sleep(1);

      expect(await iterator.next()).toEqual({ done: false, value: 2 });
      expect(isAbort(await caught(iterator.next()), why)).toBe(true);
    }));
});

describe('a flow over a flow', () => {
  it('that is cut short is cut short itself, and says by whom', () =>
    virtual(async () => {
      const controller = new AbortController();
      const queue = new Queue<number>();
      await queue.put(1);
      const inner = mapStream(queue, pass, { signal: controller.signal });
      const outer = caught(map(mapStream(inner, pass), pass));
      await sleep(1);

      controller.abort(why);

      expect(isAbort(await outer, why)).toBe(true);
    }));

  it('that was made in a scope which has ended is cut short', () =>
    virtual(async () => {
      const flow = await scope(async () => {
        const made = mapStream(quiet(100, 5), pass);
        const iterator = made[Symbol.asyncIterator]();
        await iterator.next();
        return { [Symbol.asyncIterator]: () => iterator };
      });

      expect(await caught(map(flow, pass))).toMatchObject({ name: 'AbortError' });
    }));

  it('shared among copies is an error of those that ask, not the end', () =>
    virtual(async () => {
      const controller = new AbortController();
      const source = mapStream(quiet(100, 5), pass, { signal: controller.signal });
      const ends: string[] = [];
      const waiter = concurrently(2, { source }, async ({ items }) => {
        for await (const _ of items);
        ends.push('the end');
      });
      await sleep(12);

      controller.abort(why);
      await waiter({ suppressErrors: true });

      expect(ends).toEqual([]);
      expect(waiter.exceptions).toHaveLength(2);
      for (const error of waiter.exceptions) expect(isAbort(error, why)).toBe(true);
    }));
});

describe('copies', () => {
  it('that ask in a shielded place after the end of their scope get the cancellation, not the end', () =>
    virtual(async () => {
      const { shield } = await import('skein');
      const got: unknown[] = [];
      await scope(async () => {
        concurrently(1, { source: quiet(10, 5) }, async ({ items }) => {
          got.push((await items.next()).value);
          try {
            await sleepForever();
          } finally {
            await shield(async () => got.push(await caught(items.next())));
          }
        });
        await sleep(1);
      });

      expect(got).toEqual([0, expect.objectContaining({ name: 'AbortError' })]);
    }));
});

describe('under every interleaving', () => {
  it('a list is whole, or its call rejects', async () => {
    const { runs } = await explore(
      async () => {
        const queue = new Queue<number>();
        for (const n of [1, 2, 3]) queue.tryPut(n);
        queue.close();
        const work = async (n: number): Promise<number> => {
          await sleep(1);
          return n;
        };
        const result = await map(queue, work, { concurrency: 2 }).catch((error: unknown) => {
          if (!isCancelled(error)) throw error;
          return 'cut';
        });
        expect(['cut', [1, 2, 3]]).toContainEqual(result);
      },
      { strategy: 'random', runs: 500, cancelAnywhere: true },
    );
    expect(runs).toBe(500);
  });

  it('a loop over a stream sees all, or rejects', async () => {
    await explore(
      async () => {
        const seen: number[] = [];
        const result = await timeout(8, async () => {
          for await (const n of mapStream(quiet(3, 2), pass, { concurrency: 2 })) seen.push(n);
          return 'the end';
        }).catch((error: Error) => {
          if (!isCancelled(error) && error.name !== 'TimeoutError') throw error;
          return 'cut';
        });
        if (result === 'the end') expect(seen).toEqual([0, 1, 2]);
      },
      { strategy: 'random', runs: 500, cancelAnywhere: true },
    );
  });
});
