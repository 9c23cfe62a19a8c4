import {
  type Cancelled,
  cancellable,
  checkCancelled,
  checkpoint,
  currentSignal,
  currentTask,
  effectiveDeadline,
  isCancelled,
  map,
  schedule,
  scope,
  shield,
  sleep,
  sleepForever,
  suspend,
  TimedOut,
  until,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

describe('S4: cancellation is a level', () => {
  it('every wait in a cancelled scope rejects with the same Cancelled', () =>
    virtual(async () => {
      const seen: unknown[] = [];

      await scope({ name: 'work' }, async (s) => {
        s.cancel('enough');
        for (const wait of [
          () => sleep(1),
          () => checkpoint(),
          () => until(Promise.resolve()),
          () => cancellable(() => Promise.resolve()),
          () => suspend(() => undefined),
          () => schedule(() => 1).then(),
          () => map([1], (n) => n),
        ]) {
          seen.push(await wait().catch((e: unknown) => e));
        }
        seen.push(s.signal.reason);
      });

      expect(new Set(seen).size).toBe(1);
      expect(seen[0]).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', reason: 'enough' });
      expect(isCancelled(seen[0])).toBe(true);
    }));

  it('names who asked', () =>
    virtual(async () => {
      const error = await scope({ name: 'target' }, async (s) => {
        s.spawn(() => s.cancel('why'), 'asker');
        await sleepForever();
      }).catch((e: unknown) => e as Cancelled);

      expect(error).toMatchObject({ scope: 'target', requestedBy: 'asker', reason: 'why' });
      expect(String(error)).toContain('Cancelled target by asker: why');
    }));

  it('names nobody for a deadline, and the task that failed for a failure', async () => {
    // In real time: a host timer fires in the context of whoever armed it.
    let byDeadline: unknown;
    const timedOut = schedule(
      () =>
        scope({ timeout: 1 }, () =>
          sleep('1h').catch((e: unknown) => {
            byDeadline = e;
          }),
        ),
      'armer',
    );
    const byFailure = scope(async (s) => {
      s.spawn(() => Promise.reject(new Error('boom')), 'culprit');
      await sleep('1h').catch((e: unknown) => expect(e).toMatchObject({ requestedBy: 'culprit' }));
    });

    await expect(byFailure).rejects.toThrow('boom');
    await expect(timedOut).rejects.toBeInstanceOf(TimedOut);
    expect(byDeadline).toMatchObject({ requestedBy: undefined });
  });

  it('a pending wait and a new one see the same', () =>
    virtual(async () => {
      const task = schedule(async () => {
        const first = await sleepForever().catch((e: unknown) => e);
        const second = await sleepForever().catch((e: unknown) => e);
        return first === second;
      });
      await idle();
      task.cancel();

      expect(await task).toBe(true);
    }));
});

describe('S6: what observes cancellation', () => {
  it('plain promises do not', () =>
    virtual(async () => {
      const value = await scope(async (s) => {
        s.cancel();
        return await Promise.resolve('arrived');
      });

      expect(value).toBe('arrived');
    }));

  it('checkCancelled looks without waiting', () =>
    virtual(async () => {
      await scope(async (s) => {
        checkCancelled();
        s.cancel();
        expect(checkCancelled).toThrow('Cancelled scope');
        return 0;
      });
    }));

  it('until leaves the promise and tells onCancel', () =>
    virtual(async () => {
      const log: string[] = [];
      const task = schedule(() => until(new Promise(() => undefined), () => log.push('left')));
      await idle();

      task.cancel();
      await task.settled();

      expect(log).toEqual(['left']);
    }));

  it('cancellable aborts its signal and ends when the function has', () =>
    virtual(async (clock) => {
      const task = schedule(() =>
        cancellable(async (signal) => {
          const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
          await aborted;
          await shield(() => sleep(30));
          throw signal.reason;
        }),
      );
      await idle();

      task.cancel();
      const end = await task.settled();

      expect([end.status, clock.now()]).toEqual(['cancelled', 30]);
    }));

  it('currentSignal aborts with the scope', () =>
    virtual(async () => {
      await scope(async (s) => {
        const signal = currentSignal();
        s.cancel('why');
        expect(signal.aborted).toBe(true);
        return 0;
      });
    }));
});

describe('S7: a wait is won or lost, never both', () => {
  it('a wait that was resumed first keeps its result; the next one rejects', () =>
    virtual(async () => {
      const log: unknown[] = [];

      await scope(async (s) => {
        log.push(
          await suspend<string>((resume) => {
            resume.ok('won');
            s.cancel();
          }),
        );
        log.push(await sleep(0).catch((e: Error) => e.name));
      });

      expect(log).toEqual(['won', 'AbortError']);
    }));

  it('resume says whether it counted', () =>
    virtual(async () => {
      const counted: boolean[] = [];
      let late: ((value: number) => boolean) | undefined;

      await suspend<number>((resume) => {
        late = resume.ok;
        counted.push(resume.ok(1), resume.ok(2), resume.fail(new Error('late')));
      });

      expect(counted).toEqual([true, false, false]);
      expect(late).toBeTypeOf('function');
    }));

  it('a cancelled wait undoes its registration, synchronously, and is never registered when it comes late', () =>
    virtual(async () => {
      const log: string[] = [];
      const register = (): (() => void) => {
        log.push('registered');
        return () => log.push('undone');
      };

      await scope(async (s) => {
        const waiting = suspend(register).catch(() => undefined);
        s.cancel();
        log.push('cancel returned');
        await waiting;
        await suspend(register).catch(() => undefined);
      });

      expect(log).toEqual(['registered', 'undone', 'cancel returned']);
    }));
});

describe('S8: shield', () => {
  it('hides outer cancellation from the body', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      await scope(async (s) => {
        s.cancel();
        await shield(() => sleep(20));
        log.push(`shielded until ${clock.now()}`);
        await sleep(1).catch(() => log.push('outside again'));
      });

      expect(log).toEqual(['shielded until 20', 'outside again']);
    }));

  it('keeps its own deadline', () =>
    virtual(async () => {
      await expect(shield(sleepForever, { timeout: 10 })).rejects.toBeInstanceOf(TimedOut);
    }));

  it('clean-ups run shielded, and within their own time', () =>
    virtual(async (clock) => {
      const log: string[] = [];

      const ended = scope(async (s) => {
        s.defer(async () => {
          await sleep(10);
          log.push(`clean-up ended at ${clock.now()}`);
        });
        s.defer(sleepForever, { timeout: 5 });
        s.cancel();
        await sleepForever();
      });

      await expect(ended).rejects.toBeInstanceOf(TimedOut);
      expect(log).toEqual(['clean-up ended at 15']);
    }));

  it('effectiveDeadline stops at a shield', () =>
    virtual(async () => {
      await scope({ timeout: 100 }, async () => {
        expect(effectiveDeadline()).toBe(100);
        await shield(() => expect(effectiveDeadline()).toBe(Number.POSITIVE_INFINITY));
        await scope({ timeout: 500 }, () => expect(effectiveDeadline()).toBe(100));
      });
    }));
});

