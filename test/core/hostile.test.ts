import { AsyncLocalStorage } from 'node:async_hooks';
import {
  currentScope,
  currentTask,
  detached,
  map,
  openScope,
  schedule,
  scope,
  sleep,
  sleepForever,
  suspend,
  type Task,
  TimedOut,
  timeout,
  until,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

/** Something that has no text. */
const textless = (): object => Object.assign(Object.create(null), { code: 1 });

describe('a scope is not confused by', () => {
  it('a task that is spawned by whoever is told of the last end', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope(async (s) => {
        s.defer(() => void log.push('clean-up'));
        const first = s.spawn(() => sleep(5));
        void first.then(() => {
          s.spawn(() => sleep(50).then(() => log.push('second')));
        });
      });

      expect(log).toEqual(['second', 'clean-up']);
    }));

  it('a flow whose last report throws', () =>
    virtual(async (clock) => {
      await scope(async (s) => {
        s.spawn(() => sleep(100));
        const ended = map([1, 2, 3], () => sleep(1), {
          onProgress: ({ done }) => {
            if (done === 3) throw new Error('report');
          },
        });
        await expect(ended).rejects.toThrow('report');
      });

      expect(clock.now()).toBe(100);
    }));

  it('something thrown that has no text', () =>
    virtual(async () => {
      const thrown = textless();

      const byTask = scope((s) => {
        s.spawn(() => Promise.reject(thrown));
      });
      await expect(byTask).rejects.toBe(thrown);
      await expect(map([1], () => Promise.reject(thrown))).rejects.toBe(thrown);
    }));

  it('an undo function that throws: the others are cancelled all the same', () =>
    virtual(async () => {
      const broken = new Error('undo');
      const ends: string[] = [];

      await scope(async (s) => {
        const a = schedule(() =>
          until(new Promise(() => undefined), () => {
            throw broken;
          }),
        );
        const b = schedule(sleepForever);
        await idle();
        s.cancel('why');
        ends.push((await a.settled()).status, (await b.settled()).status);
        expect(a.exception()).toBe(broken);
        return 0;
      });

      expect(ends).toEqual(['failed', 'cancelled']);
    }));

  it('a registration that cancels its own wait: it is undone', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope(async (s) => {
        await suspend(() => {
          s.cancel();
          return () => log.push('undone');
        }).catch(() => undefined);
      });

      expect(log).toEqual(['undone']);
    }));

  it('a clean-up that takes longer than the grace', () =>
    virtual(async (clock) => {
      const value = await scope({ grace: 10 }, (s) => {
        s.defer(() => sleep(100));
        s.cancel();
        return 'value';
      });

      expect([value, clock.now()]).toEqual(['value', 100]);
    }));
});

describe('waiting', () => {
  it('for a handle is cancelled with the handle', () =>
    virtual(async (clock) => {
      const s = openScope();
      const task = s.spawn(() => sleep(3000));

      await expect(timeout(50, () => s.join())).rejects.toBeInstanceOf(TimedOut);

      expect([clock.now(), task.status]).toEqual([50, 'cancelled']);
    }));

  it('for a task that a body returned belongs to that body', () =>
    virtual(async (clock) => {
      const slow = schedule(() => sleep(500));
      const thief = schedule(() => slow);
      await idle();

      thief.cancel();

      expect([(await thief.settled()).status, clock.now()]).toEqual(['cancelled', 0]);
      await slow;
    }));

  it('for oneself is an error at once, not a wait for ever', () =>
    virtual(async () => {
      const task: Task<unknown> = schedule(async () => currentTask()?.then());

      await expect(task).rejects.toThrow('it would wait for itself');
    }));

  it('at the root: nobody can give it a deadline', () => {
    const root = detached(() => currentScope());

    expect(() => {
      root.deadline = 5;
    }).toThrow(TypeError);
  });
});

