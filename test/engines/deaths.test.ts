/**
 * Deaths of workers: exactly the tasks that were running fail, with an error that says so; what was in line goes on; nothing that
 * had started runs twice; the pool works afterwards.
 *
 * @module
 */
import { type Engine, type LateError, map, once, type PoolOptions, type WorkerEngine } from 'skein';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/deaths.ts';
import { POOLS, type Pool, thrown, withPool } from './pools.ts';

interface Death {
  readonly how: string;
  readonly only?: Pool['name'];
  readonly options?: PoolOptions;
  submit(engine: Engine, journal: Journal): Promise<unknown>;
  /** What the error tells. */
  readonly tells: Readonly<Partial<Record<Pool['name'], Record<string, unknown>>>>;
  /** Message of the cause. */
  readonly cause?: RegExp;
}

function both(fields: Record<string, unknown>): Death['tells'] {
  return { threads: fields, processes: fields };
}

const bySignal = (signal: NodeJS.Signals): Death => ({
  how: `${signal} of the child`,
  only: 'processes',
  submit: (engine, { place }) => engine.submit(bodies.killItself, [place, signal], {}),
  tells: { processes: { killedBy: signal, exitCode: undefined, task: 'killItself' } },
});

const DEATHS: readonly Death[] = [
  ...[0, 1, 7].map(
    (code): Death => ({
      how: `process.exit(${code})`,
      submit: (engine, { place }) => engine.submit(bodies.exitWith, [place, code], {}),
      tells: both({ exitCode: code, killedBy: undefined, task: 'exitWith' }),
    }),
  ),
  ...[0, 1].map(
    (code): Death => ({
      how: `process.exit(${code}) after an await`,
      submit: (engine, { place }) => engine.submit(bodies.exitLater, [place, code], {}),
      tells: both({ exitCode: code, killedBy: undefined, task: 'exitLater' }),
    }),
  ),
  bySignal('SIGKILL'),
  bySignal('SIGSEGV'),
  {
    how: 'an error that is thrown outside the body',
    submit: (engine, { place }) => engine.submit(bodies.throwOutside, [place], {}),
    tells: both({ exitCode: 1, task: 'throwOutside' }),
    cause: /thrown in a timer/,
  },
  {
    how: 'a rejection that nobody handles',
    submit: (engine, { place }) => engine.submit(bodies.rejectOutside, [place], {}),
    tells: both({ exitCode: 1, task: 'rejectOutside' }),
    cause: /rejected and forgotten/,
  },
  {
    how: 'memory',
    options: { memory: 32 },
    submit: (engine, { place }) => engine.submit(bodies.exhaustMemory, [place], {}),
    tells: both({ task: 'exhaustMemory' }),
  },
  {
    how: 'a task with a name of its own',
    submit: (engine, { place }) =>
      engine.submit(bodies.exitWith, [place, 3], { name: 'resize', index: 12 }),
    tells: both({ exitCode: 3, task: expect.stringMatching(/resize/) }),
  },
];

describe.each(POOLS)('a worker of $name that dies', (pool) => {
  for (const { how, only, options, submit, tells, cause } of DEATHS) {
    if (only !== undefined && only !== pool.name) continue;

    it(`by ${how}: its task fails, no other does, nothing runs twice`, () =>
      withPool(pool, { size: 2, ...options }, async (engine, journal) => {
        const bystander = engine.submit(bodies.hold, [journal.place, 'bystander'], {});
        await journal.seen('start');
        const culprit = thrown(submit(engine, journal));
        const queued = Array.from({ length: 30 }, (_, i) =>
          engine.submit(bodies.mark, [journal.place, `queued ${i}`], {}),
        );

        const error = await culprit;

        expect(error).toMatchObject({ name: 'WorkerDied', code: 'ERR_WORKER_DIED' });
        expect(error).toMatchObject({ ...tells[pool.name], state: 'running' });
        if (cause !== undefined) expect((error.cause as Error).message).toMatch(cause);
        expect(await Promise.all(queued)).toEqual(queued.map((_, i) => `queued ${i}`));
        journal.release();
        expect(await bystander).toBe('bystander');
        const started = journal.names('start');
        expect(started.toSorted()).toEqual([...new Set(started)].toSorted());
        expect(started).toHaveLength(32);
        expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
      }));
  }

  it('says in words what happened, to which task, and that it was not run again', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      const error = await thrown(engine.submit(bodies.exitWith, [place, 5], { name: 'resize' }));

      expect(error.message).toMatch(/5/);
      expect(error.message).toMatch(/resize/);
      expect(error.stack).toMatch(/deaths\.test/);
    }));

  it('is one of many: of 300 tasks exactly the ten that exit fail', () =>
    withPool(pool, { size: 2 }, async (engine, journal) => {
      const calls = Array.from({ length: 300 }, (_, i) =>
        i % 30 === 13
          ? engine.submit(bodies.exitWith, [journal.place, 1], {})
          : engine.submit(bodies.mark, [journal.place, `task ${i}`], {}),
      );

      const outcomes = await Promise.allSettled(calls);

      const failed = outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
      expect(failed).toEqual(Array.from({ length: 10 }, (_, k) => 13 + 30 * k));
      const marks = journal.names('start').filter((name) => name !== 'culprit');
      expect(marks.toSorted()).toEqual([...new Set(marks)].toSorted());
      expect(marks).toHaveLength(290);
    }));

  it('in the middle of a retry: the attempt counts, the next one runs in another worker', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const retry = { retries: 1, backoff: 0, jitter: 'none' } as const;

      const error = await thrown(
        map([journal.place], bodies.exitAsMapper, { engine, retry }).then(() => 'no'),
      );

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED' });
      expect(journal.names('start')).toEqual(['culprit', 'culprit']);
    }));

  it('when its task has ended already: nobody fails', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      expect(await engine.submit(bodies.throwAfterEnd, [journal.place, 1], {})).toBe('ended');
      await journal.seen('bang');

      const values = await Promise.all([1, 2, 3].map((n) => engine.submit(bodies.add, [n, n], {})));

      expect(values).toEqual([2, 4, 6]);
    }));

  it('of what an earlier task left behind: the task that runs goes on, and it is replaced then', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const late = once<LateError>(engine as WorkerEngine, 'lateError');
      await engine.submit(bodies.throwWhenStarted, [journal.place, 'victim'], {});
      const victim = engine.submit(bodies.hold, [journal.place, 'victim'], {});

      expect((await late).cause).toMatchObject({ message: 'thrown after the end' });
      journal.release();

      expect(await victim).toBe('victim');
      expect(journal.names('start')).toEqual(['bomber', 'victim']);
    }));
});
