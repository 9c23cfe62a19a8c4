import { openScope, type Scope, schedule, scope, sleep, sleepForever, timeout } from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

const caught = async (run: () => Promise<unknown>): Promise<Error> =>
  run().then(
    () => expect.unreachable(),
    (error: unknown) => error as Error,
  );

/** The lines of a stack that name this file. */
const here = (error: Error): string[] =>
  String(error.stack)
    .split('\n')
    .filter((line) => line.includes('stacks.test.ts'));

describe('the stack of a Cancelled', () => {
  const asked = (by: (s: Scope) => void) => () =>
    caught(() =>
      scope(async (s) => {
        by(s);
        await sleepForever();
      }),
    );
  const controller = new AbortController();
  it.each([
    {
      what: 'scope.cancel',
      run: asked(function asker(s) {
        s.cancel('why');
      }),
    },
    {
      what: 'abort of a signal with a text',
      run: () =>
        inside(controller, function asker() {
          controller.abort('text');
        }),
    },
    { what: 'a failing task', run: () => ofFailure() },
  ])('names who asked for it: $what', ({ run }) =>
    virtual(async () => {
      const error = await run();

      expect(error.name).toBe('AbortError');
      expect(error.stack).toContain(`AbortError: ${error.message}\n`);
      expect(here(error)[0]).toContain('asker');
    }),
  );

  it('task.cancel', () =>
    virtual(async () => {
      const task = schedule(sleepForever);
      (function asker() {
        task.cancel();
      })();

      expect(here(await caught(() => task.then()))[0]).toContain('asker');
    }));
});

/** What a wait inside gets when the signal of its scope aborts. */
async function inside(controller: AbortController, abort: () => void): Promise<Error> {
  let error: Error | undefined;
  await scope({ signal: controller.signal }, async () => {
    abort();
    error = await caught(() => sleep('1h'));
  });
  return error as Error;
}

async function ofFailure(): Promise<Error> {
  let error: Error | undefined;
  const ended = scope(async (s) => {
    s.spawn(async function asker() {
      throw new Error('boom');
    });
    error = await caught(() => sleep('1h'));
  });
  await expect(ended).rejects.toThrow('boom');
  return error as Error;
}

describe('the stack of a TimedOut', () => {
  it.each([
    { what: 'timeout', limit: () => timeout(10, sleepForever) },
    { what: 'scope', limit: () => scope({ timeout: 10 }, sleepForever) },
    { what: 'a deadline', limit: () => scope({ deadline: 0 }, sleepForever) },
    {
      what: 'a deadline that was moved',
      limit: () =>
        scope((s) => {
          s.deadline = 10;
          return sleepForever();
        }),
    },
    {
      what: 'a handle',
      limit: () => {
        const s = openScope({ timeout: 10 });
        s.spawn(sleepForever);
        return s.join();
      },
    },
  ])('names where the limit was set: $what', ({ limit }) =>
    virtual(async () => {
      const error = await caught(async function mine() {
        return limit();
      });

      expect(error.name).toBe('TimeoutError');
      expect(here(error).length).toBeGreaterThan(0);
      expect(error.stack).not.toContain('/src/');
    }),
  );
});

describe('stacks that are made when they are looked at', () => {
  it('can be replaced, like any', () =>
    virtual(async () => {
      const error = await caught(() => timeout(1, sleepForever));
      error.stack = 'mine';

      expect(error.stack).toBe('mine');
      expect(Object.keys(error)).not.toContain('stack');
    }));
});
