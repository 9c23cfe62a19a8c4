import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';
import { currentScope, type Engine, map, scope, sleep } from 'skein';
import { EngineClosed, fiber, fibers } from 'skein/fiber';
import { virtual } from 'skein/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { caught, u } from '../../conformance/jobs.ts';

const engine = fibers();
beforeAll(async () => {
  await engine.submit(() => 0, [], {});
});

const submit = (body: () => unknown, on: Engine = engine): Promise<unknown> =>
  on.submit(body as () => void, [], { name: 'body' });

describe('the scope of a body', () => {
  const startsAndGives = (log: string[]) => ({
    'an ordinary function': () => {
      currentScope().spawn(async () => {
        await sleep(u);
        log.push('child');
      });
      currentScope().defer(() => void log.push('clean-up'));
      return 'value';
    },
    'an async function, after an await': async () => {
      await Promise.resolve();
      currentScope().spawn(async () => {
        await sleep(u);
        log.push('child');
      });
      currentScope().defer(() => void log.push('clean-up'));
      return 'value';
    },
    'an Effect': () =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => {
          currentScope().spawn(async () => {
            await sleep(u);
            log.push('child');
          });
          currentScope().defer(() => void log.push('clean-up'));
          return 'value';
        }),
      ),
    'a generator': function* () {
      yield* Effect.yieldNow;
      currentScope().spawn(async () => {
        await sleep(u);
        log.push('child');
      });
      currentScope().defer(() => void log.push('clean-up'));
      return 'value';
    },
  });

  it.each(Object.keys(startsAndGives([])) as (keyof ReturnType<typeof startsAndGives>)[])(
    'ends with what it has started: %s',
    (kind) =>
      virtual(async () => {
        const log: string[] = [];

        expect(await submit(startsAndGives(log)[kind])).toBe('value');

        expect(log).toEqual(['child', 'clean-up']);
      }),
  );

  it('the failure of what it has started interrupts its fiber, and is the failure', () =>
    virtual(async () => {
      const log: string[] = [];
      const error = await caught(() =>
        submit(() =>
          Effect.andThen(
            Effect.sync(() => {
              currentScope().spawn(async () => {
                await sleep(u);
                throw new Error('child');
              });
            }),
            Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push('interrupted'))),
          ),
        ),
      );

      expect(String(error)).toBe('Error: child');
      expect(log).toEqual(['interrupted']);
    }));

  it('a cancellation from outside interrupts the fiber and reaches what it has started', () =>
    virtual(async () => {
      const log: string[] = [];
      await scope(async (s) => {
        s.spawn(() =>
          submit(() =>
            Effect.andThen(
              Effect.sync(() => {
                currentScope().spawn(() => sleep(100 * u).finally(() => log.push('child')));
              }),
              Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push('fiber'))),
            ),
          ),
        );
        await sleep(u);
        s.cancel('enough');
      });

      expect(log.toSorted()).toEqual(['child', 'fiber']);
    }));

  it('is one for each item of a flow whose function is an ordinary one', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      await map(
        [1, 2],
        async (n) => {
          currentScope().spawn(async () => {
            await sleep(n * u);
            log.push(`child of ${n}`);
          });
          currentScope().defer(() => void log.push(`clean-up of ${n}`));
        },
        { engine, concurrency: 1 },
      );

      expect(log).toEqual(['child of 1', 'clean-up of 1', 'child of 2', 'clean-up of 2']);
      expect(clock.now()).toBe(3 * u);
    }));

  it('is that of the flow for Effects of a flow, from the first item on', () =>
    virtual(() =>
      scope(async (s) => {
        const scopes: boolean[] = [];
        const body = (): Effect.Effect<void> =>
          Effect.andThen(
            Effect.yieldNow,
            Effect.sync(() => void scopes.push(currentScope() === s)),
          );

        await map([1, 2, 3], body, { engine });

        expect(scopes).toEqual([true, true, true]);
      }),
    ));

  it('a function of a flow may give Effects now and values then', async () => {
    const sometimes = fiber((n: number) => (n % 2 === 0 ? Effect.succeed(n) : Promise.resolve(n)));

    expect(await map([0, 1, 2, 3, 4, 5], sometimes, { engine, concurrency: 1 })).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });
});

describe('disposal', () => {
  it('waits for bodies of flows too, then releases the services', () =>
    virtual(async () => {
      const log: string[] = [];
      const release = Effect.acquireRelease(Effect.void, () =>
        Effect.sync(() => log.push('released')),
      );
      const own = fibers({ layer: Layer.effectDiscard(release) });
      const mapped = map([1, 2], (n) => Effect.as(Effect.sleep(n * u), log.push('begun')), {
        engine: own,
      });
      await sleep(u / 2);

      await own[Symbol.asyncDispose]();

      expect(log).toEqual(['begun', 'begun', 'released']);
      expect(await mapped).toHaveLength(2);
    }));

  it('does not refuse what was submitted before, while the library was loaded', async () => {
    const own = fibers({});
    const running = own.submit(() => 'value', [], {});

    await own[Symbol.asyncDispose]();

    expect(await running).toBe('value');
    expect(await caught(() => own.submit(() => 'value', [], {}))).toBeInstanceOf(EngineClosed);
  });

  it.each([
    ['an ordinary function', (own: Engine) => async () => own[Symbol.asyncDispose]()],
    [
      'a generator',
      (own: Engine) =>
        function* () {
          yield own[Symbol.asyncDispose]();
        },
    ],
  ])('from inside a body is refused: it would wait for itself (%s)', async (_, body) => {
    const own = fibers({});

    const error = await caught(() => submit(body(own), own));

    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/wait for itself/);
    await own[Symbol.asyncDispose]();
  });
});
