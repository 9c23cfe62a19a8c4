/**
 * What a flow or scope that leaves its work behind does not leave, because it belongs to a scope further out, which waits for it.
 *
 * @module
 */
import type { Scope } from 'skein';
import type { Call } from './call.ts';
import { closedAt, endsBelow } from './reading.ts';

/** What belongs to the scope in which it was opened: handles, which are stopped among its clean-ups, copies, and flows that are a source. */
type Kept = 'handle' | 'copies' | 'flow';

/** When all of that had ended which was opened below and belongs to this scope, whoever leaves the rest behind. */
export function keptEnd(
  { parts }: Pick<Call, 'parts'>,
  scope: Scope,
  kinds: readonly Kept[],
): number {
  return Math.max(-1, ...keptBelow(parts, scope, kinds).map(({ settledAt = -1 }) => settledAt));
}

/** Whether some of it is at work. */
export function isKeptOpen(
  { parts }: Pick<Call, 'parts'>,
  scope: Scope,
  kinds: readonly Kept[],
): boolean {
  return keptBelow(parts, scope, kinds).some(({ end }) => end === undefined);
}

function keptBelow(parts: readonly Call[], scope: Scope, kinds: readonly Kept[]): Ending[] {
  return parts.flatMap((part) => {
    const isKept = kinds.some((kind) => kind === part.work.kind) && part.home.token.scope === scope;
    const isHost = isKept && part.work.kind !== 'flow';
    const own = isHost ? part.parts.filter(({ part: { as } }) => as !== 'end') : [];
    const sources = (isKept ? part.sources : [])
      .filter(({ flow }) => isHost || flow?.home.token.scope === scope)
      .map((each) => ({ settledAt: closedAt(each), end: {} }));
    const all = own.map((each) => ({ settledAt: endsBelow(each), end: each.end }));
    return [...all, ...sources, ...keptBelow(part.parts, scope, kinds)];
  });
}

interface Ending {
  readonly settledAt: number;
  readonly end: unknown;
}
