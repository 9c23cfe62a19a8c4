/**
 * Bodies that break the globals of their worker, or end it while their result is read.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/broken-globals.ts';
import { expectNothingOutside, POOLS, thrown, withPool } from './pools.ts';

expectNothingOutside();

describe.each(POOLS)('a body of $name', (pool) => {
  it('that takes away the elements of arrays ends with its worker, or with its value', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const call = Promise.allSettled([engine.submit(bodies.takeElements, [], {})]);
      const next = Promise.allSettled([engine.submit((n: number) => n + 1, [1], {})]);

      for (const [end] of [await call, await next]) {
        if (end?.status === 'rejected') expect(end.reason.code).toBe('ERR_WORKER_DIED');
      }
      expect(await engine.submit((n: number) => n + 1, [1], {})).toBe(2);
    }));

  it.each(['push', 'Map', 'map'])('that dies with a broken %s says of what', (which) =>
    withPool(pool, { size: 1 }, async (engine) => {
      const error = await thrown(engine.submit(bodies.breakAndDie, [which], {}));

      expect(error).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'running' });
      expect((error.cause as Error).message).toBe('the end');
    }),
  );

  it.each([bodies.exitInResult, bodies.exitInLaterResult, bodies.exitInLargeResult])(
    'that exits while its result is read was running: %o',
    (body) =>
      withPool(pool, { size: 1 }, async (engine) => {
        const call = thrown(engine.submit(body, [], {}));
        const next = engine.submit((n: number) => n + 1, [1], {});

        expect(await call).toMatchObject({ state: 'running', exitCode: 3, killedBy: undefined });
        expect(await next).toBe(2);
      }),
  );
});
