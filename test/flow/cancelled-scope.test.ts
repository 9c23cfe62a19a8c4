import {
  asCompleted,
  Cancelled,
  collect,
  concurrent,
  concurrently,
  firstSuccess,
  gather,
  gatherSettled,
  inThread,
  loop,
  map,
  mapStream,
  moveOnAfter,
  race,
  resolve,
  retry,
  Semaphore,
  schedule,
  scope,
  sleep,
  sleepForever,
  timeout,
  wait,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { callers, unlimited } from '../contract/callers.ts';
import { failure, toArray } from '../sync/support.ts';

type Start = (fn: () => number) => Promise<unknown>;

const flows: Readonly<Record<string, Start>> = {
  map: (fn) => map([1, 2], fn),
  'map with a retry': (fn) => map([1, 2], fn, { retry: 3 }),
  'map with a deadline': (fn) => map([1, 2], fn, { retry: { retries: 3, totalTimeout: '1h' } }),
  'map with a time-out': (fn) => map([1, 2], fn, { timeout: '1h' }),
  'map with a pace': (fn) => map([1, 2], fn, { pace: '1000/s' }),
  'map with a limiter': (fn) => map([1, 2], fn, { concurrency: new Semaphore(1) }),
  'map on an engine': (fn) => map([1, 2], fn, { engine: loop() }),
  'map that goes on': (fn) => map([1, 2], fn, { onError: 'continue' }),
  mapStream: (fn) => toArray(mapStream([1, 2], fn)),
  'mapStream().toArray': (fn) => mapStream([1, 2], fn).toArray(),
  'mapStream().settled': (fn) => toArray(mapStream([1, 2], fn).settled()),
  collect: (fn) => collect([fn, fn]),
  resolve: (fn) => resolve([fn, fn]).toArray(),
  concurrent: (fn) => concurrent([fn, fn]).toArray(),
  'concurrent with errors': (fn) => concurrent([fn, fn], { yieldErrors: true }).toArray(),
  gather: (fn) => gather([fn, fn]),
  'gather of a record': (fn) => gather({ one: fn, two: fn }),
  gatherSettled: (fn) => gatherSettled([fn, fn]),
  race: (fn) => race([fn, fn]),
  firstSuccess: (fn) => firstSuccess([fn, fn]),
  asCompleted: (fn) => toArray(asCompleted([fn, fn])),
  concurrently: (fn) => concurrently(2, {}, async () => void fn())(),
  inThread: (fn) => inThread(fn),
  'engine.submit': (fn) => loop().submit(fn, [], {}),
};

const all: readonly (readonly [string, Start])[] = [
  ...Object.entries(flows),
  ...[...callers, unlimited].map(
    ({ name, make }) => [name, (fn: () => number) => make().run(fn)] as const,
  ),
  ['retry', (fn) => retry(fn, 3)],
  ['retry for ever', (fn) => retry(fn, { retries: Number.POSITIVE_INFINITY })],
  ['retry with a deadline', (fn) => retry(fn, { retries: 3, totalTimeout: '1h' })],
];

describe.each(all)('in a cancelled scope %s', (_, start) => {
  it('starts nothing, and rejects with the cancellation of the scope', () =>
    virtual(async (clock) => {
      let calls = 0;
      let error: unknown;
      const own = await failure(
        scope(async (s) => {
          s.cancel('before');
          error = await failure(start(() => ++calls));
          await sleepForever();
        }),
      );

      expect([calls, error === own, clock.now()]).toEqual([0, true, 0]);
      expect(error).toBeInstanceOf(Cancelled);
    }));

  it('starts nothing where it was a signal, or a deadline', () =>
    virtual(async () => {
      let calls = 0;
      const work = () => start(() => ++calls);
      const why = new Error('stop');
      await failure(scope({ signal: AbortSignal.abort(why) }, work));
      const late = await failure(
        timeout('1s', async () => {
          await sleep('1h').catch(() => undefined);
          await work();
        }),
      );

      expect(calls).toBe(0);
      expect(late).toMatchObject({ code: 'ERR_TIMED_OUT' });
      expect(await moveOnAfter(0, async () => sleep(1).catch(work), 'went on')).toBe('went on');
      expect(calls).toBe(0);
    }));
});

it('in a cancelled scope wait waits for nothing', () =>
  virtual(async () => {
    const task = schedule(() => sleep(10));
    const error = await failure(
      scope(async (s) => {
        s.cancel('before');
        await wait([task]);
      }),
    );

    expect(error).toMatchObject({ code: 'ABORT_ERR', reason: 'before' });
    await task;
  }));

it('whoever was cancelled between two attempts starts no other, also when the time was over', () =>
  virtual(async () => {
    let calls = 0;
    const own = await failure(
      scope(async (s) => {
        const retried = failure(
          retry(
            () => {
              calls++;
              throw new Error('no');
            },
            { retries: 5, backoff: 100 },
          ),
        );
        // Its timer is due first: the wait between the attempts has ended well, and nobody has gone on.
        await sleep(100);
        s.cancel('enough');
        throw await retried;
      }),
    );

    expect(calls).toBe(1);
    expect(own).toMatchObject({ code: 'ABORT_ERR', reason: 'enough' });
  }));
