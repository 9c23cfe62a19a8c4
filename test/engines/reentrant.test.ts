/**
 * Arguments with getters that come back to the pool while it packs them.
 *
 * @module
 */
import type { Engine } from 'skein';
import { describe, expect, it } from 'vitest';
import { expectNothingOutside, POOLS, thrown, withPool, workersOf } from './pools.ts';

expectNothingOutside();

/** An argument that calls `read` each time that its `x` is read, which is 1. */
function reading(read: () => void): { readonly x: number } {
  return {
    get x() {
      read();
      return 1;
    },
  };
}

const outer = (o: { readonly x: number }): string => `outer ${o.x}`;
const inner = (n: number): string => `inner ${n}`;

async function warm(engine: Engine): Promise<void> {
  await engine.submit((n: number) => n, [0], {});
}

describe.each(POOLS)('while $name pack an argument, its getter', (pool) => {
  it.each([1, 2])('submits another call: each gets its own value (size %i)', (size) =>
    withPool(pool, { size }, async (engine) => {
      await warm(engine);
      const others: Promise<string>[] = [];
      const arg = reading(() => others.push(engine.submit(inner, [others.length], {})));
      const first = engine.submit(outer, [arg], {});
      const second = engine.submit(outer, [arg], {});

      expect(await Promise.all([first, second])).toEqual(['outer 1', 'outer 1']);
      expect(others.length).toBeGreaterThan(0);
      expect(await Promise.all(others)).toEqual(others.map((_, n) => `inner ${n}`));
    }),
  );

  it('submits so many that they do not wait for the end of the turn', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await warm(engine);
      let others: Promise<string>[] | undefined;
      const arg = reading(() => {
        others ??= Array.from({ length: 1000 }, (_, n) => engine.submit(inner, [n], {}));
      });

      expect(await engine.submit(outer, [arg], {})).toBe('outer 1');
      expect(await Promise.all(others ?? [])).toEqual(
        Array.from({ length: 1000 }, (_, n) => `inner ${n}`),
      );
    }));

  it('submits one that has a getter of its own, and one that wants a worker for itself', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await warm(engine);
      let alone: Promise<string> | undefined;
      const innermost = reading(() => {
        alone ??= engine.submit(inner, [9], { exclusive: true });
      });
      let other: Promise<string> | undefined;
      const arg = reading(() => {
        other ??= engine.submit(outer, [innermost], {});
      });

      expect(await engine.submit(outer, [arg], { exclusive: true })).toBe('outer 1');
      expect([await other, await alone]).toEqual(['outer 1', 'inner 9']);
    }));

  it('submits another from a message on the line of a call', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      const others: Promise<string>[] = [];
      const give = (): { readonly x: number } =>
        reading(() => others.push(engine.submit(inner, [1], {})));
      const body = async (ask: () => Promise<{ readonly x: number }>): Promise<number> =>
        (await ask()).x;

      expect(await engine.submit(body, [give], {})).toBe(1);
      expect(new Set(await Promise.all(others))).toEqual(new Set(['inner 1']));
    }));

  it('cancels that call, which is told so', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await warm(engine);
      const controller = new AbortController();
      const never = (o: { readonly x: number }): Promise<void> => new Promise(() => o);
      const arg = reading(() => controller.abort('enough'));
      const call = thrown(
        engine.submit<[{ readonly x: number }], void>(never, [arg], {
          signal: controller.signal,
          grace: 50,
        }),
      );
      const next = engine.submit(inner, [2], {});

      expect(await call).toBe('enough');
      expect(await next).toBe('inner 2');
    }));

  it('cancels those that were given before it', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await warm(engine);
      const controller = new AbortController();
      const arg = reading(() => controller.abort('enough'));
      const calls = [0, 1, 2].map((n) => engine.submit(inner, [n], { signal: controller.signal }));
      const ends = Promise.allSettled(calls);

      expect(await engine.submit(outer, [arg], {})).toBe('outer 1');
      for (const [n, end] of (await ends).entries()) {
        expect(['enough', `inner ${n}`]).toContain(
          end.status === 'fulfilled' ? end.value : end.reason,
        );
      }
      expect(await engine.submit(inner, [3], {})).toBe('inner 3');
    }));

  it('disposes of the pool, which ends when the call has', () =>
    withPool(pool, { size: 1 }, async (engine) => {
      await warm(engine);
      let end: PromiseLike<void> | undefined;
      const arg = reading(() => {
        end ??= engine[Symbol.asyncDispose]();
      });

      expect(await engine.submit(outer, [arg], {})).toBe('outer 1');
      await end;
      expect(workersOf(engine)).toBe(0);
    }));
});
