// biome-ignore-all lint/style/noExcessiveLinesPerFile: conformance tests are one file a source.
/**
 * Cases 30 to 37, 42 and 43: `collect`, `resolve`, `schedule` and semaphores, after aioextensions.
 *
 * @module
 */
import {
  BoundedSemaphore,
  Cancelled,
  collect,
  RateLimiter,
  rateLimited,
  resolve,
  Semaphore,
  schedule,
  scope,
  shield,
  sleep,
  type Task,
  type Thunk,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, drain, Inputs, job, Log, notAThunk, range, u } from './jobs.ts';

describe('30 collect-order', () => {
  it('30 collect-order: gives results in the order of the inputs', () =>
    virtual(async (clock) => {
      const jobs = [job(0, 4), job(1, 3), job(2, 2), job(3, 1)];

      expect(await collect(jobs)).toEqual([0, 1, 2, 3]);
      expect(clock.now()).toBe(4 * u);
    }));

  it('30 collect-order: gives an empty list for no inputs', () =>
    virtual(async () => {
      expect(await collect([])).toEqual([]);
    }));

  it('30 collect-order: two workers take the next job when they have ended one', () =>
    virtual(async (clock) => {
      const log = new Log();

      const values = await collect(
        range(5).map((i) => log.job(i, 1)),
        { workers: 2 },
      );

      expect(values).toEqual([0, 1, 2, 3, 4]);
      expect(log.entries.slice(0, 2)).toEqual(['s0', 's1']);
      expect(log.at('s2')).toBeGreaterThan(log.at('e0'));
      expect(log.at('s3')).toBeGreaterThan(log.at('e1'));
      expect(log.at('s4')).toBeGreaterThan(log.at('e2'));
      expect(log.most).toBe(2);
      expect(clock.now()).toBe(3 * u);
    }));

  it.each([-1, Number.POSITIVE_INFINITY])('30 collect-order: %d workers are no limit', (workers) =>
    virtual(async () => {
      const log = new Log();

      await collect(new Inputs(1100, (i) => log.job(i, 1)), { workers });

      expect(log.most).toBe(1100);
    }),
  );

  it.each([0, -2, 1.5, Number.NaN])(
    '30 collect-order: collect refuses %d workers',
    async (workers) => {
      const inputs = new Inputs(3, (i) => job(i, 1));

      const error = await caught(() => collect(inputs, { workers }));

      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toMatch(/workers.*>= 1\b/);
      expect(inputs.pulled).toBe(0);
    },
  );

  it.each([0, -2, 1.5])('30 collect-order: resolve refuses %d workers at the call', (workers) => {
    const call = () => resolve([job(0, 1)], { workers });

    expect(call).toThrow(RangeError);
    expect(call).toThrow(/workers.*>= 1\b/);
  });

  it.each([-1, 1.5])(
    '30 collect-order: resolve refuses greediness %d at the call',
    (greediness) => {
      const call = () => resolve([job(0, 1)], { greediness });

      expect(call).toThrow(RangeError);
      expect(call).toThrow(/greediness.*>= 0\b/);
    },
  );
});

describe('31 work-conserving', () => {
  it('31 work-conserving: gives each outcome in order and reads on after the error', () =>
    virtual(async (clock) => {
      const error = new Error('job 3');
      const jobs = [job(0, 4), job(1, 1), job(2, 1), job(3, 1, error), job(4, 1)];
      const seen: unknown[] = [];

      const flow = resolve(jobs, { workers: 2, greediness: 4 });
      for await (const outcome of flow.settled()) {
        seen.push(outcome.status === 'done' ? outcome.value : outcome.error);
      }

      expect(seen).toEqual([0, 1, 2, error, 4]);
      expect(clock.now()).toBe(4 * u);
    }));

  it('31 work-conserving: a busy worker does not keep the other from its work', () =>
    virtual(async (clock) => {
      const ends: number[] = [];
      const timed = (units: number) => async () => {
        await sleep(units * u);
        ends.push(clock.now());
      };

      await resolve([4, 1, 1, 1, 1].map(timed), { workers: 2, greediness: 4 }).toArray();

      expect(ends.toSorted((a, b) => a - b)).toEqual([u, 2 * u, 3 * u, 4 * u, 4 * u]);
    }));
});

