import {
  map,
  moveOnAfter,
  openScope,
  type Scope,
  schedule,
  scope,
  shield,
  sleep,
  sleepForever,
  TimedOut,
  timeout,
  timeoutAt,
} from 'skein';
import { assertNoLeaks, idle, virtual } from 'skein/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const boom = new Error('boom');
let warnings: unknown[] = [];
const warned = (warning: unknown): void => void warnings.push(warning);
beforeEach(() => {
  warnings = [];
  process.on('warning', warned);
});
afterEach(() => {
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

/** Work that listens to nothing, until the test lets it go. */
function deaf(): { hang: () => Promise<string>; letGo: () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const letGo = async (): Promise<void> => {
    resolve('late');
    await new Promise((done) => setImmediate(done));
  };
  return { hang: () => promise, letGo };
}

const abandon = true;

describe('abandon: settles at the moment, and leaves behind what does not stop at once', () => {
  it.each<{
    what: string;
    run: (hang: () => Promise<string>) => Promise<unknown>;
    end: unknown;
    left: string;
  }>([
    {
      what: 'timeout',
      run: (hang) => timeout(50, hang, { abandon }),
      end: expect.any(TimedOut),
      left: 'timeout',
    },
    {
      what: 'timeoutAt',
      run: (hang) => timeoutAt(50, hang, { abandon, name: 'mine' }),
      end: expect.any(TimedOut),
      left: 'mine',
    },
    {
      what: 'moveOnAfter',
      run: (hang) => moveOnAfter(50, hang, 'otherwise', { abandon }),
      end: 'otherwise',
      left: 'moveOnAfter',
    },
    {
      what: 'the time-out of a scope',
      run: (hang) => scope({ timeout: 50, abandon }, hang),
      end: expect.any(TimedOut),
      left: 'scope',
    },
    {
      what: 'a failing task',
      run: (hang) =>
        scope({ abandon }, (s) => {
          s.spawn(() => sleep(50).then(() => Promise.reject(boom)));
          return hang();
        }),
      end: boom,
      left: 'scope',
    },
    {
      what: 'a deaf task',
      run: (hang) =>
        scope({ abandon, timeout: 50 }, async (s) => {
          s.spawn(hang, 'deaf');
          await sleepForever();
        }),
      end: expect.any(TimedOut),
      left: 'deaf',
    },
    {
      what: 'its signal',
      run: (hang) => {
        const c = new AbortController();
        schedule(() => sleep(50).then(() => c.abort(boom)));
        return scope({ abandon, signal: c.signal }, hang);
      },
      end: boom,
      left: 'scope',
    },
    {
      what: 'a scope inside that has a grace',
      run: (hang) =>
        timeout(
          50,
          () =>
            scope({ grace: '1h' }, (s) => {
              s.spawn(hang, 'deaf');
            }),
          { abandon },
        ),
      end: expect.any(TimedOut),
      left: 'deaf',
    },
    {
      what: 'shielded work',
      run: (hang) => timeout(50, () => shield(hang), { abandon }),
      end: expect.any(TimedOut),
      left: 'shield',
    },
  ])('$what', async ({ run, end, left }) => {
    const { hang, letGo } = deaf();
    const began = performance.now();

    const report = await assertNoLeaks(() =>
      virtual(async (clock) => {
        const ended = await run(hang).catch((error: unknown) => error);
        expect([ended, clock.now()]).toEqual([end, 50]);
      }),
    ).catch((error: Error) => error.message);

    expect(report).toContain(left);
    await letGo();
    await assertNoLeaks(() => undefined);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it('lists nothing where the work stops at once', () =>
    virtual(async () => {
      await assertNoLeaks(async () => {
        await expect(timeout(50, sleepForever, { abandon })).rejects.toBeInstanceOf(TimedOut);
      });
    }));

  it('runs the clean-ups of the scope all the same', () =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();
      const log: string[] = [];

      const ended = scope({ abandon, timeout: 50 }, (s) => {
        s.defer(() => sleep(10).then(() => void log.push('cleaned up')));
        return hang();
      });

      await expect(ended).rejects.toBeInstanceOf(TimedOut);
      expect([log, clock.now()]).toEqual([['cleaned up'], 60]);
      await letGo();
    }));

  it('a failure of what was left is told to nobody', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);

    await virtual(async () => {
      await expect(timeout(5, () => promise, { abandon })).rejects.toBeInstanceOf(TimedOut);
      await expect(
        scope({ timeout: 5, abandon }, (s) => {
          s.spawn(() => promise);
        }),
      ).rejects.toBeInstanceOf(TimedOut);
    });
    reject(boom);
    await new Promise((done) => setTimeout(done, 5));

    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });
});

