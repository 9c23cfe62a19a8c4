import {
  attemptsOf,
  currentScope,
  retry,
  schedule,
  scope,
  sleep,
  sleepForever,
  TimedOut,
  timeout,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

import { caught, failing, forms } from './failing.ts';

// Wrong on purpose: what a caller without types can do.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;

describe.each(forms)('attempts of $form', ({ run }) => {
  it('gives the first value, and counts the attempts from 1', () =>
    virtual(async () => {
      const seen: number[] = [];

      const value = await run(
        ({ attempt }) => {
          seen.push(attempt);
          if (attempt < 3) throw new Error('not yet');
          return 'loaded';
        },
        { retries: 5 },
      );

      expect(value).toBe('loaded');
      expect(seen).toEqual([1, 2, 3]);
    }));

  it.each([
    { options: { jitter: 'none', base: 10 }, times: [0, 10, 30, 70] },
    { options: { jitter: 'none', base: '10ms', max: 15 }, times: [0, 10, 25, 40] },
    { options: { jitter: 'none', base: 10, backoff: 'linear' }, times: [0, 10, 30, 60] },
    { options: { backoff: '1s' }, times: [0, 1000, 2000, 3000] },
    { options: { backoff: (n: number) => n * 7 }, times: [0, 7, 21, 42] },
    { options: { backoff: 0 }, times: [0, 0, 0, 0] },
    { options: { base: 0 }, times: [0, 0, 0, 0] },
  ] as const)('waits as the backoff says: $options', ({ options, times }) =>
    virtual(async (clock) => {
      const starts: number[] = [];

      await caught(run(failing(starts, clock), { retries: 3, ...options }));

      expect(starts).toEqual(times);
    }),
  );

  it('throws the last error as it is, with those of all attempts beside it', () =>
    virtual(async () => {
      const error = await caught(run(failing(), { retries: 2 }));

      expect(String(error)).toBe('Error: no. 3');
      expect(attemptsOf(error).map(String)).toEqual([
        'Error: no. 1',
        'Error: no. 2',
        'Error: no. 3',
      ]);
    }));

  it('keeps them for a frozen error, and throws what is no object unchanged', () =>
    virtual(async () => {
      const frozen = Object.freeze(new Error('frozen'));
      const thrown = [new Error('first'), frozen];

      const error = await caught(
        run(({ attempt }) => Promise.reject(thrown[attempt - 1]), { retries: 1 }),
      );
      const text = await caught(run(() => Promise.reject('text'), { retries: 1 }));

      expect(error).toBe(frozen);
      expect(attemptsOf(frozen)).toEqual(thrown);
      expect(text).toBe('text');
      expect(attemptsOf(text)).toEqual(['text']);
    }));

  it('keeps the first and the last 99 of very many', () =>
    virtual(async () => {
      const error = await caught(run(failing(), { retries: 499, backoff: 0 }));

      const kept = attemptsOf(error).map((each) => (each as Error).message);
      expect(kept).toHaveLength(100);
      expect(kept.slice(0, 2)).toEqual(['no. 1', 'no. 402']);
      expect(kept.at(-1)).toBe('no. 500');
    }));

  it.each([false, undefined, 0])('does not go on where retryIf answers %s', (answer) =>
    virtual(async () => {
      const error = await caught(run(failing(), { retries: 5, retryIf: () => answer as Anything }));

      expect(String(error)).toBe('Error: no. 1');
    }),
  );

  it('fails with what retryIf or backoff throw, and still has the attempts', () =>
    virtual(async () => {
      for (const option of ['retryIf', 'backoff', 'retryAfter']) {
        const broken = new Error(`broken ${option}`);
        const options = {
          [option]: () => {
            throw broken;
          },
        };

        const error = await caught(run(failing(), { retries: 5, ...options }));

        expect(error).toBe(broken);
        expect(attemptsOf(error).map(String)).toEqual(['Error: no. 1']);
      }
    }));

  it('refuses a retryIf that answers later, and a backoff of nonsense', () =>
    virtual(async () => {
      const later = await caught(
        run(failing(), { retries: 1, retryIf: (async () => true) as Anything }),
      );
      const nonsense = await caught(run(failing(), { retries: 1, backoff: () => Number.NaN }));

      expect(String(later)).toMatch(/TypeError: .*retryIf.*got a promise/);
      expect(String(nonsense)).toMatch(/RangeError: .*backoff.*>= 0: got NaN/);
    }));

  it('never retries a cancellation of somebody else either', () =>
    virtual(async () => {
      let calls = 0;
      const error = await caught(
        run(
          () => {
            calls++;
            throw new DOMException('aborted', 'AbortError');
          },
          { retries: 5 },
        ),
      );

      expect((error as Error).name).toBe('AbortError');
      expect(calls).toBe(1);
    }));

  it('gives up where the backoff says never', () =>
    virtual(async (clock) => {
      const never = { backoff: () => Number.POSITIVE_INFINITY, max: Number.POSITIVE_INFINITY };

      const error = await caught(run(failing(), { retries: 5, ...never }));

      expect(String(error)).toBe('Error: no. 1');
      expect(clock.now()).toBe(0);
    }));
});

describe.each(forms)('totalTimeout of $form', ({ run }) => {
  it('does not wait for an attempt that could not start: TimedOut at once, with the last error as cause', () =>
    virtual(async (clock) => {
      const error = await caught(run(failing(), { retries: 9, backoff: 400, totalTimeout: '1s' }));

      expect(error).toBeInstanceOf(TimedOut);
      expect((error as TimedOut).after).toBe(1000);
      expect(String((error as TimedOut).cause)).toBe('Error: no. 3');
      expect(attemptsOf(error)).toHaveLength(3);
      expect(clock.now()).toBe(800);
    }));

  it('an attempt that would start just then does not start', () =>
    virtual(async () => {
      const error = await caught(run(failing(), { retries: 9, backoff: 500, totalTimeout: 1000 }));

      expect(attemptsOf(error)).toHaveLength(2);
    }));

  it('cancels the attempt that is at work', () =>
    virtual(async (clock) => {
      let aborted = false;
      const error = await caught(
        run(
          async ({ attempt, signal }) => {
            if (attempt === 1) throw new Error('no. 1');
            signal.addEventListener('abort', () => {
              aborted = true;
            });
            await sleepForever();
          },
          { retries: 9, backoff: 400, totalTimeout: 1000 },
        ),
      );

      expect(error).toBeInstanceOf(TimedOut);
      expect(String((error as TimedOut).cause)).toBe('Error: no. 1');
      expect(aborted).toBe(true);
      expect(clock.now()).toBe(1000);
    }));

  it('is no time-out where it is enough', () =>
    virtual(async () => {
      expect(
        await run(() => sleep(999).then(() => 'value'), { retries: 1, totalTimeout: 1000 }),
      ).toBe('value');
    }));

  it('refuses a value that comes after it, as a time-out of an attempt does', () =>
    virtual(async () => {
      const late = currentScope().spawn(() => sleep(1500).then(() => 'late'));

      const error = await caught(run(() => late.settled(), { retries: 1, totalTimeout: 1000 }));

      expect(error).toBeInstanceOf(TimedOut);
    }));
});

describe('retry', () => {
  it('opens a scope for each attempt: what it has spawned has ended before the next one', () =>
    virtual(async () => {
      const log: string[] = [];

      await retry(
        async ({ attempt }) => {
          log.push(`attempt ${attempt}`);
          currentScope().spawn(async () => {
            await sleepForever().finally(() => log.push(`ended ${attempt}`));
          });
          await sleep(1);
          if (attempt === 1) throw new Error('no');
          currentScope().cancel('done');
        },
        { retries: 1 },
      );

      expect(log).toEqual(['attempt 1', 'ended 1', 'attempt 2', 'ended 2']);
    }));

  it('is retried too when a task of the attempt fails', () =>
    virtual(async () => {
      const value = await retry(
        async ({ attempt }) => {
          currentScope().spawn(async () => {
            if (attempt === 1) throw new Error('in a task');
          });
          await sleep(1);
          return attempt;
        },
        { retries: 1 },
      );

      expect(value).toBe(2);
    }));

  it('ends with the cancellation of its scope, at work and between attempts', () =>
    virtual(async (clock) => {
      for (const fn of [sleepForever, failing()]) {
        const task = schedule(() => retry(fn, { retries: 9, backoff: '1h' }));
        await sleep(5);
        task.cancel('enough');

        expect((await task.settled()).status).toBe('cancelled');
      }
      expect(clock.now()).toBe(10);
    }));

  it('a cancelled attempt that fails of its own is not repeated: its error is the one', () =>
    virtual(async () => {
      const task = schedule(() =>
        retry(
          () =>
            sleepForever().catch(() => {
              throw new Error('while stopping');
            }),
          3,
        ),
      );
      await sleep(1);
      task.cancel();

      expect(String((await task.settled()) && task.exception())).toBe('Error: while stopping');
    }));

  it('an outer deadline is not ours', () =>
    virtual(async (clock) => {
      const error = await caught(timeout(50, () => retry(failing(), { retries: 9, backoff: 40 })));

      expect(error).toBeInstanceOf(TimedOut);
      expect(clock.now()).toBe(50);
    }));

  it('gives a Context that is a valid init of fetch', () =>
    virtual(() =>
      scope(async (s) => {
        const context = await retry(async (c) => c, 0);

        expect(context.signal).toBeInstanceOf(AbortSignal);
        expect([context.index, context.attempt]).toEqual([0, 1]);
        expect(s.cancelled).toBe(false);
      }),
    ));

  it('is not cancelled by the attempt that failed before', () =>
    virtual(async () => {
      const aborted = await retry(
        async ({ attempt, signal }) => {
          if (attempt === 1) throw new Error('no');
          return signal.aborted;
        },
        { retries: 1 },
      );

      expect(aborted).toBe(false);
    }));
});
