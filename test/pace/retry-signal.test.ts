import {
  attemptsOf,
  currentScope,
  limiter,
  map,
  RetryBudget,
  retry,
  StuckTasks,
  sleep,
  TimedOut,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { CountedAbort } from '../sync/support.ts';
import { caught, failing } from './failing.ts';

describe('the signal of retry', () => {
  it('ends the wait between two attempts at once: its reason, with the errors until then beside it', () =>
    virtual(async (clock) => {
      const abort = new CountedAbort();
      const why = new Error('stop');
      const call = caught(retry(failing(), { retries: 5, backoff: '1h', signal: abort.signal }));
      await sleep(10);
      abort.abort(why);
      const error = await call;

      expect(error).toBe(why);
      expect(attemptsOf(error).map(String)).toEqual(['Error: no. 1']);
      expect([clock.now(), clock.timers, abort.listeners]).toEqual([10, 0, 0]);
    }));

  it('aborts the signal of the attempt that is at work, and the call waits for its end', () =>
    virtual(async (clock) => {
      const controller = new AbortController();
      const why = new Error('stop');
      const log: unknown[] = [];
      const call = caught(
        retry(
          async ({ attempt, signal }) => {
            if (attempt === 1) throw new Error('no. 1');
            await sleep('1h').catch(() => log.push(signal.aborted));
            await new Promise<void>((resolve) => {
              setEnd = resolve;
            });
            signal.throwIfAborted();
          },
          { retries: 5, backoff: 10, signal: controller.signal },
        ),
      );
      let setEnd: (() => void) | undefined;
      await sleep(20);
      controller.abort(why);
      await sleep(30);
      setEnd?.();
      const error = await call;

      expect([error === why, log, clock.now()]).toEqual([true, [true], 50]);
      expect(attemptsOf(error).map(String)).toEqual(['Error: no. 1']);
    }));

  it('stops what the attempt has spawned, though its function has ended', () =>
    virtual(async (clock) => {
      const controller = new AbortController();
      const why = new Error('stop');
      const call = caught(
        retry(
          async () => {
            currentScope().spawn(() => sleep('1h'));
            return 'value';
          },
          { retries: 5, signal: controller.signal },
        ),
      );
      await sleep(10);
      controller.abort(why);

      expect(await call).toBe(why);
      expect(clock.now()).toBe(10);
    }));

  it('reports an attempt that does not end', () =>
    virtual(async (clock) => {
      const controller = new AbortController();
      const call = caught(
        retry(() => new Promise(() => {}), { retries: 5, signal: controller.signal }),
      );
      await sleep(10);
      controller.abort('stop');

      expect(await call).toBeInstanceOf(StuckTasks);
      expect(clock.now()).toBe(5010);
    }));

  it('does not change a time limit that has passed before', () =>
    virtual(async () => {
      const controller = new AbortController();
      const call = caught(
        retry(() => sleep('1h').catch(() => sleep('1h')), {
          retries: 5,
          totalTimeout: '1s',
          signal: controller.signal,
        }),
      );
      await sleep('1s');
      controller.abort('stop');

      expect(await call).toBeInstanceOf(TimedOut);
    }));

  it('is refused where it is none', async () => {
    const error = await caught(retry(() => 1, { retries: 1, signal: {} as AbortSignal }));

    expect(String(error)).toMatch(/TypeError: .*signal.*AbortSignal.*got an instance of Object/);
  });
});

describe('retries without a limit of their number', () => {
  const retries = Number.POSITIVE_INFINITY;

  it.each([
    { form: 'retry', run: () => retry(failing(), { retries, backoff: 100, totalTimeout: '1s' }) },
    {
      form: 'map',
      run: () =>
        map([0], (_, context) => failing()(context), {
          retry: { retries, backoff: 100, totalTimeout: '1s' },
        }),
    },
    {
      form: 'limiter',
      run: () => limiter({ retry: { retries, backoff: 100, totalTimeout: '1s' } }).run(failing()),
    },
  ])('end with their totalTimeout: $form', ({ run }) =>
    virtual(async (clock) => {
      const error = await caught(run());

      expect(error).toBeInstanceOf(TimedOut);
      expect([attemptsOf(error).length, clock.now()]).toEqual([10, 900]);
    }),
  );

  it.each([
    { form: 'retry', run: (signal: AbortSignal) => retry(failing(), { retries, signal }) },
    {
      form: 'limiter',
      run: (signal: AbortSignal) => limiter({ retry: retries }).run(failing(), { signal }),
    },
    {
      form: 'limiter with options',
      run: (signal: AbortSignal) => limiter({ retry: { retries } }).run(failing(), { signal }),
    },
  ])('end with a signal: $form', ({ run }) =>
    virtual(async () => {
      const controller = new AbortController();
      const call = caught(run(controller.signal));
      await sleep('10m');
      controller.abort('enough');

      expect(await call).toBe('enough');
    }),
  );

  it.each([
    { form: 'retry', run: (budget: RetryBudget) => retry(failing(), { retries, budget }) },
    {
      form: 'map',
      run: (budget: RetryBudget) =>
        map([0], (_, c) => failing()(c), { retry: { retries, budget } }),
    },
  ])('end with their budget: $form', ({ run }) =>
    virtual(async () => {
      const error = await caught(run(new RetryBudget({ minPerSecond: 0, burst: 20 })));

      expect(String(error)).toBe('Error: no. 21');
    }),
  );

  it('a plain number says it too', () =>
    virtual(async () => {
      const until = (last: number) => async (attempt: number) => {
        if (attempt < last) throw new Error('not yet');
        return attempt;
      };
      expect(await retry(({ attempt }) => until(200)(attempt), retries)).toBe(200);
      const all = await map([150], (n, { attempt }) => until(n)(attempt), { retry: retries });
      expect(all).toEqual([150]);
    }));

  it('let everything else have its turn, also without waits between', () =>
    virtual(async () => {
      let others = 0;
      const controller = new AbortController();
      const call = caught(
        retry(() => Promise.reject(new Error('no')), {
          retries,
          backoff: 0,
          signal: controller.signal,
        }),
      );
      for (let i = 0; i < 5; i++) {
        await sleep(0);
        others++;
      }
      controller.abort('enough');

      expect([await call, others]).toEqual(['enough', 5]);
    }));
});
