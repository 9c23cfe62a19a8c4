import {
  attemptsOf,
  type Context,
  currentScope,
  limiter,
  map,
  retry,
  Semaphore,
  StuckTasks,
  scope,
  sleep,
  TimedOut,
} from 'skein';
import { explore, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure } from '../sync/support.ts';

/** Never settles, and ignores every signal. */
const deaf = () => new Promise<never>(() => {});

describe('limit(fn, ...args)', () => {
  it.each([
    ['with room', () => limiter(1)],
    ['with a time-out', () => limiter({ concurrency: 1, timeout: '1h' })],
    ['with a retry', () => limiter({ concurrency: 1, retry: 1 })],
    ['with a rate', () => limiter({ concurrency: 1, rate: '1000/s' })],
    ['with a shared limit', () => limiter({ concurrency: new Semaphore(1) })],
  ] as const)('passes the arguments and then the context: %s, and in line', (_, make) =>
    virtual(async () => {
      const limit = make();
      const all = (...given: unknown[]) => given;
      for (const args of [[], [1], [1, 2], [1, 2, 3], [1, undefined]]) {
        const calls = await Promise.all([limit(all, ...args), limit(all, ...args)]);
        for (const given of calls) {
          expect(given.slice(0, -1)).toEqual(args);
          expect((given.at(-1) as Context).signal).toBeInstanceOf(AbortSignal);
        }
      }
    }),
  );

  it('counts the attempts in the context', () =>
    virtual(async () => {
      const limit = limiter({ retry: { retries: 3, backoff: 1 } });
      const value = await limit(async (text: string, { attempt }: Context) => {
        if (attempt < 3) throw new Error('not yet');
        return `${text} ${attempt}`;
      }, 'attempt');

      expect(value).toBe('attempt 3');
    }));

  it('gives a signal of its own to a call with a time-out, and that of its scope to others', () =>
    virtual(() =>
      scope(async (s) => {
        expect(await limiter(1)(({ signal }: Context) => signal)).toBe(s.signal);
        const own = await limiter({ timeout: '1h' })(({ signal }: Context) => signal);
        expect(own).not.toBe(s.signal);
        expect(own.aborted).toBe(false);
      }),
    ));
});

