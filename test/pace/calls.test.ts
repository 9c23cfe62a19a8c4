import {
  adaptive,
  allOf,
  attemptsOf,
  Cancelled,
  type Context,
  KeyedLock,
  Lock,
  limiter,
  map,
  RateLimiter,
  retry,
  Semaphore,
  scope,
  sleep,
  sleepForever,
  TokenBucket,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { type Caller, callers, long, occupy, retrying, unlimited } from '../contract/callers.ts';
import { CountedAbort, failure } from '../sync/support.ts';

const all: readonly Caller[] = [...callers, unlimited, retrying];
const bounded = all.filter((caller) => caller.bounded);
const lines = callers.filter((caller) => caller.bounded);

describe.each(all)('$name', ({ make }) => {
  it('gives its function the context, and nothing else', () =>
    virtual(async () => {
      let given: readonly unknown[] = [];
      await make().run((...args: readonly unknown[]) => {
        given = args;
      });

      expect(given).toHaveLength(1);
      const { signal, index, attempt } = given[0] as Context;
      expect(signal).toBeInstanceOf(AbortSignal);
      expect([signal.aborted, index, attempt]).toEqual([false, 0, 1]);
    }));

  it('has a context whose signal aborts with the scope around', () =>
    virtual(async () => {
      let reason: unknown;
      const error = await failure(
        scope(async (s) => {
          const call = make().run(async ({ signal }) => {
            s.cancel('enough');
            reason = signal.reason;
            await sleep(1);
          });
          await call;
        }),
      );

      expect(error).toBe(reason);
      expect(error).toMatchObject({ code: 'ABORT_ERR', reason: 'enough' });
    }));

  it('calls nothing in a cancelled scope, and rejects with its cancellation', () =>
    virtual(async () => {
      let calls = 0;
      let error: unknown;
      const own = await failure(
        scope(async (s) => {
          s.cancel('before');
          error = await failure(make().run(() => ++calls));
          await sleepForever();
        }),
      );

      expect([calls, error === own, error instanceof Cancelled]).toEqual([0, true, true]);
    }));

  it('passes on values and errors as they are, and what is thrown at once', () =>
    virtual(async () => {
      const wrong = new Error('no');

      expect(await make().run(() => 'value')).toBe('value');
      expect(await make().run(async () => 'later')).toBe('later');
      for (const work of [
        () => {
          throw wrong;
        },
        async () => {
          throw wrong;
        },
      ]) {
        const error = await failure(scope(() => make().run(work)));
        expect(error).toBe(wrong);
      }
    }));
});

describe.each(bounded)('the signal of $name', ({ make, repeats = false }) => {
  it('that has aborted before: its reason, without a call and without a listener', () =>
    virtual(async (clock) => {
      const abort = new CountedAbort();
      const why = new Error('stop');
      abort.abort(why);
      let calls = 0;

      expect(await failure(make().run(() => ++calls, { signal: abort.signal }))).toBe(why);
      expect([calls, abort.listeners, clock.timers]).toEqual([0, 0, 0]);
    }));

  it.each([
    new Error('stop'),
    'text',
    new DOMException('stop', 'AbortError'),
    new DOMException('late', 'TimeoutError'),
  ])('that aborts at work reaches what waits inside; the reason comes out as it is: %s', (why) =>
    virtual(async (clock) => {
      const abort = new CountedAbort();
      let inside: unknown;
      let told: unknown;
      const call = failure(
        make().run(
          async ({ signal }) => {
            signal.addEventListener('abort', () => {
              told = signal.reason;
            });
            try {
              await sleep('1h');
            } catch (error) {
              inside = error;
              throw error;
            }
          },
          { signal: abort.signal },
        ),
      );
      await sleep(10);
      expect(abort.listeners).toBe(1);
      abort.abort(why);

      expect(await call).toBe(why);
      expect(inside).toBeInstanceOf(Cancelled);
      expect([inside === told, (inside as Cancelled).reason === why]).toEqual([true, true]);
      expect([clock.now(), abort.listeners]).toEqual([10, 0]);
    }),
  );

  it('that aborts at work lets the function end: the call settles then', () =>
    virtual(async (clock) => {
      const controller = new AbortController();
      const why = new Error('stop');
      const log: string[] = [];
      const call = failure(
        make().run(
          async ({ signal }) => {
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            await new Promise<void>((resolve) => ticks.push(resolve));
            log.push('cleaned up');
            signal.throwIfAborted();
          },
          { signal: controller.signal },
        ),
      ).finally(() => log.push('settled'));
      const ticks: (() => void)[] = [];
      await sleep(10);
      controller.abort(why);
      await sleep('3s');
      expect(log).toEqual([]);
      ticks[0]?.();

      expect(await call).toBe(why);
      expect([log, clock.now()]).toEqual([['cleaned up', 'settled'], 3010]);
    }));

  it('that aborts at work does not take away a value that came all the same', () =>
    virtual(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const call = make().run(() => sleep('1h').catch(() => 'value'), { signal });
      await sleep(10);
      controller.abort('stop');

      expect(await call).toBe('value');
    }));

  it('that aborts at work does not hide what the function failed with, if that is no cancellation', () =>
    virtual(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const [wrong, why] = [new Error('while stopping'), new Error('stop')];
      const call = failure(
        make().run(() => sleep('1h').catch(() => Promise.reject(wrong)), { signal }),
      );
      await sleep(10);
      controller.abort(why);

      const error = await call;
      // Where there would have been another attempt, it is the abort that has ended them.
      expect(error).toBe(repeats ? why : wrong);
      expect(attemptsOf(error)).toEqual([wrong]);
    }));

  it('that aborts after the end does nothing', () =>
    virtual(async () => {
      const abort = new CountedAbort();
      let seen: AbortSignal | undefined;
      await make().run(
        ({ signal }) => {
          seen = signal;
        },
        { signal: abort.signal },
      );
      expect(abort.listeners).toBe(0);
      abort.abort();

      expect(seen?.aborted).toBe(false);
    }));

  it('may be that of the scope around', () =>
    virtual(async () => {
      const error = await failure(
        scope(async (s) => {
          const call = failure(make().run(long, { signal: s.signal }));
          await sleep(1);
          s.cancel('enough');
          throw await call;
        }),
      );

      expect(error).toMatchObject({ code: 'ABORT_ERR', reason: 'enough' });
    }));

  it('is not named where the scope around was cancelled first', () =>
    virtual(async () => {
      const controller = new AbortController();
      let error: unknown;
      const own = await failure(
        scope(async (s) => {
          const call = failure(make().run(long, { signal: controller.signal }));
          await sleep(1);
          s.cancel('enough');
          controller.abort('too late');
          error = await call;
          await sleepForever();
        }),
      );

      expect(error).toBe(own);
    }));
});

