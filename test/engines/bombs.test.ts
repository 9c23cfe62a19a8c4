/**
 * Modules that start work when a worker imports them: the next worker would import them again, and so on without end.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { task } from 'skein';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasInspector } from '../shipping/has-inspector.ts';
import * as tasks from './fixtures/bombs/tasks.ts';
import { POOLS, thrown, withPool } from './pools.ts';

const bombs: URL = new URL('./fixtures/bombs/', import.meta.url);

/** While they are evaluated; and afterwards, by what they have begun then. */
const early = [
  'first.ts',
  'later.ts',
  'main.ts',
  'sync.ts',
  'many.ts',
  'around.ts',
  'nested.ts',
  'others.ts',
];
const late = ['forgotten-main.ts', 'timer.ts'];
/** In a turn of the library. */
const apart = ['copies.ts'];

/** A body that was sent as text. */
async function sent(url: string): Promise<string> {
  const module = await import(url);
  const { outcome } = 'outcome' in module ? module : module.default;
  return typeof outcome === 'function' ? outcome() : outcome;
}

describe.each(POOLS)('in a worker of $name', (pool) => {
  it.each([...early, ...late, ...apart, 'common.cjs'])(
    'a module that a body imports starts no work: %s',
    (file) =>
      withPool(pool, { size: 1 }, async (engine) => {
        const { href } = new URL(file, bombs);

        expect(await engine.submit(sent, [href], {})).toBe('ERR_IMPORTING_WORKER');
      }),
  );

  // The stack tells, and what it tells of a module is known on Node only: as the inspector.
  it.runIf(hasInspector).each(early)(
    'nor one that a module imports for its task, while it is evaluated: %s',
    (file) =>
      withPool(pool, { size: 1 }, async (engine) => {
        const { href } = new URL(file, bombs);

        expect(await engine.submit(tasks.imports, [href], {})).toBe('ERR_IMPORTING_WORKER');
      }),
  );

  it.runIf(hasInspector)('nor one that is required', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const path = fileURLToPath(new URL('common.cjs', bombs));

      expect(await engine.submit(tasks.requires, [path], {})).toBe('ERR_IMPORTING_WORKER');
    }),
  );

  it.each(late)('nor does that of a task, when it has been imported: %s', (file) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const outcome = task(new URL(file, bombs), () => 'here', 'outcome');

      // It does not declare it, and is imported all the same.
      expect(await thrown(engine.submit(outcome, [], {}))).toMatchObject({
        code: 'ERR_TASK_NOT_FOUND',
      });
      expect(await engine.submit(sent, [new URL(file, bombs).href], {})).toBe(
        'ERR_IMPORTING_WORKER',
      );
    }),
  );

  it('the error names the module that starts the work, and the way out', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const { href } = new URL('./fixtures/starts-work.ts', import.meta.url);
      const error = await thrown(engine.submit(sent, [href], {}));

      expect(error).toMatchObject({ code: 'ERR_IMPORTING_WORKER', url: href });
      expect(error.message).toBe(
        `Cannot start runSync while a worker imports ${href}: a module that holds tasks is imported again in every worker. ` +
          'Move the tasks to a module of their own, or guard what starts the program with `if (import.meta.main)`, from Node 24.2 on',
      );
    }));

  it('a body may use a pool, and so may what it has imported', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const quiet = new URL('quiet.ts', bombs).href;
      const first = await engine.submit(
        async (url: string) => {
          const { inThread } = await import('skein');
          const { pooled } = await import(url);
          return inThread((n: number) => n + 1, await pooled(1));
        },
        [quiet],
        {},
      );

      expect([first, await engine.submit(tasks.nests, [1], {})]).toEqual([3, 5]);
    }));

  it('a body may use a pool while it imports', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const both = engine.submit(
        async (url: string) => {
          const { inThread } = await import('skein');
          const [{ pooled }, two] = await Promise.all([import(url), inThread(() => 2)]);
          return (await pooled(1)) + two;
        },
        [new URL('quiet.ts', bombs).href],
        {},
      );

      expect(await both).toBe(4);
    }));

  it('a body of which no place is known is no module', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await engine.submit(() => 'started', [], {});
      process.env.NODE_V8_COVERAGE = '/nowhere';
      onTestFinished(() => void delete process.env.NODE_V8_COVERAGE);

      const nested = engine.submit(
        async () => {
          const { inThread } = await import('skein');
          return inThread(() => 3);
        },
        [],
        {},
      );

      expect(await nested).toBe(3);
    }));

  it('a body that runs while the file of its worker is being evaluated is none of that', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const first = engine.submit(
        (url: string) => {
          const { createRequire } = process.getBuiltinModule('node:module');
          const { runSync } = createRequire(url)('skein') as typeof import('skein');
          return runSync(() => 4);
        },
        [import.meta.url],
        {},
      );

      expect(await first).toBe(4);
    }));
});
