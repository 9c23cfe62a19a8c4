import {
  Condition,
  isCancelled,
  Lock,
  schedule,
  scope,
  select,
  shield,
  sleep,
  TimedOut,
} from 'skein';
import { idle, virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine } from './support.ts';

/** Waits under the lock, and then does something under it. */
function waiter(condition: Condition, then: () => void = () => undefined) {
  return () =>
    condition.lock.with(async () => {
      await condition.wait();
      expect(condition.lock.locked).toBe(true);
      then();
    });
}

describe('Condition', () => {
  it('wait gives the lock up and has it again when it ends', () =>
    virtual(async () => {
      const condition = new Condition();
      const [task] = await inLine([waiter(condition)]);
      expect([condition.waiting, condition.lock.locked]).toEqual([1, false]);

      await condition.lock.with(() => condition.notify());

      await task;
      expect([condition.waiting, condition.lock.locked]).toEqual([0, false]);
    }));

  it('notify(n) wakes the first n, who go on one after the other', () =>
    virtual(async () => {
      const condition = new Condition();
      const log: number[] = [];
      const tasks = await inLine([1, 2, 3].map((n) => waiter(condition, () => void log.push(n))));

      await condition.lock.with(() => condition.notify(2));
      await idle();
      expect([log, condition.waiting]).toEqual([[1, 2], 1]);
      await condition.lock.with(() => condition.notifyAll());

      for (const task of tasks) await task;
      expect(log).toEqual([1, 2, 3]);
    }));

  it('a notification that nobody waits for is gone', () =>
    virtual(async () => {
      const condition = new Condition();
      await condition.lock.with(() => condition.notify(5));
      const [task] = await inLine([waiter(condition)]);

      expect(task?.status).toBe('running');
      await condition.lock.with(() => condition.notify());
      await task;
    }));

  it('stands in the line for the lock where the notification was, not where it woke', () =>
    virtual(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const tasks = [...(await inLine([waiter(condition, () => void log.push('notified'))]))];
      const lease = await condition.acquire();
      tasks.push(...(await inLine([() => condition.lock.with(() => void log.push('before'))])));

      condition.notify();
      // In the same turn: a select does not ask who holds the lock.
      const after = select({ it: condition.lock.acquired }).then(({ value }) => {
        log.push('after');
        value.release();
      });
      lease.release();

      for (const task of tasks) await task;
      await after;
      expect(log).toEqual(['before', 'notified', 'after']);
    }));

  it('waitFor looks at the predicate under the lock, after each notification', () =>
    virtual(async () => {
      const condition = new Condition();
      let n = 0;
      let looks = 0;
      const [task] = await inLine([
        () =>
          condition.lock.with(() =>
            condition.waitFor(() => {
              expect(condition.lock.locked).toBe(true);
              looks++;
              return n >= 2;
            }),
          ),
      ]);

      for (let i = 0; i < 2; i++) {
        await condition.lock.with(() => {
          n++;
          condition.notifyAll();
        });
        await idle();
      }

      await task;
      expect(looks).toBe(3);
    }));

  it('what the predicate throws ends the wait with the lock held', () =>
    virtual(async () => {
      const condition = new Condition();
      const lease = await condition.acquire();

      const wrong = condition.waitFor(() => {
        throw new Error('predicate');
      });

      expect((await failure(wrong)).message).toBe('predicate');
      expect(condition.lock.locked).toBe(true);
      lease.release();
    }));

  it('S7: a cancelled wait ends with the lock held and has used up no notification', () =>
    virtual(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const [first, second] = await inLine([
        async () => {
          const lease = await condition.acquire();
          const error = await failure(condition.wait());
          log.push(`cancelled: ${isCancelled(error)}, locked: ${condition.lock.locked}`);
          expect(condition.lock.owner).toBeDefined();
          await shield(() => sleep(10));
          lease.release();
        },
        waiter(condition, () => void log.push('second was notified')),
      ]);

      first?.cancel();
      expect(condition.waiting).toBe(1);
      await idle();
      await condition.lock.with(() => condition.notify());

      await first?.settled();
      await second;
      expect(log).toEqual(['cancelled: true, locked: true', 'second was notified']);
      expect(condition.lock.locked).toBe(false);
    }));

  it('S7: cancelled after the notification: returns normally, and the next wait rejects', () =>
    virtual(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const [task] = await inLine([
        () =>
          condition.lock.with(async () => {
            await condition.wait();
            log.push('notified');
            await sleep(1).catch(() => log.push('next wait'));
          }),
      ]);

      const lease = await condition.acquire();
      condition.notify();
      task?.cancel();
      await sleep(10);
      expect(log).toEqual([]);
      lease.release();
      await task?.settled();

      expect(log).toEqual(['notified', 'next wait']);
      expect(condition.lock.locked).toBe(false);
    }));

  it('waits for the lock again even if that takes longer than its cancellation', () =>
    virtual(async (clock) => {
      const condition = new Condition();
      let ended = -1;
      const [task] = await inLine([
        () =>
          condition.lock.with(async () => {
            await condition.wait().finally(() => {
              ended = clock.now();
            });
          }),
      ]);
      const lease = await condition.acquire();

      task?.cancel();
      await sleep(50);
      expect(ended).toBe(-1);
      lease.release();
      await task?.settled();

      expect(ended).toBe(50);
      expect(condition.lock.locked).toBe(false);
    }));

  it('in a cancelled scope wait rejects with the lock never given up', () =>
    virtual(async () => {
      const condition = new Condition();
      const lease = await condition.acquire();

      await scope(async (s) => {
        s.cancel();
        const waiting = condition.wait();
        expect(condition.lock.locked).toBe(true);
        expect(isCancelled(await failure(waiting))).toBe(true);
        return 0;
      });

      expect([condition.lock.locked, condition.waiting]).toEqual([true, 0]);
      lease.release();
      expect(condition.lock.locked).toBe(false);
    }));

  it('bounds: a time-out and a signal end with the lock held', () =>
    virtual(async (clock) => {
      const condition = new Condition();
      const abort = new CountedAbort();
      const lease = await condition.acquire();

      expect(await failure(condition.wait({ timeout: 10 }))).toBeInstanceOf(TimedOut);
      expect([condition.lock.locked, clock.now(), condition.waiting]).toEqual([true, 10, 0]);
      const aborted = condition.wait({ signal: abort.signal });
      abort.abort('enough');
      expect(await failure(aborted)).toBe('enough');
      expect([condition.lock.locked, abort.listeners, clock.timers]).toEqual([true, 0, 0]);
      expect(await failure(condition.wait({ timeout: -1 }))).toBeInstanceOf(RangeError);
      expect(condition.lock.locked).toBe(true);

      lease.release();
      expect(condition.lock.locked).toBe(false);
    }));

  it('refuses to wait or notify without the lock, or in a task that does not hold it', () =>
    virtual(async () => {
      const condition = new Condition();
      expect(await failure(condition.wait())).toBeInstanceOf(TypeError);
      expect(await failure(condition.waitFor(() => true))).toBeInstanceOf(TypeError);
      expect(() => condition.notify()).toThrow(/Cannot notify: lock of a condition is not held/);
      expect(() => condition.notifyAll()).toThrow(TypeError);

      const lease = await condition.acquire();
      await schedule(async () => {
        expect(() => condition.notify()).toThrow(/Cannot notify in .*held by main/);
        expect(await failure(condition.wait())).toBeInstanceOf(TypeError);
      });
      lease.release();
    }));

  it('several conditions may share a lock', () =>
    virtual(async () => {
      const lock = new Lock();
      const [full, empty] = [new Condition(lock), new Condition(lock)];
      const tasks = await inLine([waiter(full), waiter(empty)]);

      await lock.with(() => full.notifyAll());
      await tasks[0];

      expect([full.waiting, empty.waiting]).toEqual([0, 1]);
      await lock.with(() => empty.notifyAll());
      await tasks[1];
    }));

  it('a lease is the same before and after a wait', () =>
    virtual(async () => {
      const condition = new Condition();
      const lease = await condition.acquire();
      const task = schedule(() => condition.lock.with(() => condition.notify()));
      await condition.wait();
      await task;

      expect(condition.lock.locked).toBe(true);
      lease.release();
      expect(condition.lock.locked).toBe(false);
    }));

  it('refuses a predicate that gives a promise, which is true whatever it will say', () =>
    virtual(async () => {
      const condition = new Condition();
      const lease = await condition.acquire();

      const waiting = condition.waitFor((async () => false) as never);

      await expect(waiting).rejects.toThrow('Expected predicate to give a boolean: got a promise');
      lease.release();
    }));
});
