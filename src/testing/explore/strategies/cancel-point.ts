/**
 * Where a random schedule cancels a task: at a point that is uniform over the length of the runs so far. To toss at every point
 * instead would cancel nearly always near the start. One run in four cancels nothing.
 *
 * @module
 */
import type { Random } from '../prng.ts';

/** Draws the step at which a run cancels a task; Infinity for never. */
export function drawCancelPoint(random: Random, longest: number): number {
  const never = random.below(4) === 0;
  const at = random.below(longest + 1);
  return never || longest === 0 ? Number.POSITIVE_INFINITY : at;
}
