/**
 * What happens when the line of a limiter is full. Whoever loses rejects with `WouldBlock`, at the door or in line: it is one condition, and a
 * `Cancelled` would be taken for somebody's decision to stop.
 *
 * @module
 */
import { WouldBlock } from '../core/errors.ts';
import type { PriorityLine } from './priority-line.ts';
import type { QueuedCall } from './queued-call.ts';

/** What happens to a call that finds the line full. */
export type LineOverflow = 'reject' | 'drop-oldest' | 'drop-newest';

/** The call that makes room for a new one of this priority; undefined when it is the new one that must go. */
export function overflowing(
  line: PriorityLine,
  overflow: LineOverflow,
  priority: number,
): QueuedCall | undefined {
  const lowest = overflow === 'reject' ? undefined : line.lowest;
  if (lowest === undefined || priority < lowest.priority) return undefined;
  if (overflow === 'drop-oldest') return lowest.line.first as QueuedCall;
  return priority === lowest.priority ? undefined : (lowest.line.last as QueuedCall);
}

/** The error of a call that was not let into the line. */
export function refusedByFull(label: string, length: number): WouldBlock {
  return new WouldBlock(`Cannot wait for ${label}: its line is full, ${length} wait already`);
}

/** The error of a call that had to leave the line. */
export function droppedFromFull(label: string): WouldBlock {
  return new WouldBlock(`Dropped from the line for ${label}: a later call has taken its place`);
}
