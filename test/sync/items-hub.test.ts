import { gather, scope, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { shareItems } from '../../src/sync/items-hub.ts';

describe('a shared source', () => {
  it.each(['sync', 'async'])('gives every item of a %s source to exactly one copy', (kind) =>
    virtual(async () => {
      async function* slow(): AsyncGenerator<number> {
        for (let n = 0; n < 20; n++) {
          await sleep(1);
          yield n;
        }
      }
      const hub = shareItems(kind === 'sync' ? Array.from({ length: 20 }, (_, n) => n) : slow());
      const lists: number[][] = [[], [], []];
      await gather(
        lists.map((list) => async () => {
          for await (const item of hub.join()) {
            list.push(item);
            await sleep(2);
          }
        }),
      );
      expect(lists.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
      expect(lists.every((list) => list.length > 0)).toBe(true);
      expect(hub.taken).toBe(20);
      await hub.close();
    }),
  );

  it('is opened when the first item is wanted and closed once, by close', () =>
    virtual(async () => {
      const log: string[] = [];
      function* source(): Generator<number> {
        log.push('opened');
        try {
          for (let n = 0; ; n++) yield n;
        } finally {
          log.push('closed');
        }
      }
      const hub = shareItems(source());
      const [a, b] = [hub.join(), hub.join()];
      expect(log).toEqual([]);
      for await (const n of a) if (n === 1) break;
      for await (const n of b) if (n === 3) break;
      expect((await a.next()).value).toBe(4);
      expect(log).toEqual(['opened']);
      a.leave();
      b.leave();
      await hub.close();
      await hub.close();
      expect(log).toEqual(['opened', 'closed']);
      expect((await hub.join().next()).done).toBe(true);
    }));

  it('knows what each copy took and did not finish', () =>
    virtual(async () => {
      const hub = shareItems(['a', 'b', 'c']);
      const [good, bad] = [hub.join(), hub.join()];
      await good.next();
      await bad.next();
      await bad.next();
      expect([good.unfinished, bad.unfinished, bad.taken]).toEqual([['a'], ['c'], 2]);
      good.leave();
      bad.leave(true);
      expect([good.unfinished, bad.unfinished]).toEqual([[], ['c']]);
      await hub.close();
    }));

  it('fails for everybody when the source does', () =>
    virtual(async () => {
      const wrong = new RangeError('wrong');
      async function* source(): AsyncGenerator<number> {
        yield 1;
        throw wrong;
      }
      const hub = shareItems(source());
      const [a, b] = [hub.join(), hub.join()];
      await a.next();
      const errors = await Promise.allSettled([a.next(), b.next(), a.next()]);
      expect(errors.map((each) => (each as PromiseRejectedResult).reason)).toEqual([
        wrong,
        wrong,
        wrong,
      ]);
      expect(hub.failure).toEqual({ error: wrong });
      await hub.close();
    }));

  it('takes nothing for a wait that was cancelled, and ends those that wait at return, leave and close', () =>
    virtual(async () => {
      const steps: (() => void)[] = [];
      async function* source(): AsyncGenerator<number> {
        for (let n = 0; n < 2; n++) {
          await new Promise<void>((resolve) => steps.push(resolve));
          yield n;
        }
      }
      const hub = shareItems(source());
      const [a, b, c] = [hub.join(), hub.join(), hub.join()];
      const cancelled = scope(async (s) => {
        s.spawn(async () => s.cancel('stop'));
        await a.next();
      });
      await expect(cancelled).rejects.toMatchObject({ code: 'ABORT_ERR' });
      const [second, third] = [b.next(), c.next()];
      await b.return?.();
      expect((await second).done).toBe(true);
      c.leave();
      expect((await third).done).toBe(true);
      const fourth = a.next();
      steps[0]?.();
      expect(await fourth).toEqual({ value: 0, done: false });
      const fifth = a.next();
      const closing = hub.close();
      expect((await fifth).done).toBe(true);
      while (steps.length < 2) await Promise.resolve();
      steps[1]?.();
      await closing;
      // It was asked for by a wait that the end has ended.
      expect(hub.left).toEqual([1]);
    }));

  it.each([5, null, {}, undefined])('refuses %s as a source', (source) => {
    expect(() => shareItems(source as never)).toThrow(/Expected source to be iterable/u);
  });

  it('refuses results that are no objects', async () => {
    const hub = shareItems({ [Symbol.iterator]: () => ({ next: () => 5 as never }) });
    await expect(hub.join().next()).rejects.toThrow(/to be an object: got 5/u);
    await hub.close();
  });

  it('reads the source in the context of whoever shared it', async () => {
    let hub: ReturnType<typeof shareItems<string>> | undefined;
    await scope(async (outer) => {
      hub = shareItems([1, 2].values().map(() => outer.name));
      await scope({ name: 'copy' }, async () => {
        expect((await hub?.join().next())?.value).toBe(outer.name);
      });
      await hub.close();
    });
  });
});
