import { getEventListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import {
  asCompleted,
  collect,
  concurrent,
  concurrently,
  type FlowOptions,
  firstSuccess,
  gather,
  map,
  mapStream,
  race,
  resolve,
  retry,
  scope,
  shield,
  sleep,
  sleepForever,
  TimedOut,
} from 'skein';
import { assertNoLeaks, virtual } from 'skein/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const boom = new Error('boom');
const abandon = true;
let warnings: unknown[] = [];
const warned = (warning: unknown): void => void warnings.push(warning);
beforeEach(() => {
  warnings = [];
  process.on('warning', warned);
});
afterEach(() => {
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

/** Bodies that listen to nothing, until the test lets them go. */
function deaf() {
  const { promise, resolve: letGo } = Promise.withResolvers<string>();
  return { hang: () => promise, letGo: () => letGo('late') };
}

const fails = () => sleep(50).then(() => Promise.reject(boom));
const all = async (flow: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of flow);
};
type Thunk = () => Promise<unknown>;

describe('a flow that abandons settles at the moment', () => {
  it.each<{ what: string; run: (thunks: Thunk[], o: FlowOptions) => Promise<unknown> }>([
    { what: 'map', run: (thunks, o) => map(thunks, (fn) => fn(), o) },
    { what: 'mapStream', run: (thunks, o) => all(mapStream(thunks, (fn) => fn(), o)) },
    { what: 'collect', run: (thunks, o) => collect(thunks, o) },
    { what: 'resolve', run: (thunks, o) => all(resolve(thunks, o)) },
    { what: 'gather', run: (thunks, o) => gather(thunks, o) },
    { what: 'race', run: (thunks, o) => race(thunks, o) },
  ])('$what, with the first error', async ({ run }) => {
    const { hang, letGo } = deaf();

    const report = await assertNoLeaks(() =>
      virtual(async (clock) => {
        await expect(run([hang, fails], { abandon })).rejects.toBe(boom);
        expect(clock.now()).toBe(50);
      }),
    ).catch((error: Error) => error.message);

    expect(report).toMatch(/\[0\], left behind/);
    letGo();
    await assertNoLeaks(() => undefined);
  });

  it.each<{ what: string; run: (thunks: Thunk[]) => Promise<unknown>; value: unknown }>([
    { what: 'race', run: (thunks) => race(thunks, { abandon }), value: 'first' },
    { what: 'firstSuccess', run: (thunks) => firstSuccess(thunks, { abandon }), value: 'first' },
    {
      what: 'a loop that is left',
      run: async (thunks) => {
        for await (const value of concurrent(thunks, { abandon })) return value;
        return undefined;
      },
      value: 'first',
    },
    {
      what: 'asCompleted',
      run: async (thunks) => {
        for await (const outcome of asCompleted(thunks, { abandon })) return outcome.unwrap();
        return undefined;
      },
      value: 'first',
    },
  ])('$what, with its value', ({ run, value }) =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();

      expect(await run([hang, () => sleep(50).then(() => 'first')])).toBe(value);
      expect(clock.now()).toBe(50);
      letGo();
    }),
  );

  it('with the reason of its signal', () =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();
      const controller = new AbortController();
      const ended = map([1], hang, { abandon, signal: controller.signal });
      await sleep(50);
      controller.abort(boom);

      await expect(ended).rejects.toBe(boom);
      expect(clock.now()).toBe(50);
      letGo();
    }));

  it('when its attempts have a time limit, each of which is left at once', () =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();
      let calls = 0;
      const body = (): Promise<string> => (++calls < 3 ? hang() : Promise.resolve('third'));

      expect(
        await map([1], body, { abandon, timeout: 50, retry: { retries: 2, base: 0 } }),
      ).toEqual(['third']);
      await expect(map([1], hang, { abandon, timeout: 50 })).rejects.toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(150);
      letGo();
    }));

  it('and closes its source, and a source that cannot be closed is left too', () =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();
      const log: string[] = [];
      async function* source() {
        try {
          yield 1;
          await hang();
        } finally {
          log.push('closed');
        }
      }

      await expect(map(source(), fails, { abandon })).rejects.toBe(boom);
      expect(clock.now()).toBe(50);
      letGo();
      await sleep(1);
      expect(log).toEqual(['closed']);
    }));

  it.each<{ what: string; around: (hang: () => Promise<unknown>) => Promise<unknown> }>([
    { what: 'a scope', around: (hang) => scope(hang) },
    { what: 'a flow', around: (hang) => map([1], hang) },
    { what: 'a scope in a flow', around: (hang) => map([1], () => scope(hang)) },
    { what: 'a shield', around: (hang) => shield(hang) },
    { what: 'a retry', around: (hang) => retry(hang, { retries: 1 }) },
  ])('and nobody waits for $what that is at work in it', ({ around }) =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();
      await scope(async () => {
        await expect(
          map([1, 2], (n) => (n === 1 ? around(hang) : fails()), { abandon }),
        ).rejects.toBe(boom);
      });
      expect(clock.now()).toBe(50);
      await scope(async () => {
        await map([1], () => sleep(1));
        await letGo();
      });
    }),
  );

  it('leaves nothing where what runs listens', () =>
    virtual(async () => {
      await assertNoLeaks(async () => {
        await expect(
          map([1, 2], (n) => (n === 1 ? sleepForever() : fails()), { abandon }),
        ).rejects.toBe(boom);
      });
    }));

  it('refuses what is no boolean', async () => {
    await expect(map([1], () => 1, { abandon: 'yes' as never })).rejects.toThrow(TypeError);
  });
});

