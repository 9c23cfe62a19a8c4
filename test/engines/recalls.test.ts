/**
 * What a pool makes of the answers of a child that was asked to give calls back: they come by two ways, and some of them late.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { Recalls } from '../../src/engines/process/recalls.ts';

describe('a recall', () => {
  it('is out until it is answered', () => {
    const recalls = new Recalls();
    expect(recalls.isOut).toBe(false);

    const recall = recalls.begin(50);

    expect(recalls.isOut).toBe(true);
    expect(recalls.answered(recall, false)).toBe(true);
    expect(recalls.isOut).toBe(false);
  });

  it('that gave nothing is not repeated before there are more calls', () => {
    const recalls = new Recalls();

    recalls.answered(recalls.begin(50), true);

    expect(recalls.isBarren(50)).toBe(true);
    expect(recalls.isBarren(51)).toBe(false);
  });

  it('is not answered by the late answer to the one before', () => {
    const recalls = new Recalls();
    const early = recalls.begin(50);
    const later = recalls.begin(77);

    expect(recalls.answered(early, true)).toBe(false);

    expect(recalls.isOut).toBe(true);
    expect(recalls.isBarren(77)).toBe(false);
    expect(recalls.answered(later, false)).toBe(true);
    expect(recalls.isBarren(77)).toBe(false);
  });

  it('gave something if either way did, whichever answers first', () => {
    for (const isNothingFirst of [true, false]) {
      const recalls = new Recalls();
      const recall = recalls.begin(50);

      recalls.answered(recall, isNothingFirst);
      recalls.answered(recall, !isNothingFirst);

      expect(recalls.isBarren(50), `nothing first: ${isNothingFirst}`).toBe(false);
    }
  });
});