describe('32 look-ahead', () => {
  /** Consumes one of 200 instant results, then waits until all is quiet. */
  async function finishedAfterOne(workers: number, greediness: number): Promise<number[]> {
    let finished = 0;
    const jobs = range(200).map((i) => async () => {
      finished++;
      return i;
    });
    const iterator = resolve(jobs, { workers, greediness })[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect(first).toEqual({ done: false, value: 0 });
    const soon = finished;
    await idle();
    const late = finished;
    await iterator.return?.();
    return [soon, late];
  }

  it.each([
    [1, 1],
    [2, 1],
    [1, 3],
    [3, 4],
    [8, 2],
  ])(
    '32 look-ahead: %i workers of greediness %i get so far and no further',
    (workers, greediness) =>
      virtual(async () => {
        const [soon, late] = await finishedAfterOne(workers, greediness);

        expect(soon).toBeLessThanOrEqual(1 + workers * greediness);
        expect(late).toBe(1 + workers * greediness);
      }),
  );

  it('32 look-ahead: greediness 0 has no bound', () =>
    virtual(async () => {
      const [, late] = await finishedAfterOne(3, 0);

      expect(late).toBe(200);
    }));

  it('32 look-ahead: never more than workers x greediness are finished and not consumed', () =>
    virtual(async () => {
      let finished = 0;
      let consumed = 0;
      let most = 0;
      let mostWaiting = 0;
      const jobs = range(60).map((i) => async () => {
        await sleep(((i * 7) % 5) * u);
        finished++;
        most = Math.max(most, finished - consumed);
        mostWaiting = Math.max(mostWaiting, flow.stats.waiting);
      });
      const flow = resolve(jobs, { workers: 3, greediness: 2 });

      for await (const _ of flow) {
        consumed++;
        mostWaiting = Math.max(mostWaiting, flow.stats.waiting);
        await sleep(u);
      }

      expect(consumed).toBe(60);
      expect(mostWaiting).toBeLessThanOrEqual(3 * 2);
      // Counted in the bodies, the one that the consumer is waiting for has finished too.
      expect(most).toBeLessThanOrEqual(3 * 2 + 1);
    }));
});

describe('33 collect-fail', () => {
  it('33 collect-fail: rejects with the first error in time and stops the rest', () =>
    virtual(async (clock) => {
      const log = new Log();
      const original = new Error('job 1');
      const jobs = range(20).map((i) =>
        log.job(i, i === 1 ? 2 : 50, i === 1 ? original : undefined),
      );

      const error = await caught(() => collect(jobs, { workers: 3 }));

      expect(error).toBe(original);
      expect(clock.now()).toBe(2 * u);
      expect(log.entries).toEqual(['s0', 's1', 's2', 'e1', 'x0', 'x2']);
      await sleep(100 * u);
      expect(log.count('s')).toBe(3);
    }));

  it('33 collect-fail: the first error in time wins over an earlier input that fails later', () =>
    virtual(async () => {
      const late = new Error('late');
      const early = new Error('early');

      expect(await caught(() => collect([job(0, 3, late), job(1, 1, early)]))).toBe(early);
    }));

  it('33 collect-fail: waits for a body that ignores cancellation for the grace time at most', () =>
    virtual(async (clock) => {
      const original = new Error('job 1');
      const deaf = () => shield(() => sleep(50 * u).then(() => 0));

      const error = await caught(() => collect([deaf, job(1, 2, original)], { grace: 3 * u }));

      expect(error).toBe(original);
      expect(clock.now()).toBe(5 * u);
      await sleep(50 * u);
    }));
});

describe('34 source-throws', () => {
  it.each([1, 2, 1024])('34 source-throws: collect rejects with its error, %i workers', (workers) =>
    virtual(async () => {
      const broken = new Error('K');
      const log = new Log();
      const inputs = new Inputs(3, (i) => log.job(i, 1), broken);

      expect(await caught(() => collect(inputs, { workers }))).toBe(broken);
      expect(log.running).toBe(0);
      expect(inputs).toMatchObject({ pulled: 3, closed: 1 });
    }),
  );

  it.each([1, 2, 1024])('34 source-throws: resolve ends with its error, %i workers', (workers) =>
    virtual(async () => {
      const broken = new Error('K');
      const inputs = new Inputs(3, (i) => job(i, 1), broken);

      const { values, error } = await drain(resolve(inputs, { workers }));

      expect(error).toBe(broken);
      expect(values).toEqual(range(values.length));
    }),
  );
});

describe('35 bad-input', () => {
  const bad: [string, unknown][] = [
    ['a number', 42],
    ['null', null],
    ['a promise', Promise.resolve('running')],
  ];

  const inputs = (value: unknown): Thunk<number>[] => [
    job(0, 100),
    job(1, 100),
    notAThunk(value),
    job(3, 100),
  ];

  it.each(bad)('35 bad-input: collect rejects promptly and names the position of %s', (_, value) =>
    virtual(async (clock) => {
      const error = await caught(() => collect(inputs(value)));

      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/\b2\b/);
      expect(clock.now()).toBe(0);
    }),
  );

  it.each(bad)('35 bad-input: resolve rejects promptly and names the position of %s', (_, value) =>
    virtual(async (clock) => {
      const { error } = await drain(resolve(inputs(value)));

      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/\b2\b/);
      expect(clock.now()).toBe(0);
    }),
  );

  it('35 bad-input: collect refuses a task, which is running already', () =>
    virtual(async (clock) => {
      const task = schedule(job(0, 1));

      const error = await caught(() => collect(inputs(task)));

      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/\b2\b/);
      expect(clock.now()).toBe(0);
      expect(await task).toBe(0);
    }));
});