describe('what ends a flow first is what it ends with', () => {
  const slow = () => sleep(60).catch(() => sleep(60));
  it('an error, though its consumer is cancelled while the flow stops', () =>
    virtual(async () => {
      const { hang, letGo } = deaf();
      const ended = scope(async (s) => {
        s.spawn(() => all(resolve([() => sleep(1).then(() => Promise.reject(boom)), hang])));
        await sleep(30);
        s.cancel();
        letGo();
      });

      await expect(ended).rejects.toBe(boom);
    }));

  it('the abort of its signal, though its consumer is cancelled while the flow stops', () =>
    virtual(async () => {
      const controller = new AbortController();
      let seen: unknown;
      await scope(async (s) => {
        s.spawn(async () => {
          seen = await all(mapStream([1], slow, { signal: controller.signal })).catch(
            (e: unknown) => e,
          );
        });
        await sleep(5);
        controller.abort(boom);
        await sleep(5);
        s.cancel();
      });

      expect(seen).toBe(boom);
    }));

  it('the success of firstSuccess, though it was cancelled before', () =>
    virtual(async () => {
      const value = await scope(async (s) => {
        const task = s.spawn(() =>
          firstSuccess([() => Promise.reject(boom), () => sleep('1h').catch(() => 'page')]),
        );
        await sleep(5);
        s.cancel();
        return task.settled();
      });

      expect(value).toEqual({ status: 'done', value: 'page' });
    }));
});

describe('what a flow has abandoned', () => {
  it('includes its source, until that has closed', async () => {
    const { hang, letGo } = deaf();
    async function* source() {
      yield 1;
      await hang();
    }
    const report = await assertNoLeaks(() =>
      virtual(async () => {
        await expect(map(source(), fails, { abandon })).rejects.toBe(boom);
      }),
    ).catch((error: Error) => error.message);

    expect(report).toContain('the source of map');
    letGo();
    await new Promise((done) => setImmediate(done));
    await assertNoLeaks(() => undefined);
  });

  it('does not cut the `finally` of a source that waits for the library', () =>
    virtual(async () => {
      const log: string[] = [];
      async function* source() {
        try {
          yield* [1, 2, 3];
        } finally {
          await sleep(10);
          log.push('closed');
        }
      }
      for await (const _ of mapStream(source(), (n) => n, { abandon, concurrency: 1, buffer: 0 }))
        break;
      expect(log).toEqual([]);
      await sleep(20);

      expect(log).toEqual(['closed']);
    }));
});

describe('a flow that is left from inside it', () => {
  it.each(['dispose', 'return'] as const)('is a TypeError at once: %s', (how) =>
    virtual(async (clock) => {
      const flow = mapStream([1, 2, 3], async () => {
        await (how === 'dispose' ? flow[Symbol.asyncDispose]() : iterator.return?.());
      });
      const iterator = flow[Symbol.asyncIterator]();

      await expect(iterator.next()).rejects.toThrow('it would wait for itself');
      expect(clock.now()).toBe(0);
    }),
  );
});

describe('a signal of many', () => {
  it('has one listener, and none in the end', () =>
    virtual(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const all = Array.from({ length: 100 }, () => [
        scope({ signal }, sleepForever),
        map([1], sleepForever, { signal }),
        concurrently(1, { signal }, sleepForever)(),
      ]).flat();
      await sleep(1);
      expect(getEventListeners(signal, 'abort').length).toBe(1);
      controller.abort(boom);
      const ends = await Promise.allSettled(all);

      expect(ends.every((end) => end.status === 'rejected' && end.reason === boom)).toBe(true);
      expect(getEventListeners(signal, 'abort').length).toBe(0);
    }));
});

describe('a readline interface that was closed before', () => {
  it('is an error, not a wait for ever', () =>
    virtual(async () => {
      const lines = createInterface({ input: Readable.from(['a\n', 'b\n']) });
      lines.close();

      await expect(map(lines, (line) => line)).rejects.toThrow('they are gone');
    }));
});
