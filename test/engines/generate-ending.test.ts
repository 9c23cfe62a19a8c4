/**
 * How a generator in a worker ends: left, cancelled, or with its worker; and what is free again then.
 *
 * @module
 */
import { generateIn, isCancelled, moveOnAfter, scope } from 'skein';
import { describe, expect, it } from 'vitest';
import { kernel } from '../../src/core/kernel.ts';
import * as bodies from './fixtures/generators.ts';
import {
  expectNothingOutside,
  POOLS,
  type Pool,
  statsOf,
  thrown,
  withPool,
  withSharedPool,
} from './pools.ts';

const DONE = { value: undefined, done: true };

expectNothingOutside();

describe.each(POOLS)('the end of generators in $name', (pool: Pool) => {
  describe('leaving', () => {
    it('before the first request starts nothing', () =>
      withPool(pool, { size: 1 }, async (engine, journal) => {
        const generators = [1, 2, 3].map(() =>
          generateIn(engine, {}, bodies.noting, journal.place, 9),
        );
        const [first, second, third] = generators as [
          (typeof generators)[0],
          (typeof generators)[0],
          (typeof generators)[0],
        ];
        const error = new Error('before');

        expect(await first.return('value')).toEqual({ value: 'value', done: true });
        expect(await first.next()).toEqual(DONE);
        expect(await thrown(second.throw(error))).toBe(error);
        expect(await second.next()).toEqual(DONE);
        await third[Symbol.asyncDispose]();
        expect(journal.entries()).toEqual([]);
        expect(engine).toMatchObject({ stats: { workers: 0 } });
      }));

    it('gives what was given, what the generator returns instead, or what it says', () =>
      withSharedPool(pool, async (engine, journal) => {
        const plain = generateIn(engine, {}, bodies.noting, journal.place, 9);
        await plain.next();
        expect(await plain.return('given')).toEqual({ value: 'given', done: true });

        const stubborn = generateIn(engine, {}, bodies.stubborn);
        await stubborn.next();
        expect(await stubborn.return('given')).toEqual({ value: 'my own', done: true });

        const talking = generateIn(engine, {}, bodies.lastWords);
        await talking.next();
        expect(await talking.return('given')).toEqual({ value: 'last', done: false });
        expect(await talking.next()).toEqual({ value: 'given', done: true });
      }));

    it('rejects with what the clean-up throws', () =>
      withSharedPool(pool, async (engine) => {
        const generator = generateIn(engine, {}, bodies.dirty);
        await generator.next();

        expect((await thrown(generator.return(undefined))).message).toBe('not clean');
        expect(await generator.next()).toEqual(DONE);
      }));

    it('cancels the step at work, and waits for the clean-up', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.waiting, journal.place);
        await generator.next();
        const pending = generator.next();
        await journal.seen('wait');

        expect(await generator.return('left')).toEqual({ value: 'left', done: true });
        expect(journal.names('clean')).toHaveLength(1);
        expect(await pending).toEqual(DONE);
      }));

    it('twice at once waits for one clean-up', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.cleaningSlowly, journal.place);
        await generator.next();
        const both = [generator.return(), generator[Symbol.asyncDispose]()];
        await both[1];

        expect(journal.names('clean')).toHaveLength(1);
        await both[0];
      }));

    it('stops one that runs ahead without a pause', () =>
      withSharedPool(pool, async (engine) => {
        let count = 0;
        for await (const _ of generateIn(engine, { prefetch: 1e6 }, bodies.endless)) {
          if (++count === 10) break;
        }

        expect(await engine.submit(bodies.double, [21], {})).toBe(42);
      }));

    it('leaves no value behind that was made ahead', () =>
      withSharedPool(pool, async (engine) => {
        for (let i = 0; i < 20; i++) {
          const generator = generateIn(engine, { prefetch: 1e5 }, bodies.endless);
          await generator.next();
          await generator.return(undefined as never);

          expect(await generator.next()).toEqual(DONE);
        }
      }));

    it('frees the worker', () =>
      withPool(pool, { size: 1 }, async (engine) => {
        for (let i = 0; i < 3; i++) {
          for await (const _ of generateIn(engine, {}, bodies.endless)) break;
        }

        expect(await engine.submit(bodies.double, [21], {})).toBe(42);
        expect(engine).toMatchObject({ stats: { workers: 1, running: 0, waiting: 0 } });
      }));
  });

  describe('cancellation', () => {
    it('of the scope cleans up in the worker, where waits still work', () =>
      withSharedPool(pool, async (engine, journal) => {
        await scope(async (s) => {
          const generator = generateIn(engine, {}, bodies.cleaningSlowly, journal.place);
          await generator.next();
          s.cancel('enough');
          expect(isCancelled(await thrown(generator.next()))).toBe(true);
        });

        expect(journal.names('clean')).toHaveLength(1);
      }));

    it('the end of the scope does, too', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = await scope(async () => {
          const made = generateIn(engine, {}, bodies.cleaningSlowly, journal.place);
          await made.next();
          return { made };
        });

        expect(journal.names('clean')).toHaveLength(1);
        expect(isCancelled(await thrown(generator.made.next()))).toBe(true);
        expect(await generator.made.next()).toEqual(DONE);
      }));

    it('by a signal rejects the request, with the reason of the signal', () =>
      withSharedPool(pool, async (engine, journal) => {
        const controller = new AbortController();
        const { signal } = controller;
        const generator = generateIn(engine, { signal }, bodies.waiting, journal.place);
        await generator.next();
        const pending = generator.next();
        await journal.seen('wait');
        const reason = new RangeError('enough');
        controller.abort(reason);

        expect(await thrown(pending)).toBe(reason);
        expect(journal.names('clean')).toHaveLength(1);
      }));

    it('of one request keeps its value for the next', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.held, journal.place);
        expect((await generator.next()).value).toBe(0);
        expect(await moveOnAfter(1, () => generator.next(), 'left')).toBe('left');
        journal.release();

        expect((await generator.next()).value).toBe(1);
        expect((await generator.next()).value).toBe(2);
        await generator.return();
      }));

    it('before the first request starts nothing', () =>
      withSharedPool(pool, async (engine, journal) => {
        const error = await thrown(
          scope(async (s) => {
            const generator = generateIn(engine, {}, bodies.noting, journal.place, 1);
            s.cancel('before');
            await generator.next();
          }),
        );

        expect(isCancelled(error)).toBe(true);
        expect(journal.entries()).toEqual([]);
      }));
  });

  describe('death', () => {
    it.each([false, true])('ends it (between two requests: %s)', (byItself) =>
      withPool(pool, { size: 1 }, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.mortal, byItself);
        expect((await generator.next()).value).toBe(1);
        if (byItself) await journal.until('its death', () => statsOf(engine).workers === 0);

        const died = { code: 'ERR_WORKER_DIED', exitCode: 3, task: 'mortal', state: 'running' };
        expect(await thrown(generator.next())).toMatchObject(died);
        expect(await generator.next()).toEqual(DONE);
        expect(await engine.submit(bodies.double, [21], {})).toBe(42);
      }),
    );

    it('that nobody has heard of is told to whoever leaves', () =>
      withPool(pool, { size: 1 }, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.mortal, true);
        await generator.next();
        await journal.until('its death', () => statsOf(engine).workers === 0);

        expect(await thrown(generator.return(undefined))).toMatchObject({
          code: 'ERR_WORKER_DIED',
        });
        expect(await generator.return(undefined)).toEqual(DONE);
      }));
  });

  it('more generators than workers can feed each other, and calls go on beside them', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const generators = [1, 2, 3].map(() => generateIn(engine, {}, bodies.endless));
      for (let n = 0; n < 3; n++) {
        const results = await Promise.all(generators.map((each) => each.next()));
        expect(results.map(({ value }) => value)).toEqual([n, n, n]);
        expect(await engine.submit(bodies.double, [n], {})).toBe(2 * n);
      }
      await Promise.all(generators.map((each) => each[Symbol.asyncDispose]()));
      await engine[Symbol.asyncDispose]();

      expect(engine).toMatchObject({ stats: { workers: 0, running: 0, waiting: 0 } });
    }));

  it('while it waits for a request, it is not the worker that time waits for', () =>
    withSharedPool(pool, async (engine) => {
      const { outside } = kernel;
      const generator = generateIn(engine, {}, bodies.endless);
      const pending = generator.next();
      expect(kernel.outside).toBe(outside + 1);
      await pending;
      expect(kernel.outside).toBe(outside);
      await generator.return(undefined as never);
    }));
});