describe.each(lines)('a call that waits at $name', ({ make, holds }) => {
  it('leaves its line at once when its signal aborts, and the next one has its place', () =>
    virtual(async (clock) => {
      const room = make();
      const busy = await occupy(room);
      if (!holds) await busy.leave();
      const abort = new CountedAbort();
      const why = new Error('stop');
      const order: string[] = [];
      const waiting = [1, 2, 3].map(() =>
        failure(room.run(() => expect.unreachable(), { signal: abort.signal })),
      );
      const next = room.run(() => order.push(`next at ${clock.now()}`));
      await idle();
      expect(abort.listeners).toBe(1);
      abort.abort(why);

      expect(await Promise.all(waiting)).toEqual([why, why, why]);
      expect([clock.now(), abort.listeners]).toEqual([0, 0]);
      await sleep('30m');
      if (holds) await busy.leave();
      await next;
      expect(order).toEqual([`next at ${holds ? 1_800_000 : 3_600_000}`]);
    }));

  it('leaves it when its scope is cancelled', () =>
    virtual(async (clock) => {
      const room = make();
      const busy = await occupy(room);
      if (!holds) await busy.leave();
      let error: unknown;
      const own = await failure(
        scope(async (s) => {
          const call = failure(room.run(() => expect.unreachable()));
          await idle();
          s.cancel('enough');
          error = await call;
          await sleepForever();
        }),
      );

      expect(error).toBe(own);
      expect(clock.now()).toBe(0);
      if (holds) await busy.leave();
    }));
});

