/**
 * Waiting for the end of a scope that was opened as a handle, perhaps by somebody else.
 *
 * @module
 */
import type { Cancelled } from './errors.ts';
import { currentToken, type Token } from './token.ts';
import { Join } from './wait.ts';

/** The wait of whoever closes a handle. A cancellation of it cancels the tasks, whose end ends the wait. */
export class HandleJoin extends Join<void> {
  readonly #handle: Token;
  cancelled: Cancelled | undefined;

  constructor(handle: Token) {
    super(`scope ${handle.name}`);
    this.#handle = handle;
    if (this.token.effective !== undefined) this.cancel(this.token.effective);
  }

  override cancel(cancelled: Cancelled): void {
    this.cancelled = cancelled;
    this.#handle.cancel(cancelled.reason);
  }
}

/** Whether the code at work is a task of the scope, or of one inside it. */
export function isOwnTask(scope: Token): boolean {
  let inTask = false;
  for (let token: Token | undefined = currentToken(); token !== undefined; token = token.parent) {
    if (token === scope) return inTask;
    inTask ||= token.task?.token === token;
  }
  return false;
}
