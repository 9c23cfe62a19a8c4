import {
  map,
  moveOnAfter,
  race,
  type Scope,
  StuckTasks,
  scope,
  shield,
  sleep,
  sleepForever,
  TimedOut,
  timeout,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

/** Work that never ends by itself and ignores its cancellation, until the test lets it go. */
function stubborn(): { hang: () => Promise<void>; letGo: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { hang: () => promise, letGo: resolve };
}

describe('S10: what ignores its cancellation', () => {
  it('is reported after its grace with name, age and what it waits for', () =>
    virtual(async (clock) => {
      const { hang, letGo } = stubborn();

      const error = await scope(async (s) => {
        s.spawn(hang, 'hung');
        s.spawn(() => shield(sleepForever, { timeout: 20_000 }), 'shielded').catch(() => undefined);
        await sleep(10);
        s.cancel('why');
        return 'value';
      }).catch((e: unknown) => e as StuckTasks);

      expect(error).toBeInstanceOf(StuckTasks);
      expect(clock.now()).toBe(5010);
      expect(error).toMatchObject({
        code: 'ERR_STUCK_TASKS',
        tasks: [
          { name: 'hung', age: 5010, waitingFor: [] },
          { name: 'shield', age: 5010, waitingFor: ['sleep for ever'] },
        ],
      });
      letGo();
      await sleep('1m');
    }));

  it('does not hide the error that the scope has', () =>
    virtual(async () => {
      const { hang, letGo } = stubborn();
      let seen: Scope | undefined;

      const ended = scope({ grace: 100 }, async (s) => {
        seen = s;
        s.spawn(hang, 'hung');
        await sleep(1);
        throw new Error('boom');
      });

      await expect(ended).rejects.toThrow('boom');
      expect(seen?.errors[1]).toBeInstanceOf(StuckTasks);
      letGo();
      await sleep(1);
    }));

  it('is a warning of the process where another error is thrown', () =>
    virtual(async () => {
      const { hang, letGo } = stubborn();
      const warned: Error[] = [];
      const listen = (warning: Error): void => void warned.push(warning);
      process.on('warning', listen);

      await map([1, 2], (n) => (n === 1 ? hang() : Promise.reject(new Error('boom')))).catch(
        () => undefined,
      );
      await new Promise((resolve) => setImmediate(resolve));
      process.off('warning', listen);

      expect(warned.map(({ name }) => name)).toEqual(['StuckTasks']);
      letGo();
    }));

  it('may be the body itself', () =>
    virtual(async (clock) => {
      const { hang, letGo } = stubborn();

      await expect(timeout(10, hang)).rejects.toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(5010);
      expect(await moveOnAfter(10, hang, 'otherwise')).toBe('otherwise');
      letGo();
    }));

  it('is reported once, where it is, when scopes are nested', () =>
    virtual(async (clock) => {
      const { hang, letGo } = stubborn();
      let outer: Scope | undefined;

      const ended = scope({ name: 'outer' }, async (s) => {
        outer = s;
        s.spawn(
          () =>
            scope({ name: 'inner' }, (inner) => {
              inner.spawn(hang, 'hung');
            }),
          'middle',
        );
        await sleep(10);
        throw new Error('boom');
      });

      await expect(ended).rejects.toThrow('boom');
      expect(clock.now()).toBe(5010);
      const stuck = outer?.errors.filter((error) => error instanceof StuckTasks);
      expect(stuck?.flatMap(({ tasks }) => tasks.map(({ name }) => name))).toEqual(['hung']);
      letGo();
      await sleep(1);
    }));

  it('is left behind by flows and races too', () =>
    virtual(async (clock) => {
      const { hang, letGo } = stubborn();
      const fail = (): Promise<never> => Promise.reject(new Error('boom'));

      await expect(map([1, 2], (n) => (n === 1 ? hang() : fail()))).rejects.toThrow('boom');
      expect(clock.now()).toBe(5000);
      const raced = race([hang, fail]);
      await expect(raced).rejects.toThrow('boom');
      expect(clock.now()).toBe(10_000);
      const error = await map([7], hang, { timeout: 10, grace: 50 }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(TimedOut);
      letGo();
      await sleep(1);
    }));

  it('is given no time at all with a grace of 0, and all time with Infinity', () =>
    virtual(async (clock) => {
      const { hang, letGo } = stubborn();
      const give = (grace: number): Promise<unknown> =>
        scope({ grace }, async (s) => {
          s.spawn(hang, 'hung');
          await sleep(1);
          s.cancel();
        });

      await expect(give(0)).rejects.toBeInstanceOf(StuckTasks);
      expect(clock.now()).toBe(1);
      const patient = give(Number.POSITIVE_INFINITY);
      await sleep('1h');
      letGo();
      expect(await patient).toBe(undefined);
    }));
});
