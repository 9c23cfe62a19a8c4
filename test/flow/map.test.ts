import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  currentScope,
  loop,
  map,
  mapStream,
  scope,
  sleep,
  sleepForever,
  TimedOut,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');

/** A thenable that is no promise. */
function thenableOf<T>(start: (ok: (value: T) => void) => void): PromiseLike<T> {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is for.
  return { then: start } as unknown as PromiseLike<T>;
}

describe('map', () => {
  it('gives results in input order, from any kind of source', () =>
    virtual(async () => {
      async function* letters(): AsyncGenerator<string> {
        yield* ['a', 'b'];
      }
      const upper = (text: string): string => text.toUpperCase();

      expect(await map(['x', 'y'], upper)).toEqual(['X', 'Y']);
      expect(await map(new Set(['x', 'y']), upper)).toEqual(['X', 'Y']);
      expect(await map(letters(), upper)).toEqual(['A', 'B']);
      expect(await map('ab', upper)).toEqual(['A', 'B']);
      expect(await map([], upper)).toEqual([]);
    }));

  it('mixes synchronous and asynchronous results, undefined included', () =>
    virtual(async () => {
      const results = await map([3, 0, 2], (n) => (n === 0 ? undefined : sleep(n).then(() => n)));

      expect(results).toEqual([3, undefined, 2]);
    }));

  it('awaits foreign thenables, and cancels one that never settles with the flow', () =>
    virtual(async () => {
      const thenable = thenableOf<string>((ok) => ok('value'));
      const silent = thenableOf<string>(() => undefined);

      expect(await map([1], () => thenable)).toEqual(['value']);
      await expect(
        map([1, 2], (n) => (n === 1 ? silent : Promise.reject(boom)), { grace: 10 }),
      ).rejects.toBe(boom);
    }));

  it('never has more than the limit at work, and no less while there are inputs', () =>
    virtual(async (clock) => {
      let running = 0;
      let most = 0;

      await map(
        Array(10).keys(),
        async () => {
          most = Math.max(most, ++running);
          await sleep(10);
          running--;
        },
        { concurrency: 4 },
      );

      expect([most, clock.now()]).toEqual([4, 30]);
    }));

  it('passes every body its index, attempt and a signal that aborts with the flow', () =>
    virtual(async () => {
      const seen: Context[] = [];

      await map(['a', 'b'], async (_item, context) => {
        seen.push(context);
        if (context.index === 1) throw boom;
        await sleepForever();
      }).catch(() => undefined);

      expect(seen.map(({ index, attempt }) => [index, attempt])).toEqual([
        [0, 1],
        [1, 1],
      ]);
      expect(seen[0]?.signal.aborted).toBe(true);
    }));

  it('lets fetch be cancelled as it stands', () =>
    virtual(async () => {
      const fakeFetch = async (
        url: string,
        init: { signal?: AbortSignal } = {},
      ): Promise<string> => {
        await sleep(10);
        return `${url} ${init.signal?.aborted}`;
      };

      expect(await map(['/a'], fakeFetch)).toEqual(['/a false']);
    }));

  it('catches a mapper that throws synchronously', () =>
    virtual(async () => {
      const thrower = (): never => {
        throw boom;
      };

      await expect(map([1], thrower)).rejects.toBe(boom);
    }));

  it('cancels the running, waits for them, and closes the source before it rejects', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      function* source(): Generator<number> {
        try {
          yield* [0, 1, 2, 3];
        } finally {
          log.push('source closed');
        }
      }

      const ended = map(
        source(),
        async (n) => {
          await sleep(10 * (n + 1));
          if (n === 0) throw boom;
        },
        { concurrency: 2 },
      );

      await expect(ended).rejects.toBe(boom);
      expect([clock.now(), log]).toEqual([10, ['source closed']]);
    }));

  it('goes on after errors where that was asked for, and ends with all of them', () =>
    virtual(async () => {
      const done: number[] = [];

      const error = await map(
        [1, 2, 3, 4],
        async (n) => {
          if (n % 2 === 0) throw new Error(`no ${n}`);
          done.push(n);
        },
        { onError: 'continue' },
      ).catch((e: unknown) => e as AggregateError);

      expect((error as AggregateError).errors.map(String)).toEqual(['Error: no 2', 'Error: no 4']);
      expect(done).toEqual([1, 3]);
    }));

  it('belongs to the scope of its caller', () =>
    virtual(async (clock) => {
      const ended = scope({ timeout: 15 }, () =>
        map([1, 2, 3], () => sleep(10), { concurrency: 1 }),
      );

      await expect(ended).rejects.toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(15);
    }));

  it('rejects with the reason of its signal', () =>
    virtual(async () => {
      const controller = new AbortController();
      const ended = map([1], sleepForever, { signal: controller.signal }).catch((e: unknown) => e);
      await sleep(5);

      controller.abort('why');

      expect(await ended).toBe('why');
      expect(await map([1], () => 1, { signal: controller.signal }).catch((e) => e)).toBe('why');
    }));

  it('keeps the async context of its caller in every body', () =>
    virtual(async () => {
      const request = new AsyncLocalStorage<string>();

      const seen = await request.run('r1', () =>
        map([1, 2, 3], async () => sleep(1).then(() => request.getStore()), { concurrency: 1 }),
      );

      expect(seen).toEqual(['r1', 'r1', 'r1']);
    }));

  it('keeps the context of a stream whatever the consumer does', () =>
    virtual(async () => {
      const request = new AsyncLocalStorage<string>();
      const names: (string | undefined)[] = [];
      const flow = mapStream([1, 2, 3, 4], () => request.getStore(), { concurrency: 1, buffer: 1 });

      const iterator = flow[Symbol.asyncIterator]();
      for (const name of ['first', 'second', 'third', 'fourth']) {
        const { value } = await request.run(name, () => iterator.next());
        names.push(value);
      }
      await iterator.return?.();

      expect(names).toEqual(['first', 'first', 'first', 'first']);
    }));

  it('spawns from a body into the scope of the caller', () =>
    virtual(async () => {
      const log: number[] = [];

      await scope({ name: 'caller' }, async () => {
        await map([1, 2], (n) => {
          currentScope().spawn(async () => {
            await sleep(10);
            log.push(n);
          });
        });
        expect(log).toEqual([]);
      });

      expect(log).toEqual([1, 2]);
    }));

  it('runs on an engine what it would run in place', () =>
    virtual(async () => {
      const seen = await map([1, 2], (n, { index, attempt }) => [n, index, attempt], {
        engine: loop(),
        timeout: 100,
      });

      expect(seen).toEqual([
        [1, 0, 1],
        [2, 1, 1],
      ]);
    }));
});
