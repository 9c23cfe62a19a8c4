import * as Cause from 'effect/Cause';
import * as Context from 'effect/Context';
import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';
import * as ManagedRuntime from 'effect/ManagedRuntime';
import { currentTask, map, scope, sleep, TimedOut } from 'skein';
import { causeOf, EngineClosed, fiber, fibers } from 'skein/fiber';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';
import { caught, range, u } from '../../conformance/jobs.ts';

const engine = fibers();

describe('a body of a fiber', () => {
  it('may return an Effect', async () => {
    const half = fiber((n: number) => Effect.sync(() => n / 2));
    const halves: number[] = await map(range(3), half, { engine });

    expect(halves).toEqual([0, 0.5, 1]);
  });

  it('may be a generator function that yields Effects and promises', async () => {
    const body = fiber(function* (n: number) {
      const one = yield* Effect.succeed(1);
      const two = (yield Promise.resolve(2)) as number;
      yield* Effect.yieldNow;
      return n + one + two;
    });

    expect(await map(range(3), body, { engine })).toEqual([3, 4, 5]);
  });

  it('may be an ordinary function, asynchronous or not', async () => {
    expect(await map(range(3), (n) => n * n, { engine })).toEqual([0, 1, 4]);
    expect(await map(range(3), async (n) => n * n, { engine })).toEqual([0, 1, 4]);
  });

  it('gets the context of every body', async () => {
    const body = fiber(
      (
        item: string,
        { index, attempt, signal }: { index: number; attempt: number; signal: AbortSignal },
      ) => Effect.succeed([item, index, attempt, signal.aborted]),
    );

    expect(await map(['a', 'b'], body, { engine })).toEqual([
      ['a', 0, 1, false],
      ['b', 1, 1, false],
    ]);
  });

  it('is in the scope of whoever called, also behind a yield', () =>
    scope(async (s) => {
      const task = s.spawn(
        () =>
          engine.submit(
            fiber(function* () {
              yield* Effect.yieldNow;
              yield Promise.resolve();
              return currentTask()?.name;
            }),
            [],
            {},
          ),
        'outer',
      );

      expect(await task).toBe('outer');
    }));

  it('refuses what is neither an Effect nor a promise where it is yielded', async () => {
    const error = await caught(() =>
      engine.submit(
        fiber(function* () {
          yield 3;
        }),
        [],
        {},
      ),
    );

    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/Effect or a promise: got 3/);
  });
});

