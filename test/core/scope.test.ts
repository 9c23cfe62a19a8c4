import { type Scope, schedule, scope, sleep, sleepForever } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const boom = new Error('boom');

describe('S1: a scope settles after all its children and clean-ups', () => {
  it('waits for tasks that the body did not wait for', () =>
    virtual(async (clock) => {
      await scope((s) => {
        s.spawn(() => sleep(100));
        s.spawn(() => sleep(300));
      });

      expect(clock.now()).toBe(300);
    }));

  it('waits for tasks that tasks have spawned meanwhile', () =>
    virtual(async (clock) => {
      await scope((s) => {
        s.spawn(async () => {
          await sleep(100);
          s.spawn(() => sleep(100));
        });
      });

      expect(clock.now()).toBe(200);
    }));

  it('runs clean-ups after the tasks, the last deferred first', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope(async (s) => {
        s.defer(() => void log.push('first deferred'));
        s.defer(async () => {
          await sleep(10);
          log.push('last deferred');
        });
        s.spawn(async () => {
          await sleep(50);
          log.push('task');
        });
      });

      expect(log).toEqual(['task', 'last deferred', 'first deferred']);
    }));

  it('disposes of resources that were handed to use, and takes null', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope((s) => {
        expect(s.use(null)).toBe(null);
        s.use({ [Symbol.dispose]: () => void log.push('sync') });
        s.use({ [Symbol.asyncDispose]: async () => void log.push('async') });
      });

      expect(log).toEqual(['async', 'sync']);
    }));

  it('throws the error of a clean-up and still runs the others', () =>
    virtual(async () => {
      const log: string[] = [];

      const ended = scope((s) => {
        s.defer(() => void log.push('ran'));
        s.defer(() => {
          throw boom;
        });
      });

      await expect(ended).rejects.toBe(boom);
      expect(log).toEqual(['ran']);
    }));

  it('cancels daemons when the body and the other tasks have ended, and waits for them', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      await scope((s) => {
        s.spawn(
          async () => {
            try {
              await sleepForever();
            } finally {
              log.push(`daemon ended at ${clock.now()}`);
            }
          },
          { daemon: true },
        );
        s.spawn(() => sleep(70));
      });

      expect(log).toEqual(['daemon ended at 70']);
    }));

  it('cancels a scope inside that nobody awaited', () =>
    virtual(async (clock) => {
      await scope(async () => {
        scope(() => sleep('1h')).catch(() => undefined);
        await sleep(5);
      });

      expect(clock.now()).toBe(5);
    }));

  it('gives idle() when no task is at work, and stays open', () =>
    virtual(async (clock) => {
      await scope(async (s) => {
        s.spawn(() => sleep(20));
        await s.idle();
        expect(clock.now()).toBe(20);
        s.spawn(() => sleep(20));
      });

      expect(clock.now()).toBe(40);
    }));

  it('lists its live tasks', () =>
    virtual(async () => {
      await scope(async (s) => {
        const task = s.spawn(() => sleep(10), 'sleeper');
        expect([...s.tasks]).toEqual([task]);
        await task;
        expect(s.tasks.size).toBe(0);
      });
    }));
});

describe('S2: failures spread inside the scope', () => {
  it('a failing body cancels the children', () =>
    virtual(async (clock) => {
      let task: { readonly status: string } | undefined;

      const ended = scope(async (s) => {
        task = s.spawn(sleepForever);
        await sleep(10);
        throw boom;
      });

      await expect(ended).rejects.toBe(boom);
      expect([task?.status, clock.now()]).toEqual(['cancelled', 10]);
    }));

  it('a failing child cancels its siblings and the body', () =>
    virtual(async () => {
      const log: string[] = [];
      const watch = async (name: string): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          log.push(name);
        }
      };

      const ended = scope(async (s) => {
        s.spawn(() => watch('sibling'));
        s.spawn(async () => {
          await sleep(10);
          throw boom;
        });
        await watch('body');
      });

      await expect(ended).rejects.toBe(boom);
      expect(log.sort()).toEqual(['body', 'sibling']);
    }));

  it('a supervisor goes on, and the error surfaces at its end', () =>
    virtual(async (clock) => {
      const ended = scope({ onError: 'continue' }, (s) => {
        s.spawn(() => Promise.reject(boom));
        s.spawn(() => sleep(50));
      });

      await expect(ended).rejects.toBe(boom);
      expect(clock.now()).toBe(50);
    }));

  it('schedule tells only the handle', () =>
    virtual(async () => {
      const value = await scope(async () => {
        const task = schedule(() => Promise.reject(boom));
        expect(await task.settled()).toEqual({ status: 'failed', error: boom });
        return 'untouched';
      });

      expect(value).toBe('untouched');
    }));
});

describe('S3: which error is thrown', () => {
  const failTwice = (options: { errors?: 'first' | 'aggregate' }, seen: (s: Scope) => void) =>
    scope({ ...options, onError: 'continue' }, (s) => {
      seen(s);
      s.spawn(() => sleep(20).then(() => Promise.reject(new Error('second'))));
      s.spawn(() => sleep(10).then(() => Promise.reject(boom)));
    });

  it('the first in time, unchanged; the others are in scope.errors', () =>
    virtual(async () => {
      let seen: Scope | undefined;

      await expect(failTwice({}, (s) => (seen = s))).rejects.toBe(boom);

      expect(seen?.errors.map(String)).toEqual(['Error: boom', 'Error: second']);
    }));

  it('always an AggregateError where that was asked for, even of one', () =>
    virtual(async () => {
      const two = await failTwice({ errors: 'aggregate' }, () => undefined).catch((e) => e);
      const one = await scope({ errors: 'aggregate' }, () => Promise.reject(boom)).catch((e) => e);

      expect([two.errors.length, one.errors]).toEqual([2, [boom]]);
      expect(one).toBeInstanceOf(AggregateError);
    }));

  it('an error that the body passed on from a task counts once', () =>
    virtual(async () => {
      let seen: Scope | undefined;

      const ended = scope(async (s) => {
        seen = s;
        await s.spawn(() => Promise.reject(boom));
      });

      await expect(ended).rejects.toBe(boom);
      expect(seen?.errors).toEqual([boom]);
    }));
});
