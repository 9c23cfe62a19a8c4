/**
 * Tells a task at once that it is about to wait for itself: it wants a lock that it holds, or that is held by a task that waits
 * for its end. A task counts as one line of control: it is the holder from its acquire until the lease is released, and it does
 * nothing but wait when as many library waits are pending in it as bodies at work. That is looked at once more a turn later, when
 * branches that were about to wait do so. Lanes of a flow and code outside any task show no such chain, and there nothing is guessed.
 *
 * @module
 */
import { contextOf } from '../core/begin.ts';
import type { MaybePromise, Thunk } from '../core/context.ts';
import { Deadlock } from '../core/errors.ts';
import type { OpenScope } from '../core/open-scope.ts';
import {
  type Binding,
  currentFrame,
  type Frame,
  inFrame,
  type Token,
  tokenOf,
} from '../core/token.ts';
import { taskTree } from '../core/tree.ts';
import type { Permit } from './permit.ts';
import type { Permits } from './permits.ts';

/**
 * Begins `fn` in a frame that knows the lease it runs under: what it calls can be told exactly from what merely runs beside it.
 *
 * @throws Cancelled in a cancelled scope
 */
export function beginHolding<R>(permit: Permit, fn: Thunk<R>): MaybePromise<R> {
  const frame = currentFrame();
  const token = tokenOf(frame);
  const context = contextOf(token);
  const bindings: Binding = { key: HELD, value: permit, outer: frame.bindings };
  return inFrame({ token, bindings }, () => fn(context));
}

const HELD = {};

/** Whether anything at all could be known of code that runs in this frame. */
export function mayCircle(frame: Frame): boolean {
  return isTask(frame.token.unit);
}

/** A request that has to wait. */
export interface Request {
  readonly permits: Permits;
  readonly frame: Frame;
  /** Which of the holders must wait for whoever asks, for the request to be in vain: one is enough, or all must. */
  readonly which: 'any' | 'all';
}

/** The units from whoever asks to a holder, each waiting for the one before; undefined where they are not known to wait so. */
export function circleOf({ permits, frame, which }: Request): readonly Token[] | undefined {
  let found: readonly Token[] | undefined;
  for (let i = 0; i < permits.leased; i++) {
    const permit = permits.lease(i) as Permit;
    // One of many leases is often released from elsewhere; the lease of a function is released when the function has ended.
    const certain = which === 'any' || permit.demand.inBlock;
    const chain = certain ? chainTo(permit, frame) : undefined;
    if (chain === undefined && which === 'all') return undefined;
    found ??= chain;
    if (found !== undefined && which === 'any') break;
  }
  return found;
}

function chainTo(permit: Permit, frame: Frame): readonly Token[] | undefined {
  const seeker = frame.token.unit;
  const holder = permit.holder.unit;
  if (holder !== seeker) return awaited(seeker, holder);
  const alone = isTask(seeker) && seeker.balance === 0;
  return alone && (!permit.demand.inBlock || runsUnder(permit, frame)) ? [seeker] : undefined;
}

function runsUnder(permit: Permit, frame: Frame): boolean {
  for (let each = frame.bindings; each !== undefined; each = each.outer) {
    if (each.value === permit) return true;
  }
  return false;
}

function isTask(unit: Token): boolean {
  return unit.task?.token === unit;
}

/** The units from `seeker` to `holder`, if each is awaited by the next, which does nothing else. */
function awaited(seeker: Token, holder: Token): readonly Token[] | undefined {
  let chain: Token[] | undefined;
  for (let unit = waiterFor(seeker); unit !== undefined; unit = waiterFor(unit)) {
    chain ??= [seeker];
    chain.push(unit);
    if (unit === holder) return chain;
  }
  return undefined;
}

/** The unit that does nothing but wait for the end of this one. */
function waiterFor(unit: Token): Token | undefined {
  const { task } = unit;
  if (task === undefined || task.token !== unit || task.status === 'queued') return undefined;
  const scope = task.scope as OpenScope;
  const opener = scope.token.parent?.unit;
  if (opener === undefined || opener.balance !== 0) return undefined;
  return scope.bodyEnded || task.awaitedBy(opener) ? opener : undefined;
}

/** What whoever asks is told. */
export function deadlockOf(permits: Permits, chain: readonly Token[]): Deadlock {
  const [seeker, ...others] = chain.map(nameOf);
  const what = `${seeker} waits for ${permits.label}`;
  if (others.length === 0) {
    const way = 'release it first, or run branches in tasks of their own (spawn, gather, map)';
    return new Deadlock(taskTree(), `${what}, which it holds itself: ${way}`);
  }
  const links = [`which is held by ${others.pop()}`, ...others.reverse(), seeker];
  return new Deadlock(taskTree(), `${what}, ${links.join(', which waits for ')}`);
}

/** The name and number by which the task tree knows whoever holds or waits. */
export function nameOf(token: Token): string {
  return `${token.unit.name} #${token.unit.id}`;
}
