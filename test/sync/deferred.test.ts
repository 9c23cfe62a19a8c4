import { Deferred, isCancelled, scope, select, TimedOut } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort, failure, inLine, stop } from './support.ts';

describe('Deferred', () => {
  it('is settled once; the second call gives false and changes nothing', () =>
    virtual(async () => {
      const answer = new Deferred<number>();
      expect(answer.done).toBe(false);

      expect([answer.resolve(1), answer.resolve(2), answer.reject(new Error('late'))]).toEqual([
        true,
        false,
        false,
      ]);
      expect([answer.done, await answer, await answer.wait()]).toEqual([true, 1, 1]);
    }));

  it('serves all who wait, now and later', () =>
    virtual(async () => {
      const answer = new Deferred<number>();
      const tasks = await inLine<unknown>([
        () => answer.wait(),
        async () => await answer,
        async () => (await select({ it: answer.settled })).value,
      ]);

      answer.resolve(42);

      for (const task of tasks) expect(await task).toBe(42);
      expect(await select({ it: answer.settled })).toEqual({ key: 'it', value: 42 });
    }));

  it.each([new Error('broken'), undefined, 0])('fails with %o, for all who wait', (error) =>
    virtual(async () => {
      const answer = new Deferred<number>();
      const tasks = await inLine([() => answer.wait()]);

      expect([answer.reject(error), answer.reject('again'), answer.resolve(1)]).toEqual([
        true,
        false,
        false,
      ]);

      for (const task of tasks) expect(await task.settled()).toEqual({ status: 'failed', error });
      expect(await answer.then(undefined, (thrown: unknown) => [thrown])).toEqual([error]);
    }),
  );

  it('an error that nobody awaits is kept and not reported', async () => {
    const answer = new Deferred<number>();
    answer.reject(new Error('kept'));
    await new Promise((resolve) => setImmediate(resolve));

    await expect(answer.wait()).rejects.toThrow('kept');
  });

  it('awaiting it is a cancellation point', () =>
    virtual(async () => {
      const answer = new Deferred<number>();
      const tasks = await inLine<unknown>([async () => await answer, () => answer.wait()]);
      await stop(...tasks);
      answer.resolve(1);

      await scope(async (s) => {
        s.cancel();
        expect(isCancelled(await failure(answer))).toBe(true);
        return 0;
      });
      expect(tasks.map((task) => task.status)).toEqual(['cancelled', 'cancelled']);
    }));

  it('bounds end one wait and leave it as it is', () =>
    virtual(async (clock) => {
      const answer = new Deferred<number>({ name: 'answer' });
      const abort = new CountedAbort();
      const aborted = answer.wait({ signal: abort.signal });
      abort.abort('enough');

      expect(await failure(aborted)).toBe('enough');
      const late = await failure(answer.wait({ timeout: 5 }));
      expect(late).toBeInstanceOf(TimedOut);
      expect(late.message).toContain('deferred answer');
      expect([abort.listeners, clock.timers, answer.done]).toEqual([0, 0, false]);
      answer.resolve(1);
      expect(await answer.wait({ timeout: 0 })).toBe(1);
    }));
});
