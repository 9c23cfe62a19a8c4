import {
  type Deadlock,
  gather,
  map,
  now,
  openScope,
  schedule,
  scope,
  shield,
  sleep,
  sleepForever,
  suspend,
  type Task,
  TimedOut,
  timeout,
} from 'skein';
import { alive, explore, exploring, idle, replay, ScheduleFailed, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { LeakyLock, passOn, TestLock } from './explored-primitives.ts';

async function failureOf(exploration: Promise<unknown>): Promise<ScheduleFailed> {
  const error = await exploration.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ScheduleFailed);
  return error as ScheduleFailed;
}

/** Two deposits that read, wait and write. */
async function lostUpdate(): Promise<void> {
  let balance = 0;
  const deposit = async (): Promise<void> => {
    const before = balance;
    await passOn('the bank');
    balance = before + 1;
  };
  await scope(async (s) => {
    s.spawn(deposit, 'ann');
    s.spawn(deposit, 'bob');
  });
  if (balance !== 2) throw new Error(`balance is ${balance}`);
}

describe('explore', () => {
  it('finds what needs plain awaits to take turns, with nobody held back', async () => {
    const body = async (): Promise<void> => {
      let page: string | undefined;
      let loads = 0;
      const load = async (): Promise<void> => {
        if (page !== undefined) return;
        await null;
        loads++;
        page = 'loaded';
      };
      await scope(async (s) => {
        s.spawn(load, 'ann');
        s.spawn(load, 'bob');
      });
      if (loads !== 1) throw new Error(`loaded ${loads} times`);
    };

    const error = await failureOf(explore(body));

    expect([error.trace, error.runs]).toEqual(['together', 0]);
    expect(error.message).toContain('nobody held back');
    await expect(replay(body, 'together')).rejects.toThrow('loaded 2 times');
    await replay(body, '');
  });

  it('finds a lost update, and tells its schedule step by step', async () => {
    const error = await failureOf(explore(lostUpdate));

    expect([error.code, error.trace, error.runs]).toEqual(['ERR_SCHEDULE_FAILED', '', 1]);
    expect(error.cause).toEqual(new Error('balance is 1'));
    expect(error.steps).toEqual([
      'main: start',
      'ann: start',
      'bob: start',
      'ann: the bank',
      'bob: the bank',
      'main: scope scope',
    ]);
    expect(error.message).toMatch(/exhaustive, run 1\): balance is 1\n.*replay\(body, ''\)\n/);
    expect(error.message).toContain('\n  bob: the bank\n');
  });

  it.each([
    { strategy: 'exhaustive' },
    { strategy: 'exhaustive', reduce: true },
    { strategy: 'delay-bounded' },
    { strategy: 'random', seed: 1 },
    { strategy: 'pct', seed: 1 },
  ] as const)('finds what the default order hides: $strategy', async (options) => {
    const body = async (): Promise<void> => {
      const log: string[] = [];
      await scope(async (s) => {
        s.spawn(() => void log.push('open'), 'open');
        s.spawn(() => passOn().then(() => log.push('read')), 'read');
      });
      if (log.indexOf('read') < log.indexOf('open')) throw new Error('read before open');
    };
    await replay(body, '');

    const error = await failureOf(explore(body, options));

    expect(error.trace).toBe('1.1');
    await expect(replay(body, error.trace)).rejects.toThrow('read before open');
  });

  it('finds a grant that is lost when its task is cancelled before it resumes', async () => {
    const users =
      (Lock: typeof TestLock): (() => Promise<void>) =>
      async () => {
        const lock = new Lock();
        await scope(async (s) => {
          for (const name of ['ann', 'bob']) {
            s.spawn(async () => {
              await lock.acquire();
              lock.release();
            }, name);
          }
        });
        if (lock.held) throw new Error('the lock is held by nobody');
      };
    // A lock whose acquire has done its work when it is cancelled: the lease must be given back, and here it is not.
    expect((await explore(users(LeakyLock))).complete).toBe(true);

    const error = await failureOf(explore(users(LeakyLock), { cancelAnywhere: true }));

    expect(error.cause).toEqual(new Error('the lock is held by nobody'));
    expect(error.steps.filter((step) => step.startsWith('cancel'))).toHaveLength(1);
    expect(error.trace.split('.').filter((choice) => choice !== '0')).toEqual(['c0']);
    await expect(replay(users(LeakyLock), error.trace)).rejects.toThrow('held by nobody');
    expect((await explore(users(TestLock), { cancelAnywhere: true })).complete).toBe(true);
  });

  it('reports a deadlock by lock order with the tree, and unwinds it', async () => {
    const body = async (): Promise<void> => {
      const [a, b] = [new TestLock(), new TestLock()];
      const both = (first: TestLock, second: TestLock) => async (): Promise<void> => {
        await first.acquire();
        await second.acquire();
        second.release();
        first.release();
      };
      await scope(async (s) => {
        s.spawn(both(a, b), 'ann');
        s.spawn(both(b, a), 'bob');
      });
    };
    const before = alive();

    const error = await failureOf(explore(body, { strategy: 'random', seed: 'locks' }));

    const { code, tree } = error.cause as Deadlock;
    expect(code).toBe('ERR_DEADLOCK');
    expect(tree).toMatch(/ann .* waits for lock\n.*bob .* waits for lock/);
    expect(alive()).toEqual(before);
  });

  it('takes a run without end for a live-lock', async () => {
    const body = async (): Promise<void> => {
      for (;;) await passOn();
    };

    const error = await failureOf(explore(body, { maxSteps: 50 }));

    expect(error.message).toMatch(/it took 50 steps \(maxSteps\), perhaps a live-lock\n.*main/);
    expect(error.steps).toHaveLength(50);
  });

  it('fails for an unhandled failure of a task, and not for one that is contained', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('boom'));

    const error = await failureOf(
      explore(() => scope(async (s) => void s.spawn(fail)).then(() => undefined)),
    );
    const { complete } = await explore(async () => void schedule(fail));

    expect([error.cause, complete]).toEqual([new Error('boom'), true]);
  });

  it('says when the same choices do not fail again', async () => {
    let calls = 0;

    const error = await failureOf(
      explore(() => {
        if (++calls === 1) throw new Error('once');
      }),
    );

    expect(error.message).toContain('the body is not deterministic');
    expect(error.cause).toEqual(new Error('once'));
  });

  it('runs in virtual time, and jumps when nobody is ready', async () => {
    const order = new Set<string>();

    const { complete } = await explore(async () => {
      const log: number[] = [];
      await scope(async (s) => {
        for (const hours of [2, 1]) s.spawn(() => sleep(`${hours}h`).then(() => log.push(now())));
      });
      await expect(timeout('1m', sleepForever)).rejects.toThrow(TimedOut);
      order.add(log.join());
    });

    expect([...order, complete]).toEqual(['3600000,7200000', true]);
  });

  it('is incomplete where a body waited for something from outside', async () => {
    const foreign = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const called = (): Promise<void> =>
      suspend((resume) => void setImmediate(() => resume.ok(undefined)));

    const inside = await explore(() => passOn());
    const plain = await explore(() => foreign());
    const unknown = await explore(() => called());

    expect([inside, plain, unknown].map(({ complete }) => complete)).toEqual([true, false, false]);
  });

  it('is complete where flows run, and a task is awaited by several', async () => {
    const seen = new Set<string>();

    const { complete } = await explore(async () => {
      let loading: Task<string> | undefined;
      const page = async (): Promise<string> => {
        loading ??= schedule(() => sleep(1).then(() => 'page'));
        return loading;
      };
      const pages = await gather([page, page]);
      const sizes = await map(pages, (text) => sleep(text.length).then(() => text.length));
      seen.add([...pages, ...sizes].join());
    });

    expect([...seen, complete]).toEqual(['page,page,4,4', true]);
  });

  it('gives idle its meaning: everybody else is blocked', async () => {
    const { runs, complete } = await explore(async () => {
      await scope(async (s) => {
        let blocked = 0;
        for (let i = 0; i < 2; i++) {
          s.spawn(async () => {
            await passOn();
            blocked++;
            await sleepForever();
          });
        }
        await idle();
        expect(blocked).toBe(2);
        s.cancel();
      }).catch(() => undefined);
    });

    expect([runs > 1, complete]).toEqual([true, true]);
  });

  it('leaves nothing behind, whatever the schedule is cancelled in', async () => {
    const before = alive();

    await explore(
      async () => {
        await scope(async (s) => {
          s.spawn(() => shield(() => sleep(5)), 'shielded');
          s.spawn(() => timeout(10, () => sleep(3)), 'timed');
          s.defer(() => sleep(1));
        });
      },
      { cancelAnywhere: true },
    );

    expect(alive()).toEqual(before);
  });

  it('works inside a task', async () => {
    const s = openScope();
    const task = s.spawn(() => explore(() => passOn()));
    await s.join();

    expect(task.result()).toMatchObject({ runs: 1, complete: true });
  });

  it('refuses to run twice at once, or in virtual time', async () => {
    const inner = await failureOf(explore(() => explore(() => undefined).then(() => undefined)));

    expect(inner.cause).toEqual(new Error('Cannot start an exploration: it is running already'));
    await virtual(() =>
      expect(explore(() => undefined)).rejects.toThrow('virtual time is running already'),
    );
  });
});

