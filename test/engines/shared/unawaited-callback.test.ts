/**
 * A callback whose result a body does not wait for: its failure is not lost, and what merely ends with the call is none.
 *
 * @module
 */
import type { WorkerEngine } from 'skein';
import { describe, expect, it } from 'vitest';
import { POOLS, thrown, withPool } from '../pools.ts';

type Save = (n: number) => Promise<void>;

const startsAndWaits = async (save: Save): Promise<void> => {
  const { sleepForever } = await import('skein');
  void save(1);
  await sleepForever();
};
const startsAndEnds = async (save: Save): Promise<number> => {
  void save(1);
  return process.pid;
};
const handles = async (save: Save): Promise<string> => {
  const failed = save(1).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
  return await failed;
};
const who = (): number => process.pid;
const fails: Save = async () => {
  throw new RangeError('disk full');
};

describe.each(POOLS)('a callback that a body on $name does not wait for', (pool) => {
  it('ends the worker when it fails, as any rejection that nobody handles', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(startsAndWaits, [fails], {}));

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'running' });
      expect(error.cause).toMatchObject({ name: 'RangeError', message: 'disk full' });
    }));

  it('is nothing to the worker when it ends with the call', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const late: unknown[] = [];
      (engine as WorkerEngine).on('lateError', (error) => late.push(error));

      const pid = await engine.submit(startsAndEnds, [() => new Promise(() => undefined)], {});

      expect(await engine.submit(who, [], {})).toBe(pid);
      expect(late).toEqual([]);
    }));

  it('can be handled by the body', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      expect(await engine.submit(handles, [fails], {})).toBe('disk full');
    }));
});
