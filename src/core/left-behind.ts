/**
 * What was left behind because somebody asked for that (`abandon`): nobody is told, but a leak check lists it until it ends. It is held
 * weakly: a promise that is never settled and that nobody has any more is gone, and so is its entry.
 *
 * @module
 */
import { monotonicNow } from '../runtime/runtime.ts';
import type { Token } from './token.ts';

/** Work that goes on though nobody waits for it. Whoever will see its end holds this. */
export class LeftBehind {
  readonly name: string;
  /** In real time: a test may leave its virtual time before it asks. */
  readonly since: number = monotonicNow();
  readonly #ref: WeakRef<LeftBehind> = new WeakRef(this);

  constructor(name: string) {
    this.name = name;
    all.add(this.#ref);
    forgotten.register(this, this.#ref, this.#ref);
  }

  /** It has ended after all. */
  ended(): void {
    all.delete(this.#ref);
    forgotten.unregister(this.#ref);
  }
}

const all = new Set<WeakRef<LeftBehind>>();
const forgotten = new FinalizationRegistry<WeakRef<LeftBehind>>((ref) => all.delete(ref));

/** What was left behind and has not ended. */
export function leftBehind(): LeftBehind[] {
  return [...all].map((ref) => ref.deref()).filter((left) => left !== undefined);
}

const castOff = new WeakSet<Token>();

/** Leaves all that is alive below a token behind: it leaves the tree of its scope, and what becomes of it is told to nobody. */
export function abandonBelow(token: Token): void {
  for (const child of token.children()) castOff.add(child);
  castOff.add(token);
  token.castOff();
}

/** Whether a token is directly in what was left behind. */
export function isCastOff(token: Token): boolean {
  return castOff.has(token);
}

/** A scope, as the flows and blocks see it that were opened in it and that it waits for. */
interface Host {
  readonly isBlock: boolean;
  leave(): void;
}

const unlodged = new WeakSet<Token>();

/** Tells a scope that a flow or block that was opened in it has ended, unless it waits for that no longer. */
export function leaveHost(token: Token, host: Host | undefined): void {
  if (!unlodged.has(token)) host?.leave();
}

/** The same for a flow: its scope waits no longer for the flows and blocks that are alive in it. */
export function abandonFlow(flow: Token): void {
  unlodgeBelow(flow, flow.scope as unknown as Host);
  abandonBelow(flow);
}

function unlodgeBelow(token: Token, host: Host): void {
  for (const child of token.children()) {
    const scope = child.scope as unknown as Host;
    const isFlow = child.unit === child && child.task?.token !== child;
    if (scope === host ? isFlow : scope.isBlock) {
      leaveHost(child, host);
      unlodged.add(child);
    }
    if (scope === host) unlodgeBelow(child, host);
  }
}

/**
 * Whether a token belongs to work that was left behind on request.
 *
 * @param within does not count what has become of this token itself, and of what is around it
 */
export function isLeftBehind(token: Token, within?: Token): boolean {
  for (let each: Token | undefined = token; each !== within; each = each?.parent) {
    if (each === undefined) return false;
    if (castOff.has(each)) return true;
  }
  return false;
}
