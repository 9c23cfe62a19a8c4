/**
 * What paired measurements say about the ratio of two costs: the estimate of Hodges and Lehmann, and the interval that belongs to the signed-rank test
 * of Wilcoxon, on the logarithms of the ratios. It assumes no normal distribution, only that the two commits, were they the same, could be
 * exchanged; and of ten pairs, two that went wrong do not move it far.
 *
 * @module
 */

/** What a later commit costs, in parts of what an earlier one does. */
export interface Ratio {
  /** The median of the means of all pairs of ratios. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How sure the interval is, at least. */
export const CONFIDENCE = 0.95;

/** A row may cost so much more. */
export const TOLERANCE = 1.05;

/** With fewer no interval is that sure. */
const LEAST_PAIRS = 6;

/** The ratio of what came `after` to what came `before`, from measurements that were made in turns. */
export function ratioOf(pairs: readonly (readonly [before: number, after: number])[]): Ratio {
  const count = pairs.length;
  if (count < LEAST_PAIRS)
    throw new RangeError(`Expected at least ${LEAST_PAIRS} pairs: got ${count}`);
  const logs = pairs.map(([before, after]) => Math.log(after / before));
  if (!logs.every(Number.isFinite))
    throw new RangeError(`Expected costs above 0: got ${JSON.stringify(pairs)}`);
  const means = logs
    .flatMap((first, index) => logs.slice(index).map((second) => (first + second) / 2))
    .toSorted((a, b) => a - b);
  const outside = tailOf(count, (1 - CONFIDENCE) / 2);
  const at = (index: number): number => Math.exp(means[index] ?? Number.NaN);
  const [middle, last] = [means.length >> 1, means.length - 1];
  return {
    estimate: means.length % 2 === 1 ? at(middle) : Math.sqrt(at(middle - 1) * at(middle)),
    low: at(outside),
    high: at(last - outside),
  };
}

/** How many of the means at either end are outside: the largest sum of ranks that is not exceeded with at most this probability. */
function tailOf(count: number, probability: number): number {
  let chances = [1]; // Of each sum: every rank is in it or not, as a coin falls.
  for (let rank = 1; rank <= count; rank++) {
    const longer = Array.from({ length: chances.length + rank }, () => 0);
    chances.forEach((chance, sum) => {
      longer[sum] = (longer[sum] ?? 0) + chance / 2;
      longer[sum + rank] = (longer[sum + rank] ?? 0) + chance / 2;
    });
    chances = longer;
  }
  let outside = -1;
  let below = 0;
  for (;;) {
    below += chances[outside + 1] ?? 1;
    if (below > probability) return outside;
    outside++;
  }
}

/**
 * What the interval says. Only if all of it is above the tolerance the row is worse; if it has the tolerance in it, more pairs would have to tell.
 */
export function verdictOf({ low, high }: Ratio): 'worse' | 'unclear' | 'not worse' | 'better' {
  if (low > TOLERANCE) return 'worse';
  if (high > TOLERANCE) return 'unclear';
  return high < 1 / TOLERANCE ? 'better' : 'not worse';
}
