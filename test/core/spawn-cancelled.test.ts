import {
  concurrently,
  currentScope,
  limiter,
  moveOnAfter,
  type Scope,
  type ScopeOptions,
  Semaphore,
  schedule,
  scope,
  shield,
  sleep,
  sleepForever,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');

/** Golang's errgroup with a semaphore: the loop acquires, the task releases; the fourth task fails. */
async function errgroup(connections: Semaphore, options: ScopeOptions = {}): Promise<void> {
  await scope(options, async (s) => {
    for (let i = 0; i < 100; i++) {
      const lease = await connections.acquire();
      s.spawn(async () => {
        try {
          await sleep(2);
          if (i === 3) throw boom;
        } finally {
          lease.release();
        }
      });
    }
  });
}

describe('a spawned function runs to its first wait', () => {
  it.each<{ how: string; options: ScopeOptions }>([
    { how: '', options: {} },
    { how: ' of a scope with a limit', options: { limit: 1 } },
    { how: ' of a scope with a limiter', options: { limit: limiter({ concurrency: 1 }) } },
    { how: ' of a scope with a rate', options: { limit: limiter({ rate: '1/h' }) } },
  ])('so no lease is lost that was handed to a task$how', ({ options }) =>
    virtual(async () => {
      for (const permits of [1, 2, 5]) {
        const connections = new Semaphore(permits);
        // With a rate the loop waits for the tasks until its time is over.
        const ended = moveOnAfter('1s', () => errgroup(connections, options));
        await ended.catch((error: unknown) => expect(error).toBe(boom));
        expect(connections.available).toBe(permits);
      }
    }),
  );

  it.each<{ how: string; spawn: (s: Scope, fn: () => Promise<void>) => unknown }>([
    { how: 'spawn', spawn: (s, fn) => s.spawn(fn) },
    { how: 'a daemon', spawn: (s, fn) => s.spawn(fn, { daemon: true }) },
    {
      how: 'start',
      spawn: (s, fn) => s.start((_ready: (value: number) => void) => fn()).catch(() => undefined),
    },
    { how: 'schedule', spawn: (_s, fn) => schedule(fn) },
    { how: 'a task that is cancelled at once', spawn: (s, fn) => s.spawn(fn).cancel() },
    { how: 'currentScope', spawn: (_s, fn) => currentScope().spawn(fn) },
  ])('by $how, in a scope that was cancelled before', ({ spawn }) =>
    virtual(async () => {
      const log: string[] = [];
      await scope(async (s) => {
        s.cancel('before');
        spawn(s, async () => {
          log.push('begun');
          try {
            await sleep(1);
            log.push('never');
          } finally {
            log.push('ended');
          }
        });
      });

      expect(log).toEqual(['begun', 'ended']);
    }),
  );

  it('and one that needs no wait has ended well', () =>
    virtual(async () => {
      await scope(async (s) => {
        s.cancel();
        const task = s.spawn(() => 'value');
        expect(await task.settled()).toEqual({ status: 'done', value: 'value' });
      });
    }));

  it.each<{ how: string; limit: () => NonNullable<ScopeOptions['limit']> }>([
    { how: 'limit', limit: () => 1 },
    { how: 'limiter', limit: () => limiter(1) },
    { how: 'semaphore', limit: () => new Semaphore(1) },
  ])('also in a cancelled scope with a $how, one after the other', ({ limit }) =>
    virtual(async (clock) => {
      const log: string[] = [];
      await scope({ limit: limit() }, async (s) => {
        s.spawn(() => shield(() => sleep(3)));
        await sleep(1);
        s.cancel('before');
        for (const name of ['a', 'b']) {
          s.spawn(async () => {
            log.push(`${name} begun`);
            await shield(() => sleep(1));
            log.push(`${name} ended`);
          });
        }
      });

      expect(log).toEqual(['a begun', 'a ended', 'b begun', 'b ended']);
      expect(clock.now()).toBeLessThanOrEqual(5);
    }),
  );

  it('keeps to the limit of its scope when it was cancelled in line', () =>
    virtual(
      async () => {
        let running = 0;
        let most = 0;
        let begun = 0;
        const deaf = async () => {
          begun++;
          most = Math.max(most, ++running);
          await new Promise((done) => setTimeout(done, 0));
          running--;
        };
        for (const limit of [3, limiter({ concurrency: 3 })]) {
          [most, begun] = [0, 0];
          await scope({ limit }, async (s) => {
            for (let i = 0; i < 20; i++) s.spawn(deaf);
            await sleep(0);
            s.cancel();
          });
          expect(begun).toBe(20);
          expect(most).toBeLessThanOrEqual(4);
        }
      },
      { globals: false },
    ));

  it('also where its scope has left its work behind, when it is its turn', () =>
    virtual(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const log: string[] = [];
      const ended = scope({ limit: 1, grace: 10 }, async (s) => {
        s.spawn(() => promise, 'deaf');
        s.spawn(() => sleep(1).finally(() => void log.push('begun, and told to stop')));
        await sleep(1);
        s.cancel();
      });
      await expect(ended).rejects.toMatchObject({ name: 'StuckTasks' });
      expect(log).toEqual([]);
      resolve();
      await idle();
      expect(log).toEqual(['begun, and told to stop']);
    }));
});

describe('a copy that was stopped before it began', () => {
  it('does not begin', () =>
    virtual(async () => {
      let begun = 0;
      const waiter = concurrently(3, {}, async () => {
        begun++;
        await sleepForever();
      });
      await waiter.stop();

      expect(begun).toBe(0);
    }));
});
