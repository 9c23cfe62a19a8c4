import {
  Cancelled,
  currentScope,
  detached,
  moveOnAfter,
  openScope,
  schedule,
  ScopeClosed,
  scope,
  sleep,
  sleepForever,
  type Scope,
  TimedOut,
  timeout,
  timeoutAt,
} from 'skein';
import { idle, virtual } from 'skein/testing';
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

describe('S5: a cancellation stops at the scope where it started', () => {
  it('the scope gives the value that its body returned', () =>
    virtual(async () => {
      const value = await scope((s) => {
        s.spawn(sleepForever);
        s.cancel();
        return 'value';
      });

      expect(value).toBe('value');
    }));

  it('or rejects with its Cancelled, and nobody outside is cancelled', () =>
    virtual(async (clock) => {
      await scope({ name: 'outer' }, async (outer) => {
        const error = await scope({ name: 'inner' }, async (inner) => {
          inner.cancel('why');
          await sleepForever();
        }).catch((e: unknown) => e);

        expect(error).toBeInstanceOf(Cancelled);
        expect(error).toMatchObject({ reason: 'why', scope: 'inner', code: 'ABORT_ERR' });
        expect(outer.cancelled).toBe(false);
        await sleep(5);
      });

      expect(clock.now()).toBe(5);
    }));

  it('a deadline becomes TimedOut', () =>
    virtual(async (clock) => {
      await expect(timeout('5s', sleepForever)).rejects.toMatchObject({
        name: 'TimeoutError',
        code: 'ERR_TIMED_OUT',
        after: 5000,
      });
      await expect(timeoutAt(clock.now() + 5, sleepForever)).rejects.toBeInstanceOf(TimedOut);

      expect(clock.now()).toBe(5005);
    }));

  it('a deadline that cut tasks short is TimedOut although the body had returned', () =>
    virtual(async () => {
      const ended = timeout(10, (s) => {
        s.spawn(sleepForever);
        return 'half of it';
      });

      await expect(ended).rejects.toBeInstanceOf(TimedOut);
    }));

  it('a value that the body returned all the same is kept', () =>
    virtual(async () => {
      const stubborn = async (): Promise<string> => {
        await sleep(100).catch(() => undefined);
        return 'kept';
      };

      expect(await timeout(10, stubborn)).toBe('kept');
      expect(await moveOnAfter(10, stubborn, 'otherwise')).toBe('kept');
    }));

  it('moveOnAfter gives otherwise', () =>
    virtual(async () => {
      expect(await moveOnAfter(10, sleepForever)).toBe(undefined);
      expect(await moveOnAfter(10, sleepForever, 'otherwise')).toBe('otherwise');
    }));

  it('moveOnAfter passes on a deadline that is not its own', () =>
    virtual(async (clock) => {
      const ended = timeout(10, () => moveOnAfter(1000, sleepForever));

      await expect(ended).rejects.toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(10);
    }));

  it('an aborted signal option rejects with a Cancelled that has the reason of the signal', () =>
    virtual(async () => {
      const controller = new AbortController();
      const reason = new Error('from outside');

      const ended = scope({ signal: controller.signal }, async () => {
        controller.abort(reason);
        await sleepForever();
      }).catch((e: unknown) => e);

      const error = await ended;
      expect(error).toBeInstanceOf(Cancelled);
      expect(error).toMatchObject({ reason, cause: reason });
    }));

  it('a moved deadline counts, and Infinity removes it', () =>
    virtual(async (clock) => {
      await scope({ timeout: 10 }, async (s) => {
        s.deadline = clock.now() + 50;
        await sleep(40);
        expect(s.effectiveDeadline).toBe(50);
        s.deadline = Number.POSITIVE_INFINITY;
        await sleep(40);
      });

      expect(clock.now()).toBe(80);
    }));
});

describe('S11: after the end of a scope', () => {
  it('a look-up from code that is left over climbs to the nearest open ancestor', () =>
    virtual(async () => {
      const seen: string[] = [];

      await scope({ name: 'outer' }, async () => {
        const { promise: closed, resolve } = Promise.withResolvers<void>();
        const { promise: looked, resolve: look } = Promise.withResolvers<void>();
        await scope({ name: 'inner' }, () => {
          void closed.then(() => {
            seen.push(currentScope().name);
            look();
          });
        });
        resolve();
        await looked;
      });

      expect(seen).toEqual(['outer']);
    }));

  it('spawn throws', () =>
    virtual(async () => {
      let kept: Scope | undefined;
      await scope((s) => {
        kept = s;
      });

      expect(() => kept?.spawn(async () => undefined)).toThrow(ScopeClosed);
      expect(kept?.state).toBe('closed');
    }));
});

describe('S12: signals', () => {
  it('leaves no listener on an outside signal', () =>
    virtual(async () => {
      let listeners = 0;
      const { signal } = new AbortController();
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners++;
        add(...args);
      };
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners--;
        remove(...args);
      };

      for (let i = 0; i < 10; i++) await scope({ signal }, () => sleep(1));

      expect(listeners).toBe(0);
    }));

  it('makes scope.signal on first use, aborted if the scope is cancelled', () =>
    virtual(async () => {
      await scope(async (s) => {
        expect(s.signal.aborted).toBe(false);
        s.cancel('why');
        expect(s.signal.aborted).toBe(true);
        expect(s.signal.reason).toMatchObject({ reason: 'why' });
        expect(s.signal).toBe(s.signal);
        return 1;
      });
    }));
});

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

  it('drops a queued task that is cancelled, and never runs it', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope({ limit: 1 }, async (s) => {
        s.spawn(() => sleep(10));
        const queued = s.spawn(() => void log.push('ran'));
        s.spawn(() => void log.push('next'));
        queued.cancel();
        expect(queued.status).toBe('cancelled');
      });

      expect(log).toEqual(['next']);
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
