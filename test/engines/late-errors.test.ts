/**
 * What fails in a worker when the call that began it has ended: the process is warned and the engine tells, on account of the function
 * that began it, at nobody else's cost.
 *
 * @module
 */
import { LateError, once, processPool, threadPool, type WorkerEngine } from 'skein';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import * as bodies from './fixtures/late.ts';
import { POOLS, type Pool, thrown, withPool } from './pools.ts';

interface Warned extends Error {
  readonly code?: string;
  readonly detail?: string;
}

const warnings: Warned[] = [];
const hear = (warning: Warned): void => {
  if (warning.code === 'SKEIN_LATE_ERROR') warnings.push(warning);
};
process.on('warning', hear);
afterAll(() => process.off('warning', hear));
beforeEach(() => {
  warnings.length = 0;
});

/** The next late error of an engine. */
function nextOf(engine: object): Promise<LateError> {
  return once<LateError>(engine as WorkerEngine, 'lateError');
}

/** All that an engine tells. */
function allOf(engine: object): LateError[] {
  const all: LateError[] = [];
  (engine as WorkerEngine).on('lateError', (error) => all.push(error));
  return all;
}

describe.each(POOLS)('a worker of $name', (pool) => {
  const warnedOf = (name: string, message: string): object => ({
    name: 'SkeinWarning',
    message: `Error in a worker of ${pool.name} after a call of "${name}" had ended: ${message}`,
  });

  it.each(bodies.ways.filter((way) => way !== 'socket'))(
    'tells of a %s that fails after its call, and is replaced',
    (way) =>
      withPool(pool, { size: 1 }, async (engine) => {
        const before = pool.name === 'processes' ? await engine.submit(bodies.who, [], {}) : 0;
        const late = nextOf(engine);

        expect(await engine.submit(bodies.careless, [way], {})).toBe('ended');
        const error = await late;

        expect(error).toBeInstanceOf(LateError);
        expect(error).toMatchObject({
          name: 'LateError',
          code: 'LATE_ERROR',
          functionName: 'careless',
          isGuess: false,
          exitCode: undefined,
        });
        expect(error.cause).toBeInstanceOf(RangeError);
        expect(error.cause).toMatchObject({ message: 'late' });
        expect(await engine.submit(bodies.who, [], {})).not.toBe(before);
        expect(warnings).toMatchObject([warnedOf('careless', 'late')]);
        expect(warnings[0]?.detail).toContain('RangeError: late\n');
      }),
  );

  it('tells of a socket that fails after its call', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const late = nextOf(engine);

      await engine.submit(bodies.careless, ['socket'], {});

      expect(await late).toMatchObject({
        functionName: 'careless',
        cause: { code: 'ECONNREFUSED', syscall: 'connect' },
      });
    }));

  it('lets the call of another function finish that is at work there, and takes no more', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const late = nextOf(engine);
      await engine.submit(bodies.carelessAbout, [journal.place, 'innocent', 'throw'], {});
      const before = await engine.submit(bodies.who, [], {});
      const innocent = engine.submit(bodies.hold, [journal.place, 'innocent'], {});
      const next = engine.submit(bodies.notesExit, [journal.place, 'next'], {});

      expect(await late).toMatchObject({ functionName: 'carelessAbout', isGuess: false });
      journal.release();

      expect(await innocent).toBe('innocent');
      const elsewhere = await next;
      if (pool.name === 'processes') expect(elsewhere).not.toBe(before);
      await engine[Symbol.asyncDispose]();
      expect(warnings).toMatchObject([warnedOf('carelessAbout', 'late')]);
    }));

  it('tells the calls of one function apart, once it is known to go on for more than a turn', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const call = (name: string, about: string) =>
        engine.submit(bodies.carelessAtLength, [journal.place, name, about], {});
      const late = nextOf(engine);
      await call('first', '');
      await call('culprit', 'innocent');
      const innocent = call('innocent', '');

      expect(await late).toMatchObject({ functionName: 'carelessAtLength' });
      journal.release();

      expect(await innocent).toBeUndefined();
    }));

  it('tells of an exit that nobody asked for, by the function that began it', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      for (const code of [0, 3]) {
        const late = nextOf(engine);
        await engine.submit(bodies.exitsLater, [code, 1], {});

        expect(await late).toMatchObject({
          functionName: 'exitsLater',
          isGuess: false,
          cause: { message: `The worker exited with code ${code}` },
        });
      }
      expect(await engine.submit(bodies.setsExitCode, [], {})).toBeGreaterThan(0);
      await engine[Symbol.asyncDispose]();
      expect(warnings).toHaveLength(2);
    }));

  it('fails the call that is at work at such an exit, and names the function that exits', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const late = nextOf(engine);
      await engine.submit(bodies.carelessAbout, [journal.place, 'victim', 'exit'], {});

      const error = await thrown(engine.submit(bodies.hold, [journal.place, 'victim'], {}));

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', task: 'hold', exitCode: 3 });
      expect((await late).functionName).toBe('carelessAbout');
    }));

  it('leaves it to a listener that a body has added', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const all = allOf(engine);
      const before = await engine.submit(bodies.who, [], {});

      await engine.submit(bodies.seesToIt, [journal.place], {});
      await journal.seen('seen');

      expect(await engine.submit(bodies.who, [], {})).toBe(before);
      await engine[Symbol.asyncDispose]();
      expect(all).toEqual([]);
      expect(warnings).toEqual([]);
    }));

  it('tells of it also when nobody there hears it any more', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const late = nextOf(engine);

      await engine.submit(bodies.isForgotten, [], {});

      expect(await late).toMatchObject({
        functionName: 'isForgotten',
        cause: { message: 'The worker exited with code 1' },
      });
    }));

  it.each([bodies.failsAtExit, bodies.failsBeforeExit])(
    'tells of what fails at its end: by what ran last, as it says, because nobody can tell who began it',
    (body) =>
      withPool(pool, { size: 1 }, async (engine) => {
        const late = nextOf(engine);
        await engine.submit(body, [], {});

        await engine[Symbol.asyncDispose]();

        const says = `Error in a worker of ${pool.name} that had nothing to do; "${body.name}" ran there last: late`;
        expect(await late).toMatchObject({
          message: says,
          functionName: body.name,
          isGuess: true,
          cause: { message: 'late' },
        });
      }),
  );

  it('tells of a flood only so much', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const all = allOf(engine);
      await engine.submit(bodies.floods, [journal.place, 'innocent'], {});
      const held = engine.submit(bodies.hold, [journal.place, 'innocent'], {});
      await journal.seen('flooded');
      journal.release();
      await held;
      await engine[Symbol.asyncDispose]();

      expect(all).toHaveLength(16);
      expect(warnings).toHaveLength(3);
      expect(warnings[2]?.message).toMatch(/\(no more warnings of this function follow\)$/);
    }));
});

