import {
  AsyncEvent,
  Cancelled,
  CapacityLimiter,
  Lock,
  limiter,
  map,
  Queue,
  RateLimiter,
  retry,
  Semaphore,
  select,
  sleep,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

/** The lines of a stack that name this file. */
const here = (error: Error): string[] =>
  String(error.stack)
    .split('\n')
    .filter((line) => line.includes('stacks.test.ts'));

const long = () => sleep('1h');
const fails = () => Promise.reject(new Error('no'));

describe('the stack of a TimedOut names who asked', () => {
  it.each([
    { what: 'limit(fn)', call: () => limiter({ timeout: 10 })(long) },
    { what: 'limit.run', call: () => limiter({}).run(long, { timeout: 10 }) },
    { what: 'limit.wrap', call: () => limiter({ timeout: 10 }).wrap(long)() },
    {
      what: 'limit.run that waits',
      async call() {
        const limit = limiter({ concurrency: 1, timeout: 10 });
        const first = failure(limit(long));
        const second = failure(limit.run(long));
        await first;
        throw await second;
      },
    },
    {
      what: 'totalTimeout of a limiter',
      call: () => limiter({ retry: { retries: 1, totalTimeout: 10 } })(long),
    },
    { what: 'totalTimeout of retry', call: () => retry(long, { retries: 1, totalTimeout: 10 }) },
    {
      what: 'totalTimeout of retry, between two attempts',
      call: () => retry(fails, { retries: 9, backoff: 4, totalTimeout: 10 }),
    },
    {
      what: 'totalTimeout of a flow',
      call: () => map([1], long, { retry: { retries: 1, totalTimeout: 10 } }),
    },
    { what: 'select', call: () => select({ got: new Queue<number>().got }, { timeout: 10 }) },
    { what: 'AsyncEvent.wait', call: () => new AsyncEvent().wait({ timeout: 10 }) },
    { what: 'Queue.get', call: () => new Queue<number>().get({ timeout: 10 }) },
    { what: 'Semaphore.acquire', call: () => new Semaphore(0).acquire(1, { timeout: 10 }) },
    { what: 'Semaphore.run', call: () => new Semaphore(0).run(long, { timeout: 10 }) },
    {
      what: 'CapacityLimiter.acquire',
      async call() {
        const limit = new CapacityLimiter(1);
        using _ = await limit.acquire();
        return await limit.acquire({ timeout: 10 });
      },
    },
    {
      what: 'RateLimiter.run',
      async call() {
        const rate = new RateLimiter({ maxCalls: 1, period: '1h' });
        await rate.run(() => 1);
        return await rate.run(() => 1, { timeout: 10 });
      },
    },
    {
      what: 'limit.idle',
      async call() {
        const limit = limiter(1);
        const busy = limit(sleep, 20);
        const error = await failure(limit.idle({ timeout: 10 }));
        await busy;
        throw error;
      },
    },
  ])('$what', ({ call }) =>
    virtual(async () => {
      const error = await failure(
        (async function asker() {
          return call();
        })(),
      );

      expect(error.name).toBe('TimeoutError');
      expect(here(error).length, error.stack).toBeGreaterThan(0);
      expect(error.stack).not.toContain('/src/');
    }),
  );
});

it('the stack of the Cancelled inside an aborted call names who aborted', () =>
  virtual(async () => {
    for (const run of [limiter(1).run, new Lock().run.bind(new Lock())]) {
      const controller = new AbortController();
      let inside: Error | undefined;
      const call = failure(
        run.call(
          limiter(1),
          () =>
            sleep('1h').catch((error: Error) => {
              inside = error;
              throw error;
            }),
          { signal: controller.signal },
        ),
      );
      await sleep(1);
      (function asker() {
        controller.abort('text');
      })();

      expect(await call).toBe('text');
      expect(inside).toBeInstanceOf(Cancelled);
      expect(here(inside as Error)[0]).toContain('asker');
    }
  }));
