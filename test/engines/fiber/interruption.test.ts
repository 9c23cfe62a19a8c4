import * as Effect from 'effect/Effect';
import {
  type Cancelled,
  concurrently,
  isCancelled,
  openScope,
  StuckTasks,
  scope,
  sleep,
  type UnhandledErrors,
  type Waiter,
} from 'skein';
import { fiber, fibers } from 'skein/fiber';
import { virtual } from 'skein/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { caught, u } from '../../conformance/jobs.ts';

const engine = fibers();
beforeAll(async () => {
  await engine.submit(() => 0, [], {});
});

/** Runs one body in a scope and cancels it after one unit. */
async function cancelled(body: () => unknown): Promise<unknown> {
  return scope(async (s) => {
    s.spawn(() => engine.submit(body as () => void, [], { name: 'body' }));
    await sleep(u);
    s.cancel('enough');
    await sleep(1);
  }).catch((error: unknown) => error);
}

describe('a cancellation of the scope', () => {
  it('interrupts an Effect: its finalizers run', () =>
    virtual(async () => {
      const log: string[] = [];
      const error = await cancelled(() =>
        Effect.sleep(100 * u).pipe(
          Effect.catchCause(() => Effect.sync(() => log.push('caught'))),
          Effect.ensuring(
            Effect.andThen(
              Effect.sleep(u),
              Effect.sync(() => log.push('finalizer')),
            ),
          ),
        ),
      );

      expect(log).toEqual(['finalizer']);
      expect(isCancelled(error)).toBe(true);
      expect((error as Cancelled).reason).toBe('enough');
    }));

  it('runs the finally of a generator, which may yield, and no catch', () =>
    virtual(async () => {
      const log: string[] = [];
      const error = await cancelled(
        fiber(function* () {
          try {
            yield* Effect.never;
          } catch {
            log.push('caught');
          } finally {
            log.push('finally');
            yield* Effect.sleep(u);
            log.push('slept');
          }
          log.push('went on');
        }),
      );

      expect(log).toEqual(['finally', 'slept']);
      expect(isCancelled(error)).toBe(true);
    }));

  it('runs the finally of a generator that waits in a wait of the library', () =>
    virtual(async () => {
      const log: string[] = [];
      await cancelled(
        fiber(function* () {
          try {
            yield sleep(100 * u);
          } catch {
            log.push('caught');
          } finally {
            log.push('finally');
          }
        }),
      );

      expect(log).toEqual(['finally']);
    }));

  it('from inside the generator takes hold at its next yield', () =>
    virtual(async () => {
      const log: string[] = [];
      const s = openScope();
      const task = s.spawn(() =>
        engine.submit(
          fiber(function* () {
            try {
              yield* Effect.yieldNow;
              s.cancel('from inside');
              log.push('still here');
              yield* Effect.yieldNow;
              log.push('not here');
            } finally {
              log.push('finally');
            }
          }),
          [],
          {},
        ),
      );
      await task.settled();
      await s.join();

      expect(log).toEqual(['still here', 'finally']);
      expect(task.status).toBe('cancelled');
    }));

  it('reaches an async function by its own waits', () =>
    virtual(async () => {
      const log: string[] = [];
      await cancelled(async () => {
        try {
          await sleep(100 * u);
        } catch (error) {
          log.push(`caught ${isCancelled(error)}`);
          throw error;
        }
      });

      expect(log).toEqual(['caught true']);
    }));

  it('does not start a body', () =>
    virtual(async () => {
      const log: string[] = [];
      const error = await scope(async (s) => {
        s.cancel('before');
        await engine.submit(() => log.push('started'), [], {});
      }).catch((e: unknown) => e);

      expect(isCancelled(error)).toBe(true);
      expect(log).toEqual([]);
    }));

  it('an error of a finalizer is the failure', () =>
    virtual(async () => {
      const s = openScope({ onError: 'continue' });
      const task = s.spawn(() =>
        engine.submit(
          () => Effect.ensuring(Effect.never, Effect.die(new Error('cannot clean up'))) as never,
          [],
          {},
        ),
      );
      await sleep(u);
      task.cancel();
      await task.settled();

      expect(task.status).toBe('failed');
      expect(String(task.exception())).toMatch(/cannot clean up/);
      await caught(() => s.join());
    }));

  it('of one that cannot be interrupted is reported after the grace', () =>
    virtual(async () => {
      const s = openScope({ grace: '1h' });
      const task = s.spawn(() =>
        engine.submit(() => Effect.uninterruptible(Effect.sleep(100 * u)) as never, [], {
          name: 'deaf',
          grace: u,
        }),
      );
      await sleep(u);
      task.cancel();
      await task.settled();

      expect(task.exception()).toBeInstanceOf(StuckTasks);
      expect(String(task.exception())).toContain('deaf[0]');
      await caught(() => s.join());
    }));

  it('by the signal of the call alone interrupts too', () =>
    virtual(async () => {
      const controller = new AbortController();
      const running = caught(() =>
        engine.submit(() => Effect.never as never, [], { signal: controller.signal }),
      );
      await sleep(u);
      controller.abort('the signal');

      expect(await running).toBe('the signal');
    }));
});

describe('a fiber that was interrupted by somebody else', () => {
  it('rejects with a Cancelled, and cancels nobody', () =>
    virtual(async () => {
      const error = await caught(() => engine.submit(() => Effect.interrupt as never, [], {}));

      expect(isCancelled(error)).toBe(true);
      expect(String(error)).toMatch(/fiber\[0\]: no reason given|interrupted/);
    }));

  it('is an error of its copy', () =>
    virtual(async () => {
      const waiter = concurrently(2, { engine }, ({ index }) =>
        index === 0 ? Effect.interrupt : Effect.sleep(u),
      );

      const error = (await caught(() => waiter())) as UnhandledErrors;

      expect(error.errors).toHaveLength(1);
      expect(isCancelled(error.errors[0])).toBe(true);
    }));

  it('runs the finally of its generator', () =>
    virtual(async () => {
      const log: string[] = [];
      await caught(() =>
        engine.submit(
          fiber(function* () {
            try {
              yield* Effect.interrupt;
            } catch {
              log.push('caught');
            } finally {
              log.push('finally');
            }
          }),
          [],
          {},
        ),
      );

      expect(log).toEqual(['finally']);
    }));
});

describe('from inside a generator that is a copy', () => {
  it('waiting for the copies is refused, and can be caught', () =>
    virtual(async () => {
      const log: string[] = [];
      const waiter: Waiter = concurrently(1, { engine }, function* () {
        yield* Effect.yieldNow;
        try {
          yield waiter();
        } catch (error) {
          log.push(String(error));
        }
      });

      await waiter();

      expect(log).toEqual([expect.stringContaining('wait for itself')]);
    }));

  it('stop interrupts it', () =>
    virtual(async () => {
      const log: string[] = [];
      const waiter: Waiter = concurrently(2, { engine }, function* ({ index }) {
        try {
          yield* Effect.sleep(index === 0 ? u : 100 * u);
          yield waiter.stop();
          log.push('went on');
        } catch {
          log.push('caught');
        } finally {
          log.push(`finally ${index}`);
        }
      });

      await waiter();

      expect(log.toSorted()).toEqual(['finally 0', 'finally 1']);
      expect(waiter.exceptions).toEqual([]);
    }));
});