describe.each(callers.filter(({ holds }) => holds))('the place at $name', ({ make }) => {
  it('is kept until a function that was aborted has settled', () =>
    virtual(async (clock) => {
      const room = make();
      const controller = new AbortController();
      const deaf = Promise.withResolvers<string>();
      const call = room.run(() => deaf.promise, { signal: controller.signal });
      const next = room.run(() => clock.now());
      await sleep(10);
      controller.abort('stop');
      await sleep('20s');
      deaf.resolve('value');

      expect(await call).toBe('value');
      expect(await next).toBe(20_010);
    }));

  // Who leaves hands over a few microtasks later; in one of them the turn is given and not yet taken.
  it.each([...Array(12).keys()])(
    'is free again when the scope was cancelled between the turn and the call, and the function not called: %i microtasks later',
    (microtasks) =>
      virtual(async () => {
        const room = make();
        const busy = await occupy(room);
        let isCancelled = false;
        let called: boolean | undefined;
        await failure(
          scope(async (s) => {
            const call = room.run(() => {
              called = isCancelled;
            });
            await idle();
            const left = busy.leave();
            for (let i = 0; i < microtasks; i++) await undefined;
            isCancelled = true;
            s.cancel('enough');
            await Promise.allSettled([left, call]);
            await sleepForever();
          }),
        );

        expect(called, 'called in a cancelled scope').not.toBe(true);
        expect(await room.run(() => 'free')).toBe('free');
      }),
  );
});

describe('beside the other options of a call', () => {
  const { signal } = new AbortController();
  const call = () => 'called';
  it.each([
    [
      'limit.run',
      () => limiter(3).run(call, { signal, timeout: 9, weight: 2, priority: 1, key: 1 }),
    ],
    ['RateLimiter', () => rate().run(call, { signal, timeout: 9, key: 1 })],
    [
      'TokenBucket',
      () => new TokenBucket({ rate: 9, burst: 3 }).run(call, { signal, timeout: 9, tokens: 2 }),
    ],
    ['Semaphore.run', () => new Semaphore(1).run(call, { signal, timeout: 9, key: 1 })],
    ['Semaphore.with', () => new Semaphore(3).with(call, 2, { signal, timeout: 9 })],
    ['Lock.with', () => new Lock().with(call, { signal, timeout: 9 })],
    ['KeyedLock.with', () => new KeyedLock().with(1, call, { signal, timeout: 9 })],
    ['adaptive', () => adaptive({ max: 2 }).run(call, { signal, timeout: 9, key: 1 })],
    ['allOf', () => allOf(limiter(1), rate()).run(call, { signal, key: 1 })],
    ['retry', () => retry(call, { retries: 1, signal, totalTimeout: '1s', backoff: 1 })],
  ])('a signal is taken: %s', (_, made) =>
    virtual(async () => {
      expect(await made()).toBe('called');
    }),
  );

  it.each(callers.filter((caller) => caller.bounded))(
    'the context of the call around is taken as bounds: $name',
    ({ make }) =>
      virtual(async () => {
        const room = make();
        const values = await map([1], (_, context) => room.run(call, context), { timeout: '2h' });

        expect(values).toEqual(['called']);
      }),
  );
});

const rate = () => new RateLimiter({ maxCalls: 1, period: 1 });
