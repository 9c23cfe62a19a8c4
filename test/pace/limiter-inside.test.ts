import { type CallableLimiter, type CallOptions, Deadlock, limiter, sleep } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { failure } from '../sync/support.ts';

const waits = [
  { what: 'the end', wait: (limit: CallableLimiter) => limit[Symbol.asyncDispose]() },
  { what: 'idle', wait: (limit: CallableLimiter) => limit.idle() },
];
const { signal } = new AbortController();
const calls: readonly {
  readonly call: string;
  readonly make: () => CallableLimiter;
  readonly options?: CallOptions;
}[] = [
  { call: 'with a time-out', make: () => limiter({ concurrency: 2, timeout: '1h' }) },
  { call: 'with a signal', make: () => limiter(2), options: { signal } },
  {
    call: 'with a deadline',
    make: () => limiter({ concurrency: 2, retry: { retries: 1, totalTimeout: '1h' } }),
  },
];

describe.each(waits)('$what of a limiter', ({ wait }) => {
  it.each([
    ...calls,
    { call: 'that runs at once', make: () => limiter(2) },
    { call: 'with a rate', make: () => limiter({ rate: '10/s' }) },
  ])('is refused at the start of one of its calls: $call', ({ make, options }: (typeof calls)[0]) =>
    virtual(async (clock) => {
      const limit = make();
      let error: unknown;
      await limit.run(() => {
        error = failure(wait(limit));
      }, options);
      const queued = Array(5)
        .fill(0)
        .map(() => limit.run(async () => failure(wait(limit)), options));

      for (const each of [await error, ...(await Promise.all(queued))]) {
        expect(String(each)).toMatch(
          /TypeError: Cannot wait for .* of limiter from inside one of its calls: it would wait for itself/,
        );
      }
      await limit[Symbol.asyncDispose]();
      expect(clock.now()).toBeLessThan(1000);
    }),
  );

  it.each(calls)('is refused anywhere in a call $call', ({ make, options }) =>
    virtual(async () => {
      const limit = make();
      const error = await limit.run(async () => {
        await sleep(10);
        return failure(Promise.all([wait(limit)]));
      }, options);

      expect(error).toBeInstanceOf(TypeError);
      await limit[Symbol.asyncDispose]();
    }),
  );

  it('is waited for outside, also beside its calls', () =>
    virtual(async (clock) => {
      const limit = limiter({ concurrency: 1, timeout: '1h' });
      const call = limit(sleep, 100);
      const other = limiter(1);
      await other(() => wait(limit));

      expect(clock.now()).toBe(100);
      await call;
    }));
});

it('idle of a limiter is named by the report of a standstill where it is not known', async () => {
  const limit = limiter({ concurrency: 1, name: 'db' });
  const error = await failure(
    virtual(() =>
      limit(async () => {
        await sleep(1);
        await limit.idle();
      }),
    ),
  );

  expect(error).toBeInstanceOf(Deadlock);
  expect(error.message).toContain('waits for idle of limiter db');
});