describe('S9: a loop that swallows cancellation', () => {
  // Real time: what would starve here is the event loop itself.
  it.each([
    { name: 'around a wait', wait: () => sleep(1) },
    { name: 'around a scope', wait: () => scope(() => sleep(1)) },
    { name: 'around a flow', wait: () => map([1], () => sleep(1)) },
  ])('does not starve the process, $name', async ({ wait }) => {
    let rounds = 0;
    let stop = false;
    const fired = new Promise<void>((resolve) => {
      setTimeout(() => {
        stop = true;
        resolve();
      }, 5);
    });

    const ended = scope(async (s) => {
      s.cancel();
      while (!stop) {
        rounds++;
        await wait().catch(() => undefined);
      }
    });

    await fired;
    await ended;
    expect(rounds).toBeGreaterThan(16);
  });
});

describe('tasks', () => {
  it('start in a microtask, and run to their first wait also when cancelled before', () =>
    virtual(async () => {
      const log: string[] = [];

      await scope(async (s) => {
        s.spawn(() => void log.push('ran'));
        s.spawn(async () => {
          log.push('begun');
          await sleep(1);
          log.push('never');
        }).cancel();
        log.push('spawned');
      });

      expect(log).toEqual(['spawned', 'ran', 'begun']);
    }));

  it('give result and exception only when done', () =>
    virtual(async () => {
      await scope(async (s) => {
        const task = s.spawn(() => sleep(1).then(() => 7));
        expect(() => task.result()).toThrow('it is queued');
        await task;
        expect([task.result(), task.exception(), task.done]).toEqual([7, undefined, true]);
      });
    }));

  it('that end in spite of a cancellation are done', () =>
    virtual(async () => {
      const task = schedule(() => sleep(100).catch(() => 'value'));
      await idle();

      expect(task.cancel()).toBe(true);
      expect(task.status).toBe('cancelling');
      expect(await task.settled()).toEqual({ status: 'done', value: 'value' });
      expect(task.cancel()).toBe(false);
    }));

  it('count as cancelled when a host function rejects with its own AbortError', () =>
    virtual(async () => {
      const { setTimeout: wait } = await import('node:timers/promises');
      const task = schedule(({ signal }) => wait(60_000, 'late', { signal }));
      await new Promise((resolve) => setImmediate(resolve));

      task.cancel('why');

      expect(await task.settled()).toMatchObject({ status: 'cancelled', error: { reason: 'why' } });
    }));

  it('do not cancel whoever awaits them', () =>
    virtual(async () => {
      await scope(async (s) => {
        const victim = schedule(sleepForever, 'victim');
        const waiter = s.spawn(() => victim.catch((e: Error) => e.name));
        await idle();
        victim.cancel();
        expect(await waiter).toBe('AbortError');
        expect(s.cancelled).toBe(false);
      });
    }));

  it('are known to the code they run', () =>
    virtual(async () => {
      const task = schedule(() => currentTask()?.name, 'me');

      expect(await task).toBe('me');
    }));

  it('serve those who await them in the order they came (S13)', () =>
    virtual(async () => {
      const log: number[] = [];

      await scope(async (s) => {
        const task = s.spawn(() => sleep(10));
        for (const n of [1, 2, 3, 4]) s.spawn(() => task.then(() => log.push(n)));
      });

      expect(log).toEqual([1, 2, 3, 4]);
    }));

  it('leave the line of a task at once when cancelled, from the middle', () =>
    virtual(async () => {
      const log: number[] = [];

      await scope(async (s) => {
        const task = s.spawn(() => sleep(10));
        const waiting = [1, 2, 3].map((n) => schedule(() => task.then(() => log.push(n))));
        await idle();
        waiting[1]?.cancel();
        await idle();
        expect(waiting[1]?.status).toBe('cancelled');
        await task;
        await idle();
      });

      expect(log).toEqual([1, 3]);
    }));
});
