import {
  adaptive,
  allOf,
  CapacityLimiter,
  type Context,
  Lock,
  limiter,
  RateLimiter,
  type Runner,
  Semaphore,
  scope,
  sleep,
  sleepForever,
  TokenBucket,
} from 'skein';
import { describe, expect, it } from 'vitest';
import { CountedAbort } from '../sync/support.ts';
import { call, failure, turns } from './boundary.ts';

/** Limits with room for one. */
const limits: readonly (readonly [string, () => Runner])[] = [
  ['limiter', () => limiter(1)],
  ['limiter with a time-out', () => limiter({ concurrency: 1, timeout: '1h' })],
  ['Lock', () => new Lock()],
  ['Semaphore', () => new Semaphore(1)],
  ['CapacityLimiter', () => new CapacityLimiter(1)],
  ['adaptive', () => adaptive({ max: 1 })],
  ['RateLimiter', () => new RateLimiter({ maxCalls: 1, period: '1h' })],
  ['TokenBucket', () => new TokenBucket({ rate: '1/h' })],
  ['allOf', () => allOf(limiter(1), new Semaphore(2))],
];

type Run = (
  fn: (context: Context) => unknown,
  bounds?: { readonly signal?: AbortSignal },
) => Promise<unknown>;
const runOf = (limit: Runner): Run => limit.run.bind(limit) as Run;

describe.each(limits)('a %s in a worker', (_, make) => {
  it('gives its function the context', () =>
    call([make()], async (there) => {
      const context = (await runOf(there)(async (given) => given)) as Context;

      expect(context.signal.aborted).toBe(false);
      expect([context.index, context.attempt]).toEqual([0, 1]);
    }));

  it('calls nothing in a cancelled scope', () =>
    call([make()], async (there) => {
      let calls = 0;
      let error: unknown;
      const own = await failure(
        scope(async (s) => {
          s.cancel('before');
          error = await failure(runOf(there)(() => ++calls));
          await sleepForever();
        }),
      );

      expect([calls, error === own]).toEqual([0, true]);
    }));

  it('calls nothing where the signal has aborted', () =>
    call([make()], async (there) => {
      const why = new Error('stop');
      let calls = 0;

      expect(await failure(runOf(there)(() => ++calls, { signal: AbortSignal.abort(why) }))).toBe(
        why,
      );
      expect(calls).toBe(0);
    }));

  it('takes a call out of the line when its signal aborts', () =>
    call([make()], async (there) => {
      const abort = new CountedAbort();
      const why = new Error('stop');
      let free: (() => void) | undefined;
      const first = runOf(there)(
        () =>
          new Promise<void>((resolve) => {
            free = resolve;
          }),
      );
      while (free === undefined) await turns(1);
      const waiting = failure(runOf(there)(() => expect.unreachable(), { signal: abort.signal }));
      await turns(3);
      abort.abort(why);

      expect(await waiting).toBe(why);
      expect(abort.listeners).toBe(0);
      free();
      await first;
    }));

  it('aborts the signal of a function that is at work, and settles when that has ended', () =>
    call([make()], async (there) => {
      const abort = new CountedAbort();
      const why = new Error('stop');
      const log: unknown[] = [];
      const started = Promise.withResolvers<void>();
      const result = failure(
        runOf(there)(
          async ({ signal }) => {
            started.resolve();
            try {
              await sleep('1h');
            } finally {
              log.push(signal.aborted);
            }
          },
          { signal: abort.signal },
        ),
      );
      await started.promise;
      abort.abort(why);

      expect(await result).toBe(why);
      expect([log, abort.listeners]).toEqual([[true], 0]);
    }));
});

it('a wrapped function keeps its name, its length and its this over there', () =>
  call([limiter(1), new Lock(), new Semaphore(1)], async (...there) => {
    const me = {};
    for (const limit of there) {
      const query = limit.wrap(async function query(this: unknown, n: number) {
        return [this, n];
      });

      expect([query.name, query.length]).toEqual(['query', 1]);
      expect(await query.call(me, 7)).toEqual([me, 7]);
    }
  }));

it('a function that is given to a limiter over there gets its arguments and the context', () =>
  call([limiter(1)], async (there) => {
    const given = await there(async (...all: unknown[]) => all, 1, 'two');

    expect(given.slice(0, 2)).toEqual([1, 'two']);
    expect(given).toHaveLength(3);
    expect((given[2] as Context).signal.aborted).toBe(false);
  }));