describe('exploring', () => {
  it('makes a test function without parameters', async () => {
    const test = exploring(lostUpdate);

    expect(test).toHaveLength(0);
    await expect(test()).rejects.toThrow(ScheduleFailed);
    expect(await exploring(() => passOn())()).toBeUndefined();
  });

  it('refuses wrong options at once', () => {
    expect(() => exploring(lostUpdate, { runs: 0 })).toThrow(RangeError);
  });
});

describe('the options of explore', () => {
  it.each([
    { options: { strategy: 'clever' }, message: "Expected strategy to be 'exhaustive' or" },
    { options: { runs: 0 }, message: 'Expected runs to be an integer >= 1: got 0' },
    { options: { maxSteps: 1.5 }, message: 'Expected maxSteps to be an integer >= 1: got 1.5' },
    {
      options: { strategy: 'pct', depth: 0 },
      message: 'Expected depth to be an integer >= 1: got 0',
    },
    { options: { strategy: 'delay-bounded', depth: -1 }, message: 'depth to be an integer >= 0' },
    {
      options: { seed: Number.NaN },
      message: 'Expected seed to be a finite number or text: got NaN',
    },
  ])('have bounds: $message', async ({ options, message }) => {
    const error = await explore(() => undefined, options as never).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toContain(message);
  });

  it.each([
    { options: { runs: '5' }, message: "Expected runs to be an integer >= 1: got '5'" },
    { options: { seed: {} }, message: 'Expected seed to be a finite number or text' },
    {
      options: { cancelAnywhere: 1 },
      message: 'Expected cancelAnywhere to be true or false: got 1',
    },
    { options: { reduce: 'yes' }, message: "Expected reduce to be true or false: got 'yes'" },
  ])('have types: $message', async ({ options, message }) => {
    const error = await explore(() => undefined, options as never).catch((e: unknown) => e);

    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
  });

  it('may not be there, but a body must', async () => {
    await expect(explore(undefined as never)).rejects.toThrow('Expected body to be a function');
  });
});