describe('a failure', () => {
  class Odd extends Error {}

  it('is thrown unchanged, and its Cause can be had', async () => {
    const odd = new Odd('1');
    const error = await caught(() => map([1], () => Effect.fail(odd), { engine }));

    expect(error).toBe(odd);
    expect(Cause.hasFails(causeOf(error) ?? Cause.empty)).toBe(true);
  });

  it('that is no error is thrown as it is', async () => {
    expect(await caught(() => map([1], () => Effect.fail('text'), { engine }))).toBe('text');
  });

  it('that is a defect is known by its Cause', async () => {
    const defect = new Odd('defect');
    const late = Effect.andThen(Effect.yieldNow, Effect.die(defect));
    const error = await caught(() => map([1], () => late, { engine }));

    expect(error).toBe(defect);
    expect(Cause.hasDies(causeOf(error) ?? Cause.empty)).toBe(true);
    expect(causeOf(new Odd('never thrown'))).toBeUndefined();
  });

  it('of what a generator yields is thrown into it', async () => {
    const odd = new Odd('1');
    const body = fiber(function* (n: number) {
      try {
        yield* Effect.fail(odd);
      } catch (error) {
        if (n === 1) throw error;
        return error;
      }
      return undefined;
    });

    expect(await map([0], body, { engine })).toEqual([odd]);
    const error = await caught(() => map([1], body, { engine }));
    expect(error).toBe(odd);
    expect(Cause.hasFails(causeOf(error) ?? Cause.empty)).toBe(true);
  });

  it('of a promise that a generator yields is thrown into it', async () => {
    const body = fiber(function* () {
      try {
        yield Promise.reject(new Odd('promise'));
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    });

    expect(await map([0], body, { engine })).toEqual(['promise']);
  });
});

describe('time', () => {
  it('passes on the clock of the library', () =>
    virtual(async (clock) => {
      await map([1, 2, 3], (n) => Effect.sleep(n * u), { engine });
      expect(clock.now()).toBe(3 * u);
    }));

  it('is limited by timeout, and the fiber is interrupted', () =>
    virtual(async (clock) => {
      const log: string[] = [];
      const body = (): Effect.Effect<void> =>
        Effect.onInterrupt(Effect.sleep(10 * u), () => Effect.sync(() => log.push('interrupted')));

      const error = await caught(() => map([1], body, { engine, timeout: u }));

      expect(error).toBeInstanceOf(TimedOut);
      expect(log).toEqual(['interrupted']);
      expect(clock.now()).toBe(u);
    }));

  it('a fiber that sleeps lets others go on', () =>
    virtual(async () => {
      const order: number[] = [];
      await map(
        [3, 1, 2],
        (n) =>
          Effect.andThen(
            Effect.sleep(n * u),
            Effect.sync(() => order.push(n)),
          ),
        { engine },
      );
      expect(order).toEqual([1, 2, 3]);
    }));
});

describe('services', () => {
  class Greeting extends Context.Service<Greeting, { readonly text: string }>()('test/Greeting') {}
  const greet = fiber((name: string) => Effect.map(Greeting, ({ text }) => `${text} ${name}`));

  it('may be given as a context', async () => {
    const own = fibers({ context: Context.make(Greeting, { text: 'hello' }) });

    expect(await map(['Ada'], greet, { engine: own })).toEqual(['hello Ada']);
    await own[Symbol.asyncDispose]();
  });

  it('may be given as a layer, which is built once and released with the engine', async () => {
    const log: string[] = [];
    const layer = Layer.effect(
      Greeting,
      Effect.acquireRelease(
        Effect.sync(() => {
          log.push('built');
          return { text: 'good day' };
        }),
        () => Effect.sync(() => log.push('released')),
      ),
    );
    const own = fibers({ layer });

    expect(await map(['Ada', 'Bob'], greet, { engine: own })).toEqual([
      'good day Ada',
      'good day Bob',
    ]);
    expect(log).toEqual(['built']);
    await own[Symbol.asyncDispose]();
    expect(log).toEqual(['built', 'released']);
    expect(await caught(() => map(['Cyd'], greet, { engine: own }))).toBeInstanceOf(EngineClosed);
  });

  it('may be those of a runtime, which stays open', async () => {
    const runtime = ManagedRuntime.make(Layer.succeed(Greeting, { text: 'hi' }));
    const own = fibers({ runtime });

    expect(await map(['Ada'], greet, { engine: own })).toEqual(['hi Ada']);
    await own[Symbol.asyncDispose]();
    expect(await runtime.runPromise(Effect.map(Greeting, ({ text }) => text))).toBe('hi');
    await runtime.dispose();
  });

  it('a layer that cannot be built fails the calls', async () => {
    const own = fibers({ layer: Layer.effect(Greeting, Effect.fail(new Error('no greeting'))) });

    expect(String(await caught(() => map(['Ada'], greet, { engine: own })))).toMatch(/no greeting/);
    await own[Symbol.asyncDispose]();
  });

  it('are one of the three', () => {
    const context = Context.empty();
    expect(() => fibers({ context, layer: Layer.empty })).toThrow(
      /one of context, layer and runtime/,
    );
    expect(() => fibers({ layer: 5 as never })).toThrow(TypeError);
    expect(() => fibers(null as never)).toThrow(TypeError);
  });

  it('the engine of the process is one, and is not closed', async () => {
    expect(fibers()).toBe(engine);
    await engine[Symbol.asyncDispose]();
    await sleep(1);
    expect(await map([1], (n) => Effect.succeed(n), { engine })).toEqual([1]);
  });
});
