import { currentScope, detached, openScope, scope, sleep, sleepForever } from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');

describe('openScope', () => {
  it('closes with join, which throws as the scope would', () =>
    virtual(async () => {
      const s = openScope();
      s.spawn(() => Promise.reject(boom));

      await expect(s.join()).rejects.toBe(boom);
      expect(s.state).toBe('closed');
    }));

  it('cancels the tasks when it is left without join', () =>
    virtual(async () => {
      const s = openScope();
      const task = s.spawn(sleepForever);
      await idle();

      await s[Symbol.asyncDispose]();

      expect(task.status).toBe('cancelled');
    }));

  it('refuses to be joined from one of its own tasks', () =>
    virtual(async () => {
      const s = openScope();
      const task = s.spawn(() => s.join());

      await expect(task).rejects.toThrow('it would wait for itself');
      await s.join().catch(() => undefined);
    }));
});

describe('start', () => {
  it('gives the value and the task when the task is ready', () =>
    virtual(async (clock) => {
      await scope(async (s) => {
        const { value, task } = await s.start<number, string>(async (ready) => {
          await sleep(10);
          ready(8080);
          await sleep(10);
          return 'ended';
        });

        expect([value, clock.now(), task.status]).toEqual([8080, 10, 'running']);
        expect(await task).toBe('ended');
      });
    }));

  it('throws the error of a task that failed before, and the scope does not hear of it', () =>
    virtual(async () => {
      const value = await scope(async (s) => {
        await expect(s.start(() => Promise.reject(boom))).rejects.toBe(boom);
        await expect(s.start(() => 'never ready')).rejects.toThrow('to call ready');
        return 'untouched';
      });

      expect(value).toBe('untouched');
    }));
});

describe('limit', () => {
  it('tells whoever waits for a start that its limiter refuses', () =>
    virtual(async () => {
      const refused = { run: () => Promise.reject(boom) };
      const s = openScope({ limit: refused });

      await expect(s.start<number>((ready) => ready(1))).rejects.toBe(boom);
      await expect(s.join()).rejects.toBe(boom);
    }));

  it('queues tasks beyond the limit, first in, first out', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      await scope({ limit: 2 }, async (s) => {
        const tasks = ['a', 'b', 'c', 'd'].map((name) =>
          s.spawn(async () => {
            log.push(`${name}${clock.now()}`);
            await sleep(10);
          }, name),
        );
        await idle();
        expect(tasks.map((task) => task.status)).toEqual([
          'running',
          'running',
          'queued',
          'queued',
        ]);
      });

      expect(log).toEqual(['a0', 'b0', 'c10', 'd10']);
    }));

  it('keeps the place of a queued task that is cancelled, which then runs to its first wait', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      await scope({ limit: 1 }, async (s) => {
        s.spawn(() => sleep(10));
        const queued = s.spawn(async () => {
          log.push(`begun at ${clock.now()}`);
          await sleep(1);
          log.push('never');
        });
        s.spawn(() => void log.push('next'));
        queued.cancel();
        expect(queued.status).toBe('queued');
      });

      expect(log).toEqual(['begun at 10', 'next']);
    }));

  it('keeps its places when a task is cancelled between being let in and starting', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope({ limit: 1 }, async (s) => {
        const first = s.spawn(() => sleep(10));
        const second = s.spawn(() => void log.push('second'));
        s.spawn(() => void log.push('third'));
        await first.then(() => second.cancel());
      });

      expect(log).toEqual(['second', 'third']);
    }));

  it('takes anything with a run method', () =>
    virtual(async (clock) => {
      let chain: Promise<unknown> = Promise.resolve();
      const oneByOne = {
        run<R>(fn: () => R | PromiseLike<R>): Promise<R> {
          const next = chain.then(fn);
          chain = next.then(
            () => undefined,
            () => undefined,
          );
          return next;
        },
      };

      await scope({ limit: oneByOne }, (s) => {
        for (let i = 0; i < 3; i++) s.spawn(() => sleep(10));
      });

      expect(clock.now()).toBe(30);
    }));
});

describe('the root', () => {
  it('is the scope outside all others, and cannot be cancelled, joined or closed', async () => {
    const root = detached(() => currentScope());

    expect(root.name).toBe('root');
    expect(() => root.cancel()).toThrow(TypeError);
    expect(() => root.defer(() => undefined)).toThrow(TypeError);
    await expect(root.join()).rejects.toThrow(TypeError);
  });
});
