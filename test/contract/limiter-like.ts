/**
 * What every limiter of size one does for whole functions: run, with, wrap, and as the limit of flows and scopes.
 *
 * @module
 */
import { type Limiter, map, mapStream, scope, sleep, type Thunk, type WaitBounds } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine } from '../sync/support.ts';

/** A limiter whose `run` can be bounded. */
export interface LimiterLike extends Limiter {
  run<R>(fn: Thunk<R>, bounds?: WaitBounds): Promise<R>;
}

/** Counts how many are inside at once. */
class Meter {
  inside = 0;
  most = 0;

  readonly work = async (): Promise<void> => {
    this.most = Math.max(this.most, ++this.inside);
    try {
      await sleep(10);
    } finally {
      this.inside--;
    }
  };
}

function expectFree(limiter: Limiter): void {
  const lease = limiter.tryAcquire();
  expect(lease, 'nobody holds it').toBeDefined();
  lease?.release();
}

/**
 * Runs the contract for what `make` makes, each time a new one of size 1.
 */
export function limiterContract(name: string, make: () => LimiterLike): void {
  describe(`${name} as a limiter`, () => {
    functionContract(make);
    flowContract(make);
    togetherContract(make);
  });
}

function functionContract(make: () => LimiterLike): void {
  it.each(['run', 'with'] as const)('%s gives the result and what it held', (method) =>
    virtual(async () => {
      const limiter = make();

      const value = await limiter[method](async () => {
        expect(limiter.tryAcquire()).toBeUndefined();
        return 42;
      });

      expect([value, await limiter[method](() => 43)]).toEqual([42, 43]);
      expectFree(limiter);
    }),
  );

  it.each([
    [
      'at once',
      () => {
        throw new Error('boom');
      },
    ],
    ['later', () => sleep(1).then(() => Promise.reject(new Error('boom')))],
  ] as const)('gives back what it held when the function throws %s', (_, fail) =>
    virtual(async () => {
      const limiter = make();
      const wrapped = limiter.wrap(fail);

      for (const call of [() => limiter.run(fail), () => limiter.with(fail), wrapped]) {
        await expect(call()).rejects.toThrow('boom');
      }

      expectFree(limiter);
    }),
  );

  it('wrap passes the arguments and takes turns', () =>
    virtual(async (clock) => {
      const limiter = make();
      const add = limiter.wrap(async (a: number, b: number) => {
        await sleep(10);
        return a + b;
      });

      const sums = await map([1, 2, 3], (n) => add(n, 1));

      expect([sums, clock.now()]).toEqual([[2, 3, 4], 30]);
      expectFree(limiter);
    }));

  it('bounds the wait for its turn, not the function', () =>
    virtual(async (clock) => {
      const limiter = make();
      const abort = new CountedAbort();
      const slow = limiter.run(() => sleep(100).then(() => 'slow'), { timeout: 10 });
      const [late, aborted] = await inLine([
        () => limiter.run(() => 'never', { timeout: 10 }),
        () => limiter.run(() => 'never', { signal: abort.signal }),
      ]);
      abort.abort('enough');

      expect(await slow).toBe('slow');
      expect(clock.now()).toBe(100);
      expect(late?.exception()).toMatchObject({ code: 'ERR_TIMED_OUT' });
      expect(aborted?.exception()).toBe('enough');
      expect(abort.listeners).toBe(0);
      expectFree(limiter);
    }));

  it('refuses what is no function before it takes anything', () =>
    virtual(async () => {
      const limiter = make();
      const nothing = 5 as never;

      for (const call of [limiter.run(nothing), limiter.with(nothing)]) {
        expect(await failure(call)).toBeInstanceOf(TypeError);
      }
      expect(() => limiter.wrap(nothing)).toThrow(TypeError);
      expectFree(limiter);
    }));
}

function flowContract(make: () => LimiterLike): void {
  it('is the concurrency of several maps together', () =>
    virtual(async (clock) => {
      const concurrency = make();
      const meter = new Meter();

      await Promise.all([
        map([1, 2], meter.work, { concurrency }),
        map([3, 4], meter.work, { concurrency }),
      ]);

      expect([meter.most, clock.now()]).toEqual([1, 40]);
      expectFree(concurrency);
    }));

  it('is free again after a map that failed', () =>
    virtual(async () => {
      const concurrency = make();
      const fail = () => sleep(1).then(() => Promise.reject(new Error('boom')));

      await expect(map([1, 2, 3], fail, { concurrency })).rejects.toThrow('boom');

      await idle();
      expectFree(concurrency);
    }));

  it('is the concurrency of a stream, and free again when that is left early', () =>
    virtual(async () => {
      const concurrency = make();
      const meter = new Meter();

      for await (const _ of mapStream([1, 2, 3, 4], meter.work, { concurrency })) break;

      await idle();
      expect(meter.most).toBe(1);
      expectFree(concurrency);
    }));
}

function togetherContract(make: () => LimiterLike): void {
  it('functions that one task runs in parallel take turns', () =>
    virtual(async (clock) => {
      const limiter = make();
      const meter = new Meter();
      const wrapped = limiter.wrap(meter.work);

      await Promise.all([limiter.run(meter.work), limiter.with(meter.work), wrapped()]);

      expect([meter.most, clock.now()]).toEqual([1, 30]);
      expectFree(limiter);
    }));

  it('is the limit of a scope', () =>
    virtual(async (clock) => {
      const limit = make();
      const meter = new Meter();

      await scope({ limit }, async (s) => {
        for (let i = 0; i < 3; i++) s.spawn(meter.work);
      });

      expect([meter.most, clock.now()]).toEqual([1, 30]);
      expectFree(limit);
    }));

  it('is free again after a scope that was cancelled', () =>
    virtual(async () => {
      const limit = make();
      const meter = new Meter();

      await scope({ limit }, async (s) => {
        for (let i = 0; i < 3; i++) s.spawn(meter.work);
        await sleep(5);
        s.cancel();
        return 0;
      });

      expect(meter.inside).toBe(0);
      expectFree(limit);
    }));
}

/** For limiters that know their holders: a task may spawn into the scope that the limiter limits, also when it is full. */
export function crawlContract(name: string, make: () => Limiter): void {
  it(`${name}: a task of a limited scope spawns another one into it`, () =>
    virtual(async () => {
      const seen: string[] = [];

      await scope({ limit: make() }, async (s) => {
        s.spawn(async () => {
          s.spawn(() => void seen.push('child'));
          await sleep(5);
          seen.push('parent');
        });
      });

      expect(seen).toEqual(['parent', 'child']);
    }));
}