describe('36 any-order', () => {
  function three(): Promise<IteratorResult<number>>[] {
    const iterator = resolve([job(0, 3), job(1, 2), job(2, 1)])[Symbol.asyncIterator]();
    return [iterator.next(), iterator.next(), iterator.next()];
  }

  it('36 any-order: three requests at once can be awaited as 2, 0, 1', () =>
    virtual(async () => {
      const requests = three();

      const seen: unknown[] = [];
      for (const i of [2, 0, 1]) seen.push(await requests[i]);

      expect(seen).toEqual([2, 0, 1].map((value) => ({ done: false, value })));
    }));

  it('36 any-order: three requests at once can be awaited together', () =>
    virtual(async (clock) => {
      const results = await Promise.all(three());

      expect(results).toEqual([0, 1, 2].map((value) => ({ done: false, value })));
      expect(clock.now()).toBe(3 * u);
    }));
});

describe('37 stop-early', () => {
  it('37 stop-early: leaving after ten values leaves no worker and pulls no more', () =>
    virtual(async () => {
      const log = new Log();
      const inputs = new Inputs(Number.POSITIVE_INFINITY, (i) => log.job(i, 1));
      const flow = resolve(inputs, { workers: 4, greediness: 2 });
      const seen: number[] = [];

      for await (const value of flow) if (seen.push(value) === 10) break;

      const { pulled } = inputs;
      expect(seen).toEqual(range(10));
      expect(log.running).toBe(0);
      expect(flow.stats.running).toBe(0);
      expect(inputs.closed).toBe(1);
      expect(pulled).toBeLessThanOrEqual(10 + 4 * 2 + 4);
      await sleep(50 * u);
      expect(inputs.pulled).toBe(pulled);
      expect(log.count('s')).toBe(log.count('e') + log.count('x'));
    }));

  it('37 stop-early: a cancelled collect starts no more', () =>
    virtual(async (clock) => {
      const log = new Log();
      const jobs = range(8).map((i) => log.job(i, 1));
      const task = schedule(() => collect(jobs, { workers: 2 }));
      await sleep(0.4 * u);

      task.cancel();
      const { status } = await task.settled();

      expect(status).toBe('cancelled');
      expect(clock.now()).toBe(0.4 * u);
      expect(log.entries).toEqual(['s0', 's1', 'x0', 'x1']);
      await sleep(50 * u);
      expect(log.count('s')).toBe(2);
    }));

  it('37 stop-early: a collect that is cancelled by a signal starts no more', () =>
    virtual(async (clock) => {
      const log = new Log();
      const jobs = range(8).map((i) => log.job(i, 1));
      const controller = new AbortController();
      const result = caught(() => collect(jobs, { workers: 2, signal: controller.signal }));
      await sleep(0.4 * u);

      controller.abort('enough');
      const error = await result;

      expect(error).toBe('enough');
      expect(clock.now()).toBe(0.4 * u);
      await sleep(50 * u);
      expect(log.entries).toEqual(['s0', 's1', 'x0', 'x1']);
    }));
});

