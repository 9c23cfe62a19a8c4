import { describe, expect, it } from 'vitest';
import { ratioOf, verdictOf } from '../../bench/ratio.ts';

/** Pairs with these ratios, of costs that differ from pair to pair as on a machine that is shared. */
function pairsOf(ratios: readonly number[]): (readonly [number, number])[] {
  return ratios.map((ratio, index) => [100 + 37 * index, (100 + 37 * index) * ratio]);
}

/** Numbers from 0 to 1 that are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('ratioOf', () => {
  it('gives the median of the means of all pairs of logarithms', () => {
    const ratios = [1, 2, 3, 4, 5, 6].map((power) => 2 ** power);

    const { estimate } = ratioOf(pairsOf(ratios));

    expect(Math.log2(estimate)).toBeCloseTo(3.5);
  });

  it.each([
    // As the tables of signed ranks say: of six pairs only the extremes are sure enough, of ten the ninth mean from either end.
    { count: 6, low: 1, high: 32 },
    { count: 10, low: 6, high: 257 },
  ])('has the interval of the signed ranks for $count pairs', ({ count, low, high }) => {
    const ratios = Array.from({ length: count }, (_, index) => 2 ** (2 ** index));

    const interval = ratioOf(pairsOf(ratios));

    expect(Math.log2(interval.low)).toBeCloseTo(low);
    expect(Math.log2(interval.high)).toBeCloseTo(high);
  });

  it('turns round with the commits', () => {
    const pairs = pairsOf([0.9, 1.2, 1, 1.1, 1.05, 0.97, 1.3, 1.01, 0.99, 1.4]);

    const there = ratioOf(pairs);
    const back = ratioOf(pairs.map(([before, after]) => [after, before]));

    expect(back.low).toBeCloseTo(1 / there.high);
    expect(back.estimate).toBeCloseTo(1 / there.estimate);
    expect(back.high).toBeCloseTo(1 / there.low);
  });

  it('calls nothing worse because two pairs went wrong', () => {
    const ratio = ratioOf(pairsOf([1, 1.01, 0.99, 1, 1.02, 0.98, 1.01, 0.99, 5, 9]));

    expect(verdictOf(ratio)).toBe('unclear');
  });

  it('holds the true ratio in 95 of 100 comparisons', () => {
    const random = numbers(1);
    let held = 0;
    for (let comparison = 0; comparison < 1000; comparison++) {
      const noise = Array.from({ length: 10 }, () => (random.next().value - 0.5) ** 3);
      const { low, high } = ratioOf(pairsOf(noise.map((log) => 1.1 * Math.exp(log))));
      if (low <= 1.1 && 1.1 <= high) held++;
    }

    expect(held / 1000).toBeGreaterThan(0.93);
  });

  it('refuses so few pairs that nothing is sure, and costs of nothing', () => {
    expect(() => ratioOf(pairsOf([1, 1, 1, 1, 1]))).toThrow(RangeError);
    expect(() => ratioOf(pairsOf([1, 1, 1, 1, 1, 0]))).toThrow(RangeError);
    expect(() => ratioOf(pairsOf([1, 1, 1, 1, 1, Number.NaN]))).toThrow(RangeError);
  });
});

describe('verdictOf', () => {
  it.each([
    { verdict: 'worse', low: 1.051, high: 1.3 },
    { verdict: 'unclear', low: 1.04, high: 1.3 },
    { verdict: 'unclear', low: 0.9, high: 1.06 },
    { verdict: 'not worse', low: 0.9, high: 1.05 },
    { verdict: 'better', low: 0.8, high: 0.95 },
  ])('is $verdict from $low to $high', ({ verdict, low, high }) => {
    expect(verdictOf({ low, estimate: (low + high) / 2, high })).toBe(verdict);
  });
});
