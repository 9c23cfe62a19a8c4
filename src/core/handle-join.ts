/**
 * Waiting for the end of a scope that was opened as a handle, perhaps by somebody else.
 *
 * @module
 */
import type { Cancelled } from './errors.ts';
import { currentToken, type Token } from './token.ts';
import { Join } from './wait.ts';

/** The wait of whoever joins a handle. A cancellation of it cancels the tasks, whose end ends the wait; one that comes while clean-ups run does nothing. */
export class HandleJoin extends Join<void> {
  readonly #open: () => Token | undefined;
  #cancelled: Cancelled | undefined;

  /** @param open the handle, while there is something to cancel */
  constructor(name: string, open: () => Token | undefined) {
    super(`scope ${name}`);
    this.#open = open;
    if (this.token.effective !== undefined) this.cancel(this.token.effective);
  }

  override cancel(cancelled: Cancelled): void {
    const handle = this.#open();
    if (handle === undefined) return;
    handle.cancel(cancelled.reason);
    this.#cancelled = cancelled;
  }

  /** The handle has ended. */
  override ok(): boolean {
    return this.#cancelled === undefined ? super.ok(undefined) : this.fail(this.#cancelled);
  }
}

/**
 * Refuses a wait for the end of a scope that would be a wait for itself: in one of its tasks, or anywhere below it (a flow, another scope, a
 * clean-up), but not in its body.
 *
 * @throws TypeError
 */
export function refuseInside(scope: Token, verb: string, where: 'in tasks' | 'anywhere'): void {
  const current = currentToken();
  let inTask = false;
  for (let token: Token | undefined = current; token !== scope; token = token.parent) {
    if (token === undefined) return;
    inTask ||= token.task?.token === token;
  }
  if (!inTask && (where === 'in tasks' || current === scope)) return;
  const place = inTask ? 'one of its own tasks' : 'inside it, such as a clean-up';
  throw new TypeError(`Cannot ${verb} ${scope.name} from ${place}: it would wait for itself`);
}
