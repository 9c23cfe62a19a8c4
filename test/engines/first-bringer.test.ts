/**
 * The first call of a function brings it to its worker, also if that call itself never runs there.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { turns } from '../../src/testing/engine/journal.ts';
import * as bodies from './fixtures/generators.ts';
import { worker as workerName } from './fixtures/pool-bodies.ts';
import { POOLS, withPool } from './pools.ts';

describe.each(POOLS)('the function of a call in $name', (pool) => {
  it.each([
    ['in a message', { n: 2 }],
    ['in shared memory', 2],
  ])('is there for the next one when its first was taken back, arguments %s', (_, value) =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      const worker = await engine.submit(workerName, [], {});
      await engine.submit(bodies.blockLater, [journal.place], {});
      await journal.seen('blocked');
      const controller = new AbortController();
      const first = engine.submit(bodies.echo, [1], { signal: controller.signal });
      first.catch(() => undefined);
      await turns(3);
      controller.abort();
      const next = [engine.submit(bodies.echo, [value], {}), engine.submit(bodies.echo, [3], {})];
      await expect(first).rejects.toMatchObject({ name: 'AbortError' });
      journal.release();

      expect(await Promise.all(next)).toEqual([value, 3]);
      expect(await engine.submit(workerName, [], {})).toBe(worker);
    }),
  );

  it('is there for those beside one that cannot be sent', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const echo = bodies.echo;
      // All pools learn together that it is quick: so many of its calls travel at once.
      for (let i = 0; i < 3; i++) {
        await Promise.all(Array.from({ length: 300 }, (_, n) => pool.make().submit(echo, [n], {})));
      }
      const args = [{ bad: new WeakMap() }, 2, { n: 3 }, 4];
      const ends = await Promise.allSettled(args.map((arg) => engine.submit(echo, [arg], {})));

      expect(ends).toEqual([
        { status: 'rejected', reason: expect.objectContaining({ code: 'ERR_UNCLONABLE' }) },
        { status: 'fulfilled', value: 2 },
        { status: 'fulfilled', value: { n: 3 } },
        { status: 'fulfilled', value: 4 },
      ]);
    }));
});
