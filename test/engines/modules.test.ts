/**
 * Modules of tasks that do not load: an error of every task that needs them, and no endless respawn.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { task } from 'skein';
import { afterEach, describe, expect, it } from 'vitest';
import * as bodies from './fixtures/deaths.ts';
import { quick } from './fixtures/slow-to-load.ts';
import { POOLS, thrown, withPool } from './pools.ts';

function declaredIn(file: string, name: string): () => number {
  return task(new URL(`./fixtures/${file}`, import.meta.url), () => 1, name);
}

afterEach(() => {
  delete process.env.SKEIN_LOADS;
});

describe.each(POOLS)('a module in $name', (pool) => {
  it.each([
    { file: 'throws-on-import.ts', says: /this module does not load/ },
    { file: 'exits-on-import.ts', says: /exits-on-import|exit/ },
  ])('$file: all tasks in line fail with its error, and it is tried a few times only', (broken) =>
    withPool(pool, { size: 2 }, async (engine, journal) => {
      const loads = `${journal.place}/loads`;
      process.env.SKEIN_LOADS = loads;
      const body = declaredIn(broken.file, 'missing');

      const errors = await Promise.all(
        Array.from({ length: 20 }, () => thrown(engine.submit(body, [], {}))),
      );

      for (const error of errors) {
        const whole = `${error.message} ${String((error.cause as Error | undefined)?.message)}`;
        expect(whole).toMatch(broken.says);
      }
      expect(readFileSync(loads, 'utf8').split('\n').length - 1).toBeLessThanOrEqual(12);
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    }),
  );

  it('that does not exist: an error that names it', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(declaredIn('no-such-module.ts', 'f'), [], {}));

      expect(error.message).toMatch(/no-such-module\.ts/);
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    }));

  it('that does not declare the name: an error that names both and says what to do', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(declaredIn('declares-nothing.ts', 'lost'), [], {}));

      expect(error.message).toMatch(/lost/);
      expect(error.message).toMatch(/declares-nothing\.ts/);
      expect(await engine.submit(bodies.add, [1, 2], {})).toBe(3);
    }));

  it('that takes long to load: no time of the body', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(quick, [], { timeout: 400 })).toBe('quick');
    }));

  it('a broken one fails its own tasks, not those of others in the same batch', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      const broken = declaredIn('throws-on-import.ts', 'missing');
      const calls = Array.from({ length: 30 }, (_, i) =>
        i % 3 === 0
          ? engine.submit(broken, [], {})
          : engine.submit(bodies.mark, [place, `task ${i}`], {}),
      );

      const outcomes = await Promise.allSettled(calls);

      expect(outcomes.map(({ status }) => status)).toEqual(
        outcomes.map((_, i) => (i % 3 === 0 ? 'rejected' : 'fulfilled')),
      );
    }));
});
