/**
 * A wait for an answer from the other side of a call.
 *
 * @module
 */
import type { Cancelled } from '../../core/errors.ts';
import type { Token } from '../../core/token.ts';
import { Join } from '../../core/wait.ts';

/**
 * When a wait ends that is cancelled.
 *
 * - `decided`: when the other side says that it has had no effect. If an item was already on its way, the wait gives it.
 * - `at once`: now; what is given all the same is given back on arrival.
 * - `regardless`: not at all: what it stands for is short, and belongs to cleaning up.
 */
export type Leaving = 'decided' | 'at once' | 'regardless';

/** Ends when it is answered; a cancellation is a request to the other side. */
export class RemoteWait<T> extends Join<T> {
  readonly leaving: Leaving;
  /** Takes the question back. Set when it has been sent. */
  takeBack: (() => void) | undefined;
  #why: { readonly error: unknown } | undefined;

  constructor(label: string, token: Token, leaving: Leaving) {
    super(label, token);
    this.leaving = leaving;
  }

  override cancel(cancelled: Cancelled): void {
    if (this.leaving !== 'regardless') this.withdraw(cancelled);
  }

  override withdraw(error: unknown): boolean {
    if (this.settled || this.#why !== undefined) return false;
    this.#why = { error };
    this.takeBack?.();
    if (this.takeBack !== undefined && this.leaving === 'decided') return false;
    return super.withdraw(error);
  }

  /** The other side says that it has had no effect. */
  withdrew(): void {
    super.withdraw(this.#why?.error);
  }
}