describe('limiters', () => {
  /** Calls what it is given from somebody else's callback. */
  class Queue {
    #busy = false;
    readonly #waiting: (() => void)[] = [];

    run<R>(fn: () => R | PromiseLike<R>): Promise<R> {
      return new Promise<R>((resolve, reject) => {
        const go = (): void => {
          this.#busy = true;
          (async () => fn())()
            .then(resolve, reject)
            .finally(() => {
              this.#busy = false;
              this.#waiting.shift()?.();
            });
        };
        if (this.#busy) this.#waiting.push(go);
        else go();
      });
    }
  }

  it.each(['concurrency', 'pace'] as const)(
    'as %s: bodies run in the context of their flow',
    (option) =>
      virtual(async () => {
        const user = new AsyncLocalStorage<string>();
        const queue = new Queue();
        const flow = (name: string) =>
          user.run(name, () =>
            map([1, 2], () => sleep(1).then(() => user.getStore()), { [option]: queue }),
          );

        expect(await Promise.all([flow('a'), flow('b')])).toEqual([
          ['a', 'a'],
          ['b', 'b'],
        ]);
      }),
  );

  it.each(['concurrency', 'pace'] as const)(
    'as %s: no body starts after a cancellation',
    (option) =>
      virtual(async () => {
        const queue = new Queue();
        const started: number[] = [];
        const holder = schedule(() => queue.run(() => sleep(100)));
        const flow = schedule(() =>
          map([1, 2], (n) => started.push(n), { [option]: queue, grace: 1000 }),
        );
        await sleep(50);

        flow.cancel();
        await holder;

        expect([(await flow.settled()).status, started]).toEqual(['cancelled', []]);
      }),
  );

  it('that never call the function are an error, not a result', () =>
    virtual(async () => {
      const silent = { run: async () => undefined as never };
      const late = new Error('sync');
      const broken = {
        run: () => {
          throw late;
        },
      };

      await expect(map([1], (n) => n, { concurrency: silent })).rejects.toThrow(
        'to call the function',
      );
      await expect(scope({ limit: silent }, (s) => void s.spawn(() => 1))).rejects.toThrow(
        'to call the function',
      );
      await expect(scope({ limit: broken }, (s) => void s.spawn(() => 1))).rejects.toBe(late);
    }));

  it('that call it twice get the same result twice', () =>
    virtual(async () => {
      let calls = 0;
      const twice = {
        async run<R>(fn: () => R | PromiseLike<R>): Promise<R> {
          await fn();
          return fn();
        },
      };

      expect(await map(['a', 'b'], () => ++calls, { concurrency: twice })).toEqual([1, 2]);
    }));

  it('of a scope start a task in the context of whoever spawned it', () =>
    virtual(async () => {
      const user = new AsyncLocalStorage<string>();
      const seen: (string | undefined)[] = [];

      await scope({ limit: 1 }, (s) => {
        for (const name of ['a', 'b']) {
          user.run(name, () => s.spawn(() => sleep(1).then(() => seen.push(user.getStore()))));
        }
      });

      expect(seen).toEqual(['a', 'b']);
    }));

  it('that refuse a scheduled task tell its handle only', () =>
    virtual(async () => {
      const full = { run: () => Promise.reject(new Error('full')) };

      const value = await scope({ limit: full }, async () => {
        const task = schedule(() => 1);
        return (await task.settled()).status;
      });

      expect(value).toBe('failed');
    }));
});

describe('flows', () => {
  it.each([
    { name: 'ends', last: () => undefined },
    {
      name: 'throws',
      last: () => {
        throw new Error('too');
      },
    },
  ])('end at once when their source cancels them and then $name', ({ last }) =>
    virtual(async (clock) => {
      const controller = new AbortController();
      function* source(): Generator<number> {
        yield 1;
        controller.abort('why');
        last();
      }

      const ended = map(source(), () => sleep(10), { signal: controller.signal });

      await expect(ended).rejects.toBe('why');
      expect(clock.now()).toBe(0);
    }),
  );

  it('keep the error of an item that waited for its retry when they were stopped', () =>
    virtual(async () => {
      const error = await map(
        [1, 2],
        async (n) => {
          if (n === 1) throw new Error('waiting');
          await sleep(10);
          throw new TypeError('for good');
        },
        { retry: { retries: 1, backoff: '1h', retryIf: (e) => !(e instanceof TypeError) } },
      ).catch((e: unknown) => e);

      expect(error).toBeInstanceOf(TypeError);
    }));

  it('refuse a retryIf that answers later', () =>
    virtual(async () => {
      const retryIf = (async () => false) as unknown as () => boolean;

      await expect(
        map([1], () => Promise.reject(new Error('x')), { retry: { retries: 1, retryIf } }),
      ).rejects.toThrow('retry.retryIf to answer at once');
    }));
});
