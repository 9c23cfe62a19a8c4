import {
  Cancelled,
  currentScope,
  moveOnAfter,
  type Scope,
  ScopeClosed,
  scope,
  sleep,
  sleepForever,
  TimedOut,
  timeout,
  timeoutAt,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

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

  it('a value that the body returned all the same is kept, unless its time was over', () =>
    virtual(async () => {
      const stubborn = async (): Promise<string> => {
        await sleep(100).catch(() => undefined);
        return 'late';
      };

      const cancelled = scope((s) => {
        s.cancel();
        return stubborn();
      });
      expect(await cancelled).toBe('late');
      await expect(timeout(10, stubborn)).rejects.toBeInstanceOf(TimedOut);
      expect(await moveOnAfter(10, stubborn, 'otherwise')).toBe('otherwise');
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

  it('an aborted signal option rejects with the reason of the signal, and the waits inside with a Cancelled that has it', () =>
    virtual(async () => {
      const controller = new AbortController();
      const reason = new Error('from outside');
      let inside: unknown;

      const ended = scope({ signal: controller.signal }, async () => {
        controller.abort(reason);
        await sleepForever().catch((error: unknown) => {
          inside = error;
          throw error;
        });
      });

      await expect(ended).rejects.toBe(reason);
      expect(inside).toBeInstanceOf(Cancelled);
      expect(inside).toMatchObject({ reason, cause: reason });
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
