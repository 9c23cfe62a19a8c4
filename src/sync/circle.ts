/**
 * Tells a task at once that it is about to wait for itself: it wants a lock that it holds, or that is held by a task that waits
 * for its end. A task counts as one line of control: it is the holder from its acquire until the lease is released, and it is taken to
 * wait when all its waits say so. Lanes of a flow and code outside any task show no such chain, and there nothing is guessed.
 *
 * @module
 */
import { Deadlock } from '../core/errors.ts';
import type { OpenScope } from '../core/open-scope.ts';
import {
  type Binding,
  currentFrame,
  currentToken,
  type Frame,
  inFrame,
  type Token,
} from '../core/token.ts';
import type { Permit } from './permit.ts';
import type { Permits } from './permits.ts';

/** Runs `fn` in a frame that knows the lease it runs under: what it calls can be told exactly from what merely runs beside it. */
export function runHolding<R>(permit: Permit, fn: () => R): R {
  const outer = currentFrame().bindings;
  const bindings: Binding = { key: HELD, value: permit, outer };
  return inFrame({ token: currentToken(), bindings }, fn);
}

const HELD = {};

/** Whether anything at all could be known of code that runs in this frame. */
export function mayCircle(frame: Frame): boolean {
  return frame.bindings !== undefined || isTask(frame.token.unit);
}

/**
 * The error for a request by the code of `token` that could never be served.
 *
 * @param which of the holders must wait for that code: one is enough, or all must
 */
export function refuseCircle(
  permits: Permits,
  token: Token,
  which: 'any' | 'all',
): Deadlock | undefined {
  let found: readonly Token[] | undefined;
  for (let i = 0; i < permits.leased; i++) {
    const permit = permits.lease(i) as Permit;
    const chain = chainTo(permit, token.unit);
    if (chain === undefined && which === 'all') return undefined;
    found ??= chain;
    if (found !== undefined && which === 'any') break;
  }
  return found === undefined ? undefined : explain(permits, found);
}

/** The units from `seeker` to the holder of `permit`, each waiting for the one before. */
function chainTo(permit: Permit, seeker: Token): readonly Token[] | undefined {
  const holder = permit.holder.unit;
  if (holder !== seeker) return awaited(seeker, holder);
  const sure = permit.demand.inBlock ? runsUnder(permit) : isTask(seeker) && seeker.balance === 0;
  return sure ? [seeker] : undefined;
}

function runsUnder(permit: Permit): boolean {
  for (let each = currentFrame().bindings; each !== undefined; each = each.outer) {
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

function explain(permits: Permits, chain: readonly Token[]): Deadlock {
  const [seeker, ...others] = chain.map(nameOf);
  const what = `${seeker} waits for ${permits.label}`;
  if (others.length === 0) {
    return new Deadlock(
      'Code that runs in parallel inside one task needs tasks of its own: use spawn, gather or map.',
      `${what}, which it holds itself`,
    );
  }
  const links = others.map((name, index) => `${name} waits for ${chain.map(nameOf)[index]}`);
  return new Deadlock(links.join('\n'), `${what}, which is held by ${others.at(-1)}`);
}

/** The name and number by which the task tree knows whoever holds or waits. */
export function nameOf(token: Token): string {
  return `${token.unit.name} #${token.unit.id}`;
}
