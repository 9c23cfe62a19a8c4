import {
  Cancelled,
  checkpoint,
  concurrently,
  currentScope,
  currentTask,
  isCancelled,
  openScope,
  StuckTasks,
  scope,
  sleep,
  sleepForever,
  TimedOut,
  UnhandledErrors,
  type Waiter,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it, vi } from 'vitest';
import { caught, u } from '../conformance/jobs.ts';

const fail = (message: string) => () => Promise.reject(new Error(message));

describe('copies and their scope', () => {
  it('are tasks of the scope in which they were made, called body[i]', () =>
    virtual(() =>
      scope(async (s) => {
        const seen: (string | undefined)[] = [];
        const waiter = concurrently(2, {}, async function work() {
          seen.push(currentTask()?.name);
          expect(currentScope()).toBe(s);
        });
        expect([...s.tasks].map(({ name }) => name)).toEqual(['work[0]', 'work[1]']);
        await waiter();

        expect(seen).toEqual(['work[0]', 'work[1]']);
        expect(s.tasks.size).toBe(0);
      }),
    ));

  it('are named by the option, and "body" without any name', () =>
    virtual(async () => {
      const names: (string | undefined)[] = [];
      await concurrently(1, { name: 'crawler' }, async () => names.push(currentTask()?.name))();
      await concurrently(1)(async () => names.push(currentTask()?.name))();

      expect(names).toEqual(['crawler[0]', 'body[0]']);
    }));

  it('leaving the scope stops them', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      await scope(async () => {
        concurrently(2, {}, async ({ signal, index }) => {
          try {
            await sleepForever();
          } finally {
            log.push(`${index} ${signal.aborted}`);
          }
        });
        await sleep(u);
      });

      expect(log).toEqual(['0 true', '1 true']);
      expect(clock.now()).toBe(u);
    }));

  it('a failure of a copy leaves the scope and the other copies alone', () =>
    virtual(async () => {
      const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
      const done = await scope(async () => {
        const log: number[] = [];
        const waiter = concurrently(2, {}, async ({ index }) => {
          if (index === 0) throw new Error('no');
          await sleep(u);
          log.push(index);
        });
        await waiter({ suppressErrors: true });
        return log;
      });

      expect(done).toEqual([1]);
      expect(warnings).not.toHaveBeenCalled();
      warnings.mockRestore();
    }));

  it('where the scope ends and nobody has asked for the errors, they become a warning', () =>
    virtual(async () => {
      const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
      await scope(async () => {
        concurrently(1, { name: 'lost' }, fail('nobody looks'));
        await sleep(u);
        expect(warnings).not.toHaveBeenCalled();
      });

      expect(warnings).toHaveBeenCalledTimes(1);
      const [warning] = warnings.mock.calls[0] as unknown as [UnhandledErrors];
      expect(warning).toBeInstanceOf(UnhandledErrors);
      expect(warning.message).toContain('lost');
      warnings.mockRestore();
    }));

  it('a cancellation of their scope is not a normal end', () =>
    virtual(async () => {
      const inner = openScope();
      let waiter: Waiter | undefined;
      inner.spawn(() => {
        waiter = concurrently(1, {}, () => sleepForever());
      });
      await sleep(u);
      inner.cancel('enough');

      const error = await caught(() => (waiter as Waiter)());

      expect(error).toBeInstanceOf(Cancelled);
      expect((error as Cancelled).reason).toBe('enough');
      await inner.join();
    }));

  it('being cancelled ends the wait, not the copies', () =>
    virtual(async () => {
      let ended = false;
      const waiter = concurrently(1, {}, async () => {
        await sleep(3 * u);
        ended = true;
      });
      const controller = new AbortController();
      const waiting = caught(() => waiter({ signal: controller.signal }));
      await sleep(u);
      controller.abort('no longer');

      expect(await waiting).toBe('no longer');
      expect(await caught(() => waiter({ timeout: u }))).toBeInstanceOf(TimedOut);
      expect(ended).toBe(false);
      await waiter();
      expect(ended).toBe(true);
    }));

  it('the signal of the copies stops them', () =>
    virtual(async () => {
      const controller = new AbortController();
      const waiter = concurrently(2, { signal: controller.signal }, () => sleepForever());
      await sleep(u);
      controller.abort('from outside');

      expect(await caught(() => waiter())).toBe('from outside');
      const none = concurrently(2, { signal: controller.signal }, fail('must not run'));
      expect(await caught(() => none())).toBe('from outside');
      expect(none.exceptions).toEqual([]);
    }));
});

