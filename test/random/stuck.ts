/**
 * Which programs may leave work behind: those with a foreign wait that is longer than the grace of something around it. They are judged
 * more leniently, because who reports it depends on who was cancelled.
 *
 * @module
 */
import type { Block, Handle, Source, Work } from './model.ts';

/** The grace of whoever was not given one. */
export const DEFAULT_GRACE = 5000;

/** How long a stubborn wait goes on after its cancellation. */
export const STUBBORN_FOR = 3;

type Node = Work | Source;

/** Whether some of it may be alive when the grace of something in it is over. */
export function mayBeStuck(work: Node): boolean {
  let known = answers.get(work);
  if (known === undefined) {
    known = deafness(work) >= shortestGrace(work);
    answers.set(work, known);
  }
  return known;
}

const answers = new WeakMap<Node, boolean>();

/** How long it may not hear a cancellation, one thing after the other. */
function deafness(node: Node): number {
  return partsOf(node).reduce((sum, part) => sum + deafness(part), ownDeafness(node));
}

function ownDeafness(node: Node): number {
  if (node.kind === 'leaf')
    return node.how === 'foreign' ? node.takes : node.how === 'stubborn' ? STUBBORN_FOR : 0;
  if (node.kind === 'handle')
    return cleanupsOf(node) + Math.max(...node.ends.map(({ after }) => after));
  // What is shielded hears of no cancellation until its own time is over, and clean-ups hear of none.
  if (node.kind === 'scope')
    return cleanupsOf(node) + (node.shield === true ? (node.timeout ?? Infinity) : 0);
  if (node.kind === 'copies') return node.after;
  if (node.kind === 'limiter') return node.disposeAfter ?? 0;
  if (node.kind !== 'source') return 0;
  // A flow is alive where it was made: whoever reads it does not know that clean-ups are at work in it.
  if (node.flow !== undefined) return cleanupsIn(node.flow);
  return node.of === 'deaf' ? Infinity : node.of === 'foreigner' ? node.gap : 0;
}

/** How long clean-ups may take, one after the other. */
function cleanupsIn(node: Node): number {
  const own = node.kind === 'scope' || node.kind === 'handle' ? cleanupsOf(node) : 0;
  return partsOf(node).reduce((sum, part) => sum + cleanupsIn(part), own);
}

function cleanupsOf({ cleanups }: Block | Handle): number {
  return cleanups.reduce(
    (sum, { work, timeout = Infinity }) => sum + Math.min(work.takes, timeout),
    0,
  );
}

function shortestGrace(node: Node): number {
  const own = 'grace' in node ? (node.grace ?? DEFAULT_GRACE) : DEFAULT_GRACE;
  return Math.min(own, ...partsOf(node).map(shortestGrace));
}

/** The nodes directly below one. */
export function partsOf(node: Node): Node[] {
  const parts: Node[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('kind' in value) parts.push(value as Node);
    else for (const each of Object.values(value)) look(each);
  };
  for (const value of Object.values(node)) look(value);
  return parts;
}
