import { map, openScope, type Scope, StuckTasks, scope, shield, sleep, sleepForever } from 'skein';
import { assertNoLeaks, idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

/** A scope whose clean-up runs from 0 ms to 30 ms; `during` comes at 10 ms. */
function cleaningUp(options: Parameters<typeof scope>[0], during: (s: Scope) => void) {
  return scope(options as object, async (s) => {
    s.defer(async () => {
      await sleep(10);
      during(s);
      await sleep(20);
    });
    return 'value';
  });
}

describe('what comes while clean-ups run changes nothing', () => {
  const controller = new AbortController();
  it.each<{ what: string; options: object; during: (s: Scope) => void }>([
    { what: 'a deadline', options: { timeout: 20 }, during: () => undefined },
    {
      what: 'a deadline that is set',
      options: {},
      during: (s) => {
        s.deadline = 0;
      },
    },
    { what: 'a cancellation', options: {}, during: (s) => s.cancel('late') },
    {
      what: 'its signal',
      options: { signal: controller.signal },
      during: () => controller.abort(),
    },
    {
      what: 'a deadline, with a grace that is shorter than the clean-up',
      options: { timeout: 5, grace: 1 },
      during: () => undefined,
    },
    {
      what: 'a deadline that abandons',
      options: { timeout: 5, abandon: true },
      during: () => undefined,
    },
  ])('$what', ({ options, during }) =>
    virtual(async (clock) => {
      const value = await assertNoLeaks(() => cleaningUp(options, during));

      expect([value, clock.now()]).toEqual(['value', 30]);
    }),
  );

  it('a cancellation of the scope around it', () =>
    virtual(async (clock) => {
      const ended = await assertNoLeaks(() =>
        scope(async (outer) => {
          const inner = outer.spawn(() => cleaningUp({}, () => outer.cancel()));
          return (await inner.settled()).status;
        }),
      );

      expect([ended, clock.now()]).toEqual(['done', 30]);
    }));

  it.each([0, 20, 100])('not even where the scope around it has a grace of %i ms', (grace) =>
    virtual(async (clock) => {
      const log: string[] = [];
      await scope({ grace }, async (outer) => {
        outer.spawn(() =>
          scope((s) => s.defer(() => sleep(1000).then(() => void log.push('cleaned up')))),
        );
        await sleep(10);
        outer.cancel();
      });

      expect([log, clock.now()]).toEqual([['cleaned up'], 1000]);
    }),
  );

  it('nor in the body of a flow that was stopped', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const body = (n: number) =>
        scope((s) => {
          s.defer(() => sleep(1000).then(() => void log.push(`cleaned up ${n}`)));
          if (n === 2) throw new Error('boom');
          return sleepForever();
        });

      await expect(map([1, 2], body, { grace: 10 })).rejects.toThrow('boom');
      expect([log, clock.now()]).toEqual([['cleaned up 2', 'cleaned up 1'], 2000]);
    }));

  it('the end of the scope around a handle', () =>
    virtual(async () => {
      const log: string[] = [];
      await scope(async () => {
        const s = openScope();
        s.defer(() => sleep(30).then(() => void log.push('cleaned up')));
        void s.join();
        await sleep(10);
      });

      expect(log).toEqual(['cleaned up']);
    }));
});

describe('clean-ups', () => {
  it('have their own time, and one that takes longer is TimedOut', () =>
    virtual(async (clock) => {
      const ended = scope((s) => s.defer(sleepForever, { timeout: 10 }));

      await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(clock.now()).toBe(10);
    }));

  it('run when the work was left behind', () =>
    virtual(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const log: string[] = [];

      const ended = scope({ timeout: 10, grace: 10 }, async (s) => {
        s.defer(() => void log.push('cleaned up'));
        await promise;
      });

      await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(log).toEqual(['cleaned up']);
      resolve();
      await idle();
    }));

  it('do not hide work that is stuck in them from the scope that shields it', () =>
    virtual(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();

      const ended = scope((s) => s.defer(() => shield(() => promise, { timeout: 10 })));

      await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
      resolve();
      await idle();
    }));

  it('a daemon that is slow to stop does not make the scope time out', () =>
    virtual(async () => {
      const value = scope({ timeout: 20 }, async (s) => {
        s.spawn(() => sleepForever().catch(() => shield(() => sleep(50))), { daemon: true });
        await sleep(10);
        return 'value';
      });

      expect(await value).toBe('value');
    }));

  it('StuckTasks is still told where a task beside them does not end', () =>
    virtual(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const ended = scope({ grace: 50 }, async (s) => {
        s.spawn(() => promise, 'deaf');
        await sleep(1);
        s.cancel();
      });

      await expect(ended).rejects.toBeInstanceOf(StuckTasks);
      resolve();
      await idle();
    }));
});
