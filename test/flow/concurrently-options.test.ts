import {
  concurrently,
  type Engine,
  getDefaultEngine,
  isCancelled,
  limiter,
  loop,
  type Scope,
  scope,
  setDefaultEngine,
  sleep,
  type UnhandledErrors,
} from 'skein';
import { virtual } from 'skein/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { caught, u } from '../conformance/jobs.ts';

const fail = (message: string) => () => Promise.reject(new Error(message));

/** An engine that counts, and runs bodies on the loop. */
function counting(): {
  readonly engine: Engine;
  readonly calls: unknown[];
  readonly log: string[];
} {
  const calls: unknown[] = [];
  const log: string[] = [];
  const engine: Engine = {
    name: 'counting',
    capacity: 2,
    submit: (fn, args, call) => {
      calls.push(call);
      return loop().submit(fn, args, call);
    },
    [Symbol.asyncDispose]: async () => {
      log.push('disposed');
    },
  };
  return { engine, calls, log };
}

describe('the engine', () => {
  afterEach(() => setDefaultEngine(loop));

  it('may be a value, which nobody disposes of', () =>
    virtual(async () => {
      const { engine, calls, log } = counting();
      await concurrently(2, { engine, source: [1] }, async () => undefined)();

      expect(calls).toMatchObject([
        { name: 'body', index: 0, attempt: 1, exclusive: true },
        { name: 'body', index: 1, attempt: 1, exclusive: true },
      ]);
      expect(log).toEqual([]);
    }));

  it('may be a function, which is called once; what it made is disposed of at the end', () =>
    virtual(async () => {
      const { engine, calls, log } = counting();
      const make = vi.fn(() => engine);
      const waiter = concurrently(3, { engine: make }, async ({ index }) => {
        await sleep(index * u);
        log.push(`ended ${index}`);
      });
      await waiter();

      expect(make).toHaveBeenCalledTimes(1);
      expect(calls).toHaveLength(3);
      expect(log).toEqual(['ended 0', 'ended 1', 'ended 2', 'disposed']);
    }));

  it('that was not named is the default of the process', () =>
    virtual(async () => {
      expect(getDefaultEngine()).toBe(loop());
      const { engine, calls, log } = counting();
      const make = vi.fn(() => engine);
      setDefaultEngine(make);
      expect(make).not.toHaveBeenCalled();

      await concurrently(1, {}, async () => undefined)();
      await concurrently(1, {}, async () => undefined)();

      expect(make).toHaveBeenCalledTimes(1);
      expect(getDefaultEngine()).toBe(engine);
      expect(calls).toHaveLength(2);
      expect(log).toEqual([]);
    }));

  it('that is closed, or refuses, is an error of each copy', () =>
    virtual(async () => {
      const { engine } = counting();
      const closed: Engine = { ...engine, submit: fail('closed') as never };

      const error = await caught(() => concurrently(2, { engine: closed }, async () => 1)());

      expect((error as UnhandledErrors).errors.map(String)).toEqual([
        'Error: closed',
        'Error: closed',
      ]);
    }));

  it('of this loop refuses generators, which it would not run', () =>
    virtual(async () => {
      const waiter = concurrently(1, {}, function* body() {
        yield 1;
      });

      const error = (await caught(() => waiter())) as UnhandledErrors;

      expect(String(error.errors[0])).toMatch(/fibers\(\) of skein\/fiber/);
    }));
});

describe('an engine that ends a body which does not listen', () => {
  /** It takes this long. */
  const slow = (ms: number): Engine => ({
    ...counting().engine,
    submit: (_fn, _args, { signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          setTimeout(() => reject(signal.reason), ms);
        });
      }),
  });

  it.each([
    ['in time', 5900, undefined],
    ['too late', 60_000, 'StuckTasks'],
  ])('is given a second more by the scope: %s', (_, ms, error) =>
    virtual(
      async () => {
        const settled = await scope(async () => {
          concurrently(1, { engine: slow(ms) }, async () => undefined);
          await sleep(u);
        }).then(
          () => undefined,
          (reason: Error) => reason.name,
        );

        expect(settled).toBe(error);
        await sleep(ms);
      },
      { globals: true },
    ),
  );
});

describe('bad input', () => {
  const start = (options: unknown): unknown =>
    concurrently(1, options as object, async () => undefined);

  it.each([
    ['options', null, /options/],
    ['options', () => 1, /options/],
    ['engine', { engine: 'threads' }, /engine/],
    ['what the engine function gives', { engine: () => Promise.resolve(loop()) }, /a promise/],
    ['source', { source: 5 }, /source/],
    ['signal', { signal: 'no' }, /signal/],
    ['grace', { grace: {} }, /grace/],
  ])('%s', (_, options, message) => {
    expect(() => start(options)).toThrow(TypeError);
    expect(() => start(options)).toThrow(message);
    expect(() => start({ grace: -1 })).toThrow(RangeError);
    expect(() => setDefaultEngine(5 as never)).toThrow(TypeError);
  });

  it('of the waiter rejects', () =>
    virtual(async () => {
      const waiter = concurrently(1, {}, async () => undefined);

      expect(await caught(() => waiter(5 as never))).toBeInstanceOf(TypeError);
      expect(await caught(() => waiter({ timeout: -1 }))).toBeInstanceOf(RangeError);
      expect(await caught(() => waiter.stop({ grace: -1 }))).toBeInstanceOf(RangeError);
      await waiter();
    }));

  it('a scope that has ended takes no copies', () =>
    virtual(async () => {
      let left: Scope | undefined;
      const late = await scope(async (s) => {
        left = s;
        s.cancel('over');
        return caught(async () => concurrently(1, {}, fail('must not run'))());
      });
      expect(left?.state).toBe('closed');
      expect(isCancelled(late)).toBe(true);
    }));
});

describe('copies in line behind the limit of their scope', () => {
  it('end at once when they are stopped', () =>
    virtual(async (clock) => {
      await scope({ limit: 1 }, async (s) => {
        s.spawn(async () => {
          let begun = false;
          const waiter = concurrently(2, {}, async () => {
            begun = true;
          });
          await waiter.stop();
          await waiter[Symbol.asyncDispose]();
          expect(begun).toBe(false);
        });
        s.spawn(() => sleep(5));
        s.spawn(() => sleep(5));
      });

      expect(clock.now()).toBe(10);
    }));
});

describe('copies that are made in a cancelled scope with a limit', () => {
  it.each(['a number', 'a limiter'])('of %s end at once', (of) =>
    virtual(async (clock) => {
      const limit = of === 'a number' ? 1 : limiter(1);
      let begun = false;
      await scope({ limit }, async (s) => {
        s.spawn(async () => {
          s.cancel();
          const waiter = concurrently(2, {}, async () => {
            begun = true;
          });
          await waiter.stop();
        });
      });

      expect([begun, clock.now()]).toEqual([false, 0]);
    }),
  );
});

describe('the grace of copies', () => {
  it('waits for their clean-ups', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const waiter = concurrently(1, { grace: 20 }, () =>
        scope((s) => s.defer(() => sleep(100).then(() => void log.push('cleaned up')))),
      );
      await sleep(10);
      await waiter.stop();

      expect([log, clock.now()]).toEqual([['cleaned up'], 100]);
    }));
});