describe('38 rate-basic', () => {
  it('38 rate-basic: 2 per 5u with a gap of 1u start at 0, 1, 5, 6, 10, 11, 15, in call order', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 2, period: 5 * u, minInterval: u });
      const order: number[] = [];
      const start = (i: number): Promise<number> =>
        limiter.run(() => {
          order.push(i);
          return clock.now() / u;
        });

      expect(await Promise.all(range(7).map(start))).toEqual([0, 1, 5, 6, 10, 11, 15]);
      expect(order).toEqual(range(7));
      await sleep(1000 * u);
      const again = clock.now() / u;
      expect(await Promise.all(range(4).map(start))).toEqual([0, 1, 5, 6].map((n) => again + n));
    }));

  it.each([
    [{ maxCalls: 0, period: u }, /maxCalls.*>= 1.*got 0/],
    [{ maxCalls: 1, period: 0 }, /period.*> 0.*got 0/],
    [{ maxCalls: 1, period: u, minInterval: -1 }, /minInterval.*>= 0.*got -1/],
  ])(
    '38 rate-basic: %j is a RangeError that names the option and its bound',
    (options, message) => {
      expect(() => rateLimited(options)).toThrow(RangeError);
      expect(() => rateLimited(options)).toThrow(message);
    },
  );
});

describe('39 rate-cancel', () => {
  it('39 rate-cancel: a cancelled call neither uses nor loses a slot', () =>
    virtual(async (clock) => {
      const started: [number, number][] = [];
      const limited = rateLimited({ maxCalls: 1, period: 10 * u });
      const call = limited(async (i: number) => {
        started.push([i, clock.now() / u]);
      });
      await call(0);
      const second = schedule(() => call(1));

      await sleep(u);
      second.cancel();
      await call(2);

      expect(await second.exception()).toBeInstanceOf(Cancelled);
      expect(started).toEqual([
        [0, 0],
        [2, 10],
      ]);
    }));

  it('39 rate-cancel: a failing call uses its slot', () =>
    virtual(async (clock) => {
      const limiter = new RateLimiter({ maxCalls: 1, period: 10 * u });
      const failing = caught(() => limiter.run(() => Promise.reject(new Error('failed'))));

      expect(await limiter.run(() => clock.now())).toBe(10 * u);
      expect(await failing).toMatchObject({ message: 'failed' });
    }));

  it('39 rate-cancel: 20 slow bodies may overlap', () =>
    virtual(async () => {
      const log = new Log();
      const limiter = new RateLimiter({ maxCalls: 1, period: u });

      await collect(
        range(20).map((i) => log.job(i, 100)),
        { pace: limiter },
      );

      expect(log.most).toBe(20);
    }));
});

describe('42 schedule', () => {
  it('42 schedule: starts before it is awaited', () =>
    virtual(async (clock) => {
      const log = new Log();

      const task = schedule(log.job(7, 1));
      await idle();

      expect(log.entries).toEqual(['s7']);
      expect(clock.now()).toBe(0);
      expect(await task).toBe(7);
    }));

  it('42 schedule: settled never throws, result does, exception shows the error', () =>
    virtual(async () => {
      const error = new Error('job 0');
      const task = schedule(job(0, 1, error));

      const settled = await task.settled();

      expect(settled).toEqual({ status: 'failed', error });
      expect(() => task.result()).toThrow(error);
      expect(task.exception()).toBe(error);
    }));

  it('42 schedule: settled never throws for a cancelled task either', () =>
    virtual(async () => {
      const task = schedule(job(0, 1));

      task.cancel('enough');
      const settled = await task.settled();

      expect(settled.status).toBe('cancelled');
      expect(() => task.result()).toThrow(Cancelled);
    }));

  it('42 schedule: a success has a result and no exception', () =>
    virtual(async () => {
      const task = schedule(job(5, 1));

      expect(await task.settled()).toEqual({ status: 'done', value: 5 });
      expect(task.result()).toBe(5);
      expect(task.exception()).toBeUndefined();
    }));

  /** Collects what reaches the process while `action` runs and some turns after it. */
  async function processErrors(action: () => Promise<unknown>): Promise<unknown[]> {
    const errors: unknown[] = [];
    const heard = (error: unknown): void => {
      errors.push(error);
    };
    process.on('unhandledRejection', heard);
    try {
      await action();
      for (let turns = 0; turns < 5; turns++) {
        await new Promise<void>((done) => {
          setImmediate(done);
        });
      }
    } finally {
      process.off('unhandledRejection', heard);
    }
    return errors;
  }

  it('42 schedule: an unobserved failure in a scope is no error of the process', async () => {
    let task: Task<number> | undefined;

    const errors = await processErrors(() =>
      virtual(async () => {
        task = schedule(job(0, 1, new Error('nobody looks')));
        await sleep(2 * u);
      }),
    );

    expect(errors).toEqual([]);
    expect(task?.status).toBe('failed');
  });

  it('42 schedule: an unobserved failure outside any scope is no error of the process', async () => {
    let task: Task<never> | undefined;

    const errors = await processErrors(async () => {
      task = schedule(() => Promise.reject(new Error('nobody looks')));
    });

    expect(errors).toEqual([]);
    expect(task?.status).toBe('failed');
  });
});

