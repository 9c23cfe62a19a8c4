/**
 * Generators in a worker: order, the end, leaving, cancellation, and what of it is not seen in case 41.
 *
 * @module
 */
import { generateIn, loop, Queue } from 'skein';
import { describe, expect, it } from 'vitest';
import * as bodies from './fixtures/generators.ts';
import { expectNothingOutside, POOLS, type Pool, thrown, withSharedPool } from './pools.ts';

const DONE = { value: undefined, done: true };

expectNothingOutside();

describe.each(POOLS)('generators in $name', (pool: Pool) => {
  describe('values', () => {
    it('takes a step when it is asked, and never before', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.noting, journal.place, 5);
        await generator.next();
        await generator.next();
        await engine.submit(bodies.double, [1], {});

        expect(journal.names('step')).toEqual(['0', '1']);
        await generator.return('');
      }));

    it('is ahead by as many as it may be', () =>
      withSharedPool(pool, async (engine, journal) => {
        const options = { prefetch: 3 };
        const generator = generateIn(engine, options, bodies.noting, journal.place, 100);
        expect(await generator.next()).toEqual({ value: 0, done: false });
        await journal.seen('step', 4);
        await generator.next();
        await engine.submit(bodies.double, [1], {});

        expect(journal.names('step').length).toBeLessThanOrEqual(5);
        await generator.return('');
        expect(journal.names('clean')).toHaveLength(1);
      }));

    it.each([0, 1, 7, 1000])('come in order with prefetch %i, then what was returned', (prefetch) =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, { prefetch }, bodies.noting, journal.place, 50);
        const seen: unknown[] = [];
        for (let i = 0; i < 50; i++) seen.push((await generator.next()).value);

        expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
        expect(await generator.next()).toEqual({ value: 'all', done: true });
        expect(await generator.next()).toEqual(DONE);
        expect(journal.names('clean')).toHaveLength(1);
      }),
    );

    it('do not wait for one that is long in coming', () =>
      withSharedPool(pool, async (engine) => {
        const generator = generateIn(engine, { prefetch: 10 }, bodies.twoThenNothing);

        expect((await generator.next()).value).toBe(1);
        expect((await generator.next()).value).toBe(2);
        await generator.return(undefined);
      }));

    it('may be promises, and come from any iterable', () =>
      withSharedPool(pool, async (engine) => {
        const promising = generateIn(engine, {}, bodies.promising);
        expect(await promising.next()).toEqual({ value: 1, done: false });
        expect(await promising.next()).toEqual({ value: 2, done: false });
        expect(await promising.next()).toEqual({ value: 'end', done: true });

        const all: unknown[] = [];
        for await (const value of generateIn(engine, {}, bodies.later)) all.push(value);
        expect(all).toEqual([1, 2]);
      }));

    it('that cannot be sent are named, after those before them, and close the generator', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, { prefetch: 5 }, bodies.unsendable, journal.place);
        expect(await generator.next()).toEqual({ value: { n: 1 }, done: false });
        const error = await thrown(generator.next());

        expect(error).toMatchObject({ code: 'ERR_UNCLONABLE', path: 'value.deep[0].onDone' });
        expect(error.message).toContain('a value of "unsendable" from a worker');
        expect(journal.names('clean')).toHaveLength(1);
        expect(await generator.next()).toEqual(DONE);
      }));

    it('that only the clone refuses are named as well', () =>
      withSharedPool(pool, async (engine) => {
        for (const prefetch of [0, 5]) {
          const generator = generateIn(engine, { prefetch }, bodies.unsendableDeep);
          expect((await generator.next()).value).toBe(1);
          expect(await thrown(generator.next())).toMatchObject({
            code: 'ERR_UNCLONABLE',
            path: 'value.socket',
          });
        }
      }));

    it('can be moved', () =>
      withSharedPool(pool, async (engine) => {
        const generator = generateIn(engine, {}, bodies.moving);

        expect((await generator.next()).value).toEqual(new Uint8Array(8).fill(7));
        const left = (await generator.next()).value;
        expect(left).toBe(pool.name === 'threads' ? 0 : 8);
        await generator.return(undefined);
      }));
  });

  describe('the body', () => {
    it('has the ambient scope, and the context as its last argument', () =>
      withSharedPool(pool, async (engine) => {
        const generator = generateIn(engine, {}, bodies.ambient);

        expect((await generator.next()).value).toEqual([1, 0, 1, ['index', 'attempt']]);
        expect((await generator.next()).value).toBe(true);
        await generator.return(undefined);
      }));

    it('can be given callbacks and queues', () =>
      withSharedPool(pool, async (engine) => {
        const queue = new Queue<number>();
        const reports: number[] = [];
        const report = (n: number): void => {
          reports.push(n);
          queue.tryPut(10 * n);
        };
        const values: number[] = [];
        for await (const value of generateIn(engine, {}, bodies.reporting, report, queue)) {
          values.push(value);
        }

        expect([reports, values]).toEqual([
          [0, 1],
          [0, 10],
        ]);
      }));
  });

  describe('sent values', () => {
    it('arrive in order, also when several requests are out', () =>
      withSharedPool(pool, async (engine) => {
        const generator = generateIn(engine, {}, bodies.adding);
        const sent = [0, 1, 2, 3].map((n) => generator.next(n));

        expect((await Promise.all(sent)).map(({ value }) => value)).toEqual([0, 1, 3, 6]);
        expect(await generator.next()).toEqual({ value: 6, done: true });
      }));

    it('that cannot be sent fail their request alone', () =>
      withSharedPool(pool, async (engine) => {
        const generator = generateIn(engine, {}, bodies.adding);
        const early = [1, { f: () => 1 } as never, 5].map((n) => generator.next(n));
        const results = await Promise.allSettled(early);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(results[2]).toMatchObject({ value: { value: 5 } });

        const error = await thrown(generator.next({ f: () => 1 } as never));
        expect(error).toMatchObject({ code: 'ERR_UNCLONABLE', path: 'value.f' });
        expect(await generator.next(2)).toEqual({ value: 7, done: false });
        await generator.return(0);
      }));

    it('are refused with prefetch, and throw() only leaves', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, { prefetch: 2 }, bodies.noting, journal.place, 9);
        await generator.next();
        expect(await thrown(generator.next(1))).toBeInstanceOf(TypeError);
        const error = new Error('thrown in');

        expect(await thrown(generator.throw(error))).toBe(error);
        expect(journal.names('clean')).toHaveLength(1);
        expect(await generator.next()).toEqual(DONE);
      }));

    it('that are errors come back from what does not catch them', () =>
      withSharedPool(pool, async (engine, journal) => {
        const generator = generateIn(engine, {}, bodies.noting, journal.place, 9);
        await generator.next();
        const error = await thrown(generator.throw(new RangeError('thrown in')));

        expect([error.name, error.message]).toEqual(['RangeError', 'thrown in']);
        expect(journal.names('clean')).toHaveLength(1);
        expect(await generator.next()).toEqual(DONE);
        const late = new Error('late');
        expect(await thrown(generator.throw(late))).toBe(late);
      }));
  });
});

describe('wrong use', () => {
  it('is refused at the call', () => {
    const [pool] = POOLS as [Pool];
    const engine = pool.make({ size: 1 });
    const { endless } = bodies;

    expect(() => generateIn({} as never, {}, endless)).toThrow(/Expected engine to be an engine/);
    expect(() => generateIn(engine, null as never, endless)).toThrow(TypeError);
    expect(() => generateIn(engine, {}, 'x' as never)).toThrow(/Expected fn to be a function/);
    expect(() => generateIn(engine, { prefetch: -1 }, endless)).toThrow(RangeError);
    expect(() => generateIn(engine, { prefetch: 0.5 }, endless)).toThrow(RangeError);
    expect(() => generateIn(engine, { signal: 1 as never }, endless)).toThrow(TypeError);
    expect(() => generateIn(engine, { grace: -1 }, endless)).toThrow(RangeError);
  });

  it('of an engine without workers is told at the first request', async () => {
    const generator = generateIn(loop(), {}, bodies.endless);

    expect((await thrown(generator.next())).message).toContain('one with workers');
    expect(await generator.next()).toEqual(DONE);
  });
});