describe('an abort and a time-out', () => {
  it.each([
    { options: { timeout: '1s' } },
    { options: { retry: { retries: 2, totalTimeout: '1s' } } },
    { options: { timeout: '1s', retry: { retries: 2, totalTimeout: '2s' } } },
  ] as const)(
    'a function that ignores both: the reason, when the time is over: $options',
    ({ options }) =>
      virtual(async (clock) => {
        const limit = limiter({ concurrency: 1, ...options });
        const controller = new AbortController();
        const why = new Error('stop');
        const call = failure(limit.run(deaf, { signal: controller.signal }));
        await sleep(500);
        controller.abort(why);

        expect(await call).toBe(why);
        expect([clock.now(), limit.active]).toEqual([1000, 1]);
        await sleep(0);
        expect(clock.timers).toBe(0);
      }),
  );

  it.each([
    { options: {} },
    { options: { timeout: '1s' } },
    { options: { retry: { retries: 2 } } },
    { options: { timeout: '1s', retry: { retries: 2 } } },
  ] as const)('a function that has only clean-ups left keeps its value: $options', ({ options }) =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, ...options });
      const controller = new AbortController();
      const fn = (): Promise<string> =>
        scope((s) => {
          s.defer(() => sleep(10));
          return 'value';
        });
      const call = limit.run(fn, { signal: controller.signal });
      await sleep(5);
      controller.abort();

      expect([await call, clock.now()]).toEqual(['value', 10]);
    }),
  );

  it('a time-out that came first is TimedOut, and the abort changes nothing', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, timeout: '1s' });
      const abort = new CountedAbort();
      const call = failure(limit.run(deaf, { signal: abort.signal }));

      expect(await call).toBeInstanceOf(TimedOut);
      expect([clock.now(), abort.listeners]).toEqual([1000, 0]);
      abort.abort('too late');
      await sleep('1m');
      expect(limit.active).toBe(1);
    }));

  it('what the function has spawned is stopped with it, and reported if it is stuck', () =>
    virtual(async (clock) => {
      const limit = limiter({ timeout: '1h' });
      const log: string[] = [];
      const gone = Promise.withResolvers<void>();
      for (const stuck of [false, true]) {
        const controller = new AbortController();
        const from = clock.now();
        const call = failure(
          limit.run(
            async () => {
              currentScope().spawn(async () => {
                await sleep('2h').catch(() => log.push(`stopped after ${clock.now() - from}`));
                if (stuck) await gone.promise;
              }, 'child');
              await sleep('2h');
            },
            { signal: controller.signal },
          ),
        );
        await sleep(100);
        controller.abort('stop');
        const error = await call;

        if (stuck) expect(error).toBeInstanceOf(StuckTasks);
        else expect(error).toBe('stop');
        expect(clock.now() - from).toBe(stuck ? 5100 : 100);
      }
      expect(log).toEqual(['stopped after 100', 'stopped after 100']);
      gone.resolve();
    }));

  it('no further attempt follows, and the errors until then are beside the reason', () =>
    virtual(async () => {
      const limit = limiter({ retry: { retries: 5, backoff: 10 } });
      const controller = new AbortController();
      const why = new Error('stop');
      let calls = 0;
      const call = failure(
        limit.run(
          async ({ attempt }) => {
            calls++;
            if (attempt === 1) throw new Error('no. 1');
            await sleep('1h');
          },
          { signal: controller.signal },
        ),
      );
      await sleep(20);
      controller.abort(why);

      expect(await call).toBe(why);
      expect(calls).toBe(2);
      expect(attemptsOf(why).map(String)).toEqual(['Error: no. 1']);
    }));
});

describe('a value that comes after a time limit is TimedOut', () => {
  const late = () => sleep('1h').catch(() => 'late');

  it.each([
    ['limiter, timeout', () => limiter({ timeout: '1s' })(late)],
    ['limit.run, timeout', () => limiter({}).run(late, { timeout: '1s' })],
    ['limiter, totalTimeout', () => limiter({ retry: { retries: 1, totalTimeout: '1s' } })(late)],
    ['retry, totalTimeout', () => retry(late, { retries: 1, totalTimeout: '1s' })],
    ['map, timeout', () => map([1], late, { timeout: '1s' })],
    ['map, totalTimeout', () => map([1], late, { retry: { retries: 1, totalTimeout: '1s' } })],
    [
      'map through a limiter, timeout',
      () => map([1], late, { concurrency: limiter(1), timeout: '1s' }),
    ],
  ] as const)('%s', (_, call) =>
    virtual(async (clock) => {
      expect(await failure(call())).toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(1000);
    }),
  );
});

describe('in all schedules', () => {
  it.each([
    ['a number', () => limiter(1)],
    ['a semaphore', () => limiter({ concurrency: new Semaphore(1) })],
  ])('an abort loses no place, and nobody is called after it: %s', async (_, make) => {
    const { complete } = await explore(
      async () => {
        const limit = make();
        const controller = new AbortController();
        const { signal } = controller;
        let isOver = false;
        await scope(async (s) => {
          for (const name of ['ann', 'bob']) {
            s.spawn(async () => {
              const error = await limit
                .run(
                  async () => {
                    expect(isOver).toBe(false);
                    await sleep(1);
                  },
                  { signal },
                )
                .catch((reason: unknown) => reason);
              expect([undefined, 'stop']).toContain(error);
            }, name);
          }
          await sleep(1);
          isOver = true;
          controller.abort('stop');
        });
        expect(await limit(() => 'free')).toBe('free');
        expect(limit.stats()).toMatchObject({ active: 0, waiting: 0 });
      },
      { runs: 3000 },
    );
    expect(complete).toBe(true);
  });
});