describe('43 acquire-many', () => {
  it('43 acquire-many: nested requests of 5 and 5 of 10 leave 5, 0 and 5 free', () =>
    virtual(async () => {
      const semaphore = new BoundedSemaphore(10);
      const free: number[] = [];

      await semaphore.with(async () => {
        free.push(semaphore.available);
        await semaphore.with(() => free.push(semaphore.available), 5);
        free.push(semaphore.available);
      }, 5);

      expect([...free, semaphore.available]).toEqual([5, 0, 5, 10]);
    }));

  it('43 acquire-many: what is thrown inside restores the permits', () =>
    virtual(async () => {
      const semaphore = new BoundedSemaphore(10);
      const original = new Error('inside');

      const error = await caught(() =>
        semaphore.with(async () => {
          await sleep(u);
          throw original;
        }, 5),
      );

      expect(error).toBe(original);
      expect(semaphore.available).toBe(10);
    }));

  it('43 acquire-many: two users of 3 of 4 both finish, one after the other', () =>
    virtual(async (clock) => {
      const semaphore = new BoundedSemaphore(4);
      const log = new Log();
      const [first, second] = [log.job(0, 1), log.job(1, 1)];

      await scope((s) => {
        for (const work of [first, second]) {
          s.spawn((context) => semaphore.with(() => work({ ...context, index: 0, attempt: 1 }), 3));
        }
      });

      expect(log.entries).toEqual(['s0', 'e0', 's1', 'e1']);
      expect([clock.now(), semaphore.available]).toEqual([2 * u, 4]);
    }));

  it('43 acquire-many: a cancellation at any moment leaves exactly the capacity free', () =>
    virtual(async () => {
      for (let at = 0; at <= 12; at++) {
        const semaphore = new BoundedSemaphore(4);
        const use = async (): Promise<void> => {
          for (let i = 0; i < 3; i++) await semaphore.with(() => sleep(2), 3);
        };
        const others = [schedule(use), schedule(use)];
        const task = schedule(use);

        await sleep(at);
        task.cancel();
        for (const each of [task, ...others]) await each.settled();

        expect([at, semaphore.available, semaphore.stats().waiting]).toEqual([at, 4, 0]);
      }
    }));

  it('43 acquire-many: a cancellation in the turn of the hand-off leaves exactly the capacity free', () =>
    virtual(async () => {
      const semaphore = new BoundedSemaphore(4);
      const held = await semaphore.acquire(4);
      const tasks = range(4).map(() => schedule(() => semaphore.with(() => sleep(1), 3)));
      await idle();

      held.release();
      for (const task of tasks) task.cancel();
      for (const task of tasks) await task.settled();

      expect(semaphore.available).toBe(4);
    }));

  it('43 acquire-many: 3 of a bounded 2 are an immediate error', () =>
    virtual(async (clock) => {
      const semaphore = new BoundedSemaphore(2);
      const held = await semaphore.acquire(2);

      expect(await caught(() => semaphore.acquire(3))).toBeInstanceOf(RangeError);
      expect(clock.now()).toBe(0);
      held.release();
    }));

  it('43 acquire-many: 0 is refused, and says what is allowed', async () => {
    for (const semaphore of [new Semaphore(2), new BoundedSemaphore(2)]) {
      const error = await caught(() => semaphore.acquire(0));

      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toMatch(/n.*>= 1: got 0/);
      expect(semaphore.available).toBe(2);
    }
  });

  it('43 acquire-many: one release too much of a bounded one is an error', () => {
    const semaphore = new BoundedSemaphore(2);

    expect(() => semaphore.release()).toThrow(RangeError);
    expect(semaphore.available).toBe(2);
  });
});
