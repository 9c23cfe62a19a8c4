import { Cancelled, limiter, Semaphore, scope, sleep, sleepForever } from 'skein';
import { explore, idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure } from '../sync/support.ts';

describe('clear', () => {
  // https://github.com/sindresorhus/p-limit/issues/25, https://github.com/sindresorhus/p-limit/pull/27,
  // https://github.com/sindresorhus/p-queue/issues/239
  it('rejects all who wait and leaves those at work', () =>
    virtual(async () => {
      const limit = limiter(1);
      const calls = [
        limit(async () => 'done'),
        limit(() => 2),
        limit.run(() => 3, { priority: 1 }),
      ];
      const settled = Promise.allSettled(calls);
      expect(limit.clear('enough')).toBe(2);
      const [first, ...rest] = await settled;

      expect(first).toMatchObject({ status: 'fulfilled', value: 'done' });
      for (const each of rest) {
        expect((each as PromiseRejectedResult).reason).toBeInstanceOf(Cancelled);
        expect(String((each as PromiseRejectedResult).reason)).toMatch(/limiter.*enough/);
      }
      expect(limit.waiting).toBe(0);
    }));

  it('reaches calls between two attempts', () =>
    virtual(async (clock) => {
      const limit = limiter({ retry: { retries: 5, backoff: '1h' } });
      const call = failure(limit(() => Promise.reject(new Error('no'))));
      await idle();
      expect([limit.active, limit.waiting, limit.clear()]).toEqual([0, 1, 1]);
      expect(await call).toBeInstanceOf(Cancelled);
      expect(clock.now()).toBe(0);
    }));

  it('starts nobody meanwhile', () =>
    virtual(async () => {
      const limit = limiter(2);
      const started: string[] = [];
      const busy = limit(sleep, 1);
      const calls = [
        limit.run(() => started.push('heavy'), { weight: 2 }),
        limit(() => started.push('light')),
      ].map(failure);
      expect(limit.clear()).toBe(2);
      await Promise.all([busy, ...calls]);
      expect(started).toEqual([]);
    }));

  it('settles a hundred thousand', () =>
    virtual(async () => {
      const limit = limiter(1);
      const first = limit(sleep, 1);
      const calls = Promise.allSettled(Array.from({ length: 100_000 }, () => limit(() => 1)));
      expect(limit.clear()).toBe(100_000);
      expect((await calls).every(({ status }) => status === 'rejected')).toBe(true);
      await first;
    }));
});

describe('a signal', () => {
  // https://github.com/sindresorhus/p-queue/issues/168
  it('that ends calls at work and calls that wait does not hang the limiter', () =>
    virtual(async () => {
      const limit = limiter(1);
      const controller = new AbortController();
      const { signal } = controller;
      const running = failure(limit.run(() => sleep(10), { signal }));
      const waiting = failure(limit.run(() => 1, { signal }));
      const other = limit(() => 'other');
      await idle();
      const why = new Error('stop');
      controller.abort(why);

      expect([await waiting, await running]).toEqual([why, why]);
      expect(await other).toBe('other');
      expect([limit.active, limit.waiting]).toEqual([0, 0]);
    }));

  // https://github.com/sindresorhus/p-queue/issues/219
  it('takes a call out of the line at once, and no start of the rate with it', () =>
    virtual(async (clock) => {
      const limit = limiter({ rate: '1/s' });
      const controller = new AbortController();
      const { signal } = controller;
      await limit(() => 1);
      const aborted = Array.from({ length: 5 }, () => failure(limit.run(() => 1, { signal })));
      await sleep(100);
      controller.abort();
      expect(limit.waiting).toBe(0);
      await Promise.all(aborted);
      await sleep('2s');

      expect(await Promise.all([limit(() => clock.now()), limit(() => clock.now())])).toEqual([
        2100, 3100,
      ]);
    }));

  // https://github.com/sindresorhus/p-queue/issues/241
  it('that is aborted already rejects, and the function is not called', async () => {
    for (const limit of [limiter(1), limiter({ rate: '1/s' }), limiter({ retry: 3, timeout: 5 })]) {
      const call = limit.run(() => expect.unreachable(), { signal: AbortSignal.abort('no') });
      expect(await failure(call)).toBe('no');
    }
  });

  it('keeps one listener for all who wait, and none afterwards', () =>
    virtual(async () => {
      const limit = limiter(1);
      const abort = new CountedAbort();
      const { signal } = abort;
      const calls = Array.from({ length: 50 }, () => limit.run(() => sleep(1), { signal }));
      expect(abort.listeners).toBe(1);
      await Promise.all(calls);
      expect(abort.listeners).toBe(0);
    }));
});

describe('the ambient scope', () => {
  it('takes its calls out of the line when it is cancelled', () =>
    virtual(async () => {
      const limit = limiter(1);
      const busy = limit(sleep, 10);
      let called = false;
      const error = await failure(
        scope(async (s) => {
          s.spawn(() =>
            limit(() => {
              called = true;
            }),
          );
          await idle();
          expect(limit.waiting).toBe(1);
          s.cancel('enough');
          expect(limit.waiting).toBe(0);
          await sleepForever();
        }),
      );
      expect(String(error)).toMatch(/enough/);
      await busy;
      expect(called).toBe(false);
    }));

  it('that is cancelled lets nothing in', () =>
    virtual(async () => {
      const limit = limiter(1);
      const seen: string[] = [];
      await failure(
        scope(async (s) => {
          const late = failure(limit(() => seen.push('started before')));
          s.cancel();
          seen.push((await late).name, (await failure(limit(() => seen.push('later')))).name);
          await sleepForever();
        }),
      );
      expect(seen).toEqual(['AbortError', 'AbortError']);
      expect(limit.active).toBe(0);
    }));

  it('of a call whose place was made by others does not matter to them', () =>
    virtual(async () => {
      const limit = limiter({ concurrency: new Semaphore(1), rate: '10/s' });
      const first = failure(scope((s) => limit(() => s.cancel()).then(sleepForever)));
      expect(await limit(() => 'second')).toBe('second');
      await first;
    }));
});

describe('in all schedules', () => {
  it.each([
    ['a number', () => limiter(1)],
    ['a weight', () => limiter(2)],
    ['a semaphore', () => limiter({ concurrency: new Semaphore(1) })],
  ])('no place is lost, whoever is cancelled: %s', async (_, make) => {
    const { complete } = await explore(
      async () => {
        const limit = make();
        const weight = limit.concurrency === 2 ? 2 : 1;
        let inside = 0;
        const work = async () => {
          expect(++inside).toBe(1);
          try {
            await sleep(1);
          } finally {
            inside--;
          }
        };
        await scope(async (s) => {
          for (const name of ['ann', 'bob']) s.spawn(() => limit.run(work, { weight }), name);
        });
        await limit.run(work, { weight });
        expect(limit.stats()).toMatchObject({ active: 0, waiting: 0 });
      },
      { cancelAnywhere: true, runs: 3000 },
    );
    expect(complete).toBe(true);
  });

  it('nothing is pending after clear', async () => {
    await explore(
      async () => {
        const limit = limiter(1);
        await scope(async (s) => {
          for (const name of ['ann', 'bob', 'cat']) {
            s.spawn(() => limit(sleep, 1).catch(() => undefined), name);
          }
          await sleep(1);
          limit.clear();
        });
        expect(limit.stats()).toMatchObject({ active: 0, waiting: 0 });
      },
      { runs: 2000 },
    );
  });
});
