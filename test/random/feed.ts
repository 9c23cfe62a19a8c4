/**
 * Whoever is at the other end of a queue or stream: gives the items from outside, each in its time, and then the end.
 *
 * @module
 */
import type { Making } from './making.ts';

/** Starts to give. What comes without a gap is there at once. */
export function feed(
  { world, node, item, error, notes }: Making,
  put: (item: unknown) => void,
  end: (error?: Error) => void,
): void {
  const finish = (): void => {
    if (node.last === 'silence') return;
    notes.failed = node.last === 'fail';
    notes.endedAt = world.now;
    end(notes.failed ? error : undefined);
  };
  const step = (i: number): void => {
    if (i === node.items) finish();
    else put(item(i));
    if (i < node.items) next(i + 1);
  };
  const next = (i: number): void => {
    if (node.gap === 0) step(i);
    else world.after(node.gap, () => step(i));
  };
  next(0);
}
