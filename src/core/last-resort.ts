/**
 * What a program does with work that has not ended in time, before it ends without it: one thing after the other, so that as many
 * `finally` blocks and clean-ups as possible still begin.
 *
 * @module
 */
import type { GraceWatch } from './grace.ts';
import type { Token } from './token.ts';

/**
 * Takes the next step to end what is left in a token that was cancelled: cancels what a shield has kept from it, clean-ups too; or,
 * where all is cancelled, lets the innermost scopes and flows leave behind what has not stopped. False when neither is left to do.
 */
export function endBelow(token: Token, reason: unknown): boolean {
  return cancelShielded(token, reason) || giveUpInnermost(token);
}

function cancelShielded(token: Token, reason: unknown): boolean {
  let found = false;
  for (const child of token.children()) {
    const isOpen = child.effective === undefined;
    if (isOpen) child.cancel(reason);
    const hasHeard = isOpen && child.effective !== undefined;
    found = cancelShielded(child, reason) || hasHeard || found;
  }
  return found;
}

function giveUpInnermost(token: Token): boolean {
  let found = false;
  for (const child of token.children()) found = giveUpInnermost(child) || found;
  return found || watchOf(token)?.giveUp?.() === true;
}

/** Lets no time of grace below a token keep the process alive. */
export function quietBelow(token: Token): void {
  watchOf(token)?.quiet?.();
  for (const child of token.children()) quietBelow(child);
}

/** Copies have a watch of another kind, which gives nothing up. */
function watchOf(token: Token): Partial<GraceWatch> | undefined {
  return token.watch as Partial<GraceWatch> | undefined;
}