describe.each(POOLS)('an engine of $name', (pool) => {
  it('tells each listener, in order, also behind one that throws, and none that was removed', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const workers = engine as WorkerEngine;
      const told: string[] = [];
      const broken = new Error('a listener of the user throws');
      const removed = (): number => told.push('removed');
      const uncaught = once(process, 'uncaughtException');
      const others = process.listeners('uncaughtException');
      expect(
        workers
          .on('lateError', removed)
          .on('lateError', () => {
            told.push('first');
            throw broken;
          })
          .on('lateError', () => told.push('second'))
          .off('lateError', removed)
          .off('lateError', removed),
      ).toBe(workers);
      for (const other of others.slice(0, -1)) process.off('uncaughtException', other);

      await engine.submit(bodies.careless, ['timer'], {});

      expect(await uncaught).toBe(broken);
      for (const other of others.slice(0, -1)) process.on('uncaughtException', other);
      expect(told).toEqual(['first', 'second']);
    }));

  it('refuses an event that it does not have, and a listener that is none', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const { on, off } = engine as unknown as Record<'on' | 'off', (...args: unknown[]) => void>;
      for (const method of [on, off]) {
        expect(() => method.call(engine, 'lateErrors', () => undefined)).toThrow(
          new TypeError("Expected event to be 'lateError': got 'lateErrors'"),
        );
        expect(() => method.call(engine, 'lateError', undefined)).toThrow(TypeError);
      }
    }));
});

const SHARED: readonly (readonly [Pool, typeof threadPool])[] = POOLS.map((pool) => [
  pool,
  pool.name === 'threads' ? threadPool : processPool,
]);

it.each(SHARED)(
  'the shared engine of $name tells of whatever pool there is',
  async (pool, executor) => {
    const shared = pool.make() as WorkerEngine;
    const all = allOf(shared);
    try {
      for (const round of [1, 2]) {
        const late = nextOf(shared);
        await shared.submit(bodies.careless, ['timer'], {});
        await late;
        expect(all).toHaveLength(round);
        await executor.shutdown();
      }
    } finally {
      await executor.shutdown();
    }
  },
);
