/**
 * What a body gives is what it was when it was given, although it travels with others.
 */
import { generateIn } from 'skein';
import { describe, expect, it } from 'vitest';
import { sameBytes, sameNested, samePoint } from './fixtures/reused.ts';
import { POOLS } from './pools.ts';

const NUMBERS = Array.from({ length: 50 }, (_, i) => i);

describe.each(POOLS)('an object that $name give again and again', ({ make }) => {
  it('is as each call has left it', async () => {
    await using engine = make({ size: 1 });
    // Once alone, so that they are known to be quick and travel together.
    await engine.submit(samePoint, [0], {});
    const all = <R>(fn: (x: number) => R): Promise<R[]> =>
      Promise.all(NUMBERS.map((x) => engine.submit(fn, [x], {})));
    for (let round = 0; round < 3; round++) {
      expect((await all(samePoint)).map((point) => point.x)).toEqual(NUMBERS);
      expect((await all(sameNested)).map(({ at }) => at.x)).toEqual(NUMBERS);
      expect((await all(sameBytes)).map((bytes) => bytes[0])).toEqual(NUMBERS);
    }
  });

  it('is as the generator had it when it gave it, also one that is ahead', async () => {
    await using engine = make({ size: 1 });
    const steps = generateIn(engine, { prefetch: 20 }, function* () {
      const [flat, deep] = [{ x: 0 }, { at: { x: 0 } }];
      for (let x = 0; x < 50; x++) {
        flat.x = x;
        deep.at.x = x;
        yield flat.x % 2 === 0 ? flat : deep;
      }
    });
    const seen: number[] = [];
    for await (const step of steps) seen.push('x' in step ? step.x : step.at.x);
    expect(seen).toEqual(NUMBERS);
  });
});
