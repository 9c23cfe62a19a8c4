/**
 * Which trees are programs: what a shrunk one must still fulfil.
 *
 * @module
 */
import type { Flow, Source, Work } from './model.ts';
import { partsOf } from './stuck.ts';

/** Calls that give a stream. */
export const STREAMS: ReadonlySet<Flow['call']> = new Set([
  'mapStream',
  'resolve',
  'concurrent',
  'asCompleted',
]);

/** Whether a tree can be run, and nothing in it is without end that nobody can end. */
export function isSound(node: Work | Source): boolean {
  return isSoundItself(node) && partsOf(node).every(isSound);
}

function isSoundItself(node: Work | Source): boolean {
  switch (node.kind) {
    case 'leaf':
      return node.how !== 'foreign' || node.takes < Infinity;
    case 'sequence':
      return node.works.length > 0;
    case 'scope':
    case 'handle':
      return isSoundScope(node);
    case 'source':
      return node.of === 'flow'
        ? node.flow?.kind === 'flow' && STREAMS.has(node.flow.call)
        : node.flow === undefined;
    case 'flow':
      return node.bodies.length > 0 && (node.concurrency ?? 1) > 0 && hasEnoughItems(node);
    case 'retry':
      return node.retries !== undefined;
    case 'limiter':
      return node.concurrency > 0;
    case 'permits':
      return node.permits > 0;
    default:
      return true;
  }
}

function isSoundScope(node: Extract<Work, { kind: 'scope' | 'handle' }>): boolean {
  if (node.kind === 'scope' && node.shield && node.timeout === undefined) return false;
  const hasEnd = node.kind === 'scope' || node.ends.length > 0;
  const areShort = node.cleanups.every(
    ({ work, timeout = Infinity }) =>
      work.kind === 'leaf' && Math.min(work.takes, timeout) < Infinity,
  );
  return hasEnd && areShort && (node.limit ?? 1) > 0;
}

function hasEnoughItems({ call, source }: Flow): boolean {
  return (call !== 'race' && call !== 'firstSuccess') || source.items > 0;
}