describe('from inside a copy', () => {
  it('waiting for the copies is refused: it would wait for itself', () =>
    virtual(async () => {
      const holder: { waiter?: Waiter } = {};
      holder.waiter = concurrently(2, {}, async () => {
        await checkpoint();
        await holder.waiter?.();
      });

      const error = (await caught(() => (holder.waiter as Waiter)())) as UnhandledErrors;

      expect(error.errors).toHaveLength(2);
      for (const each of error.errors) expect(each).toBeInstanceOf(TypeError);
    }));

  it('stop ends all copies, the one that asked too', () =>
    virtual(async () => {
      const holder: { waiter?: Waiter } = {};
      const log: string[] = [];
      holder.waiter = concurrently(2, {}, async ({ index }) => {
        try {
          await sleep(u);
          if (index === 0) await holder.waiter?.stop();
          await sleepForever();
        } catch (error) {
          log.push(`${index} ${isCancelled(error)}`);
          throw error;
        }
      });

      await holder.waiter();

      expect(log.toSorted()).toEqual(['0 true', '1 true']);
      expect(holder.waiter.exceptions).toEqual([]);
    }));
});

describe('stopping', () => {
  it('a copy that does not listen is reported after the grace, and left behind', () =>
    virtual(async (clock) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      await scope({ grace: Number.POSITIVE_INFINITY }, async () => {
        const waiter = concurrently(2, {}, async function deaf({ index }) {
          if (index === 1) await promise;
        });
        await sleep(u);

        const error = (await caught(() => waiter.stop({ grace: 2 * u }))) as StuckTasks;

        expect(error).toBeInstanceOf(StuckTasks);
        expect(error.tasks.map(({ name }) => name)).toEqual(['deaf[1]']);
        expect(clock.now()).toBe(3 * u);
        expect(waiter.exceptions).toHaveLength(1);
        expect(await caught(() => waiter())).toBeInstanceOf(UnhandledErrors);
        resolve();
      });
    }));

  it('what was left behind is told by the waiter, and not by the scope too', () =>
    virtual(async (clock) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      let waiter: Waiter | undefined;

      await scope(async () => {
        waiter = concurrently(2, {}, () => promise);
        await checkpoint();
        expect(waiter.exceptions).toEqual([]);
        void waiter({ suppressErrors: true });
      });

      expect(clock.now()).toBe(5000);
      expect(waiter?.exceptions).toHaveLength(2);
      for (const error of waiter?.exceptions ?? []) expect(error).toBeInstanceOf(StuckTasks);
      resolve();
    }));

  it('a shorter grace may follow a longer one', () =>
    virtual(async (clock) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter = concurrently(1, {}, () => promise);
      await checkpoint();
      const first = caught(() => waiter.stop({ grace: '1h' }));
      await sleep(u);
      const second = caught(() => waiter.stop({ grace: u }));

      expect(await first).toBeInstanceOf(StuckTasks);
      expect(await second).toBeInstanceOf(StuckTasks);
      expect(clock.now()).toBe(2 * u);
      resolve();
    }));

  it('an error thrown while stopping is kept', () =>
    virtual(async () => {
      const waiter = concurrently(2, {}, async ({ index }) => {
        try {
          await sleepForever();
        } catch (error) {
          throw index === 1 ? new Error('no way to clean up', { cause: error }) : error;
        }
      });
      await sleep(u);

      await waiter.stop();

      expect(waiter.exceptions).toMatchObject([{ message: 'no way to clean up' }]);
    }));

  it('disposal throws the errors that nobody has asked for, and no others', () =>
    virtual(async () => {
      const start = async (): Promise<Waiter> => {
        const waiter = concurrently(2, {}, async ({ index }) => {
          if (index === 0) throw new Error('no');
          await sleepForever();
        });
        await sleep(u);
        return waiter;
      };
      const unread = await start();
      expect(await caught(() => unread[Symbol.asyncDispose]())).toBeInstanceOf(UnhandledErrors);
      const read = await start();
      expect(read.exceptions).toHaveLength(1);
      await read[Symbol.asyncDispose]();
    }));
});