describe('a time limit of a promise', () => {
  it('leaves it at the moment', () =>
    virtual(async (clock) => {
      const { hang, letGo } = deaf();

      await expect(timeout(50, hang())).rejects.toBeInstanceOf(TimedOut);
      expect(await moveOnAfter(50, hang(), 'otherwise')).toBe('otherwise');
      expect(clock.now()).toBe(100);
      await letGo();
    }));

  it('gives what it gives in time', () =>
    virtual(async () => {
      expect(await timeout(50, Promise.resolve('value'))).toBe('value');
      await expect(timeout(50, Promise.reject(boom))).rejects.toBe(boom);
      expect(
        await timeout(
          50,
          schedule(() => sleep(10).then(() => 'of a task')),
        ),
      ).toBe('of a task');
    }));

  it('refuses what is neither a function nor a promise', async () => {
    await expect(timeout(50, 'text' as never)).rejects.toThrow(TypeError);
    await expect(moveOnAfter(50, undefined as never)).rejects.toThrow(TypeError);
    await expect(timeout(50, sleepForever, { abandon: 1 as never })).rejects.toThrow('abandon');
  });
});

describe('a time limit says the same everywhere', () => {
  it('a value that comes late is TimedOut, when it has come', () =>
    virtual(
      async (clock) => {
        const late = () => new Promise((done) => setTimeout(() => done('late'), 1000));

        await expect(timeout(50, late)).rejects.toBeInstanceOf(TimedOut);
        expect(clock.now()).toBe(1000);
        await expect(scope({ timeout: 50 }, late)).rejects.toBeInstanceOf(TimedOut);
        expect(await moveOnAfter(50, late, 'otherwise')).toBe('otherwise');
        await idle();
      },
      { globals: true },
    ));
});

describe('a time limit holds though the loop was busy when it passed', () => {
  const busy = (ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end; );
  };
  it.each<{ what: string; run: () => Promise<unknown> }>([
    { what: 'timeout', run: () => timeout(5, async () => busy(20)) },
    {
      what: 'timeout of several turns',
      run: () =>
        timeout(5, async () => {
          for (let i = 0; i < 20; i++) {
            busy(1);
            await null;
          }
        }),
    },
    {
      what: 'a task of a scope',
      run: () => scope({ timeout: 5 }, (s) => void s.spawn(async () => busy(20))),
    },
    { what: 'a deadline that was over before', run: () => scope({ deadline: -1 }, () => 'value') },
  ])('$what', async ({ run }) => {
    await expect(run()).rejects.toBeInstanceOf(TimedOut);
  });

  it('moveOnAfter', async () => {
    expect(await moveOnAfter(5, () => busy(20), 'otherwise')).toBe('otherwise');
  });
});

describe('a scope that leaves a task behind', () => {
  it.each(['its signal', 'the scope around it'])(
    'does not give its value when %s cuts it short',
    (by) =>
      virtual(async (clock) => {
        const { hang, letGo } = deaf();
        const c = new AbortController();
        const work = (): Promise<string> =>
          scope({ abandon, signal: c.signal }, (s) => {
            s.spawn(hang);
            return 'a part';
          });
        const ended = scope(async (s) => {
          s.spawn(() =>
            sleep(50).then(() => (by === 'its signal' ? c.abort(boom) : s.cancel(boom))),
          );
          return work().then(
            (value) => value,
            (error: unknown) => error,
          );
        });

        expect(await ended).toEqual(
          by === 'its signal'
            ? boom
            : expect.objectContaining({ name: 'AbortError', reason: boom }),
        );
        expect(clock.now()).toBe(50);
        await letGo();
      }),
  );
});

it('a task that was left behind may fail while clean-ups run, and nobody is told', () =>
  virtual(async () => {
    const ended = scope({ abandon }, async (s) => {
      s.defer(() => sleep(10));
      s.spawn(() => shield(() => sleep(5)).then(() => Promise.reject(boom)));
      s.cancel();
      return 'value';
    });

    expect(await ended).toBe('value');
  }));

describe('errors of a handle that nobody has begun to end', () => {
  const limited = (): Scope => openScope({ timeout: 1 });
  const limitedThen = (work: () => Promise<string>): Promise<string> => {
    limited();
    return work();
  };

  it.each<{ what: string; open: (s: Scope, hang: () => Promise<string>) => unknown }>([
    {
      what: 'that was opened in the scope',
      open: () => void limited(),
    },
    {
      what: 'that a task has opened',
      open: (s, hang) => s.spawn(() => limitedThen(hang)),
    },
    {
      what: 'that an item of a flow has opened',
      open: (_, hang) => void map([1], () => limitedThen(hang)).catch(() => undefined),
    },
  ])('are told nobody where `abandon` has left it behind: one $what', ({ open }) =>
    virtual(async () => {
      const { hang, letGo } = deaf();
      const c = new AbortController();
      const ended = scope({ abandon, signal: c.signal }, async (s) => {
        open(s, hang);
        await sleep(5);
        c.abort(boom);
        return hang();
      });

      await expect(ended).rejects.toBe(boom);
      await letGo();
    }),
  );

  it('are those of its home, also where that was left behind itself', () =>
    virtual(async () => {
      const { hang, letGo } = deaf();
      let told: unknown;
      const ended = timeout(
        5,
        async () => {
          await scope(async () => {
            limited();
            await hang();
          }).catch((error: unknown) => {
            told = error;
          });
        },
        { abandon },
      );

      await expect(ended).rejects.toThrow(TimedOut);
      await letGo();
      await sleep(1);
      expect(told).toMatchObject({ after: 1 });
    }));
});
