/**
 * The deadline of one scope: cancels it when the clock shows the time.
 *
 * @module
 */
import type { CallSite } from '../runtime/call-site.ts';
import type { Timer } from './clock.ts';
import { TimedOut } from './errors.ts';
import { kernel } from './kernel.ts';
import type { Token } from './token.ts';

/** A deadline that can be moved. */
export class Deadline {
  readonly #token: Token;
  readonly #expired: (error: TimedOut) => void;
  #timer: Timer | undefined;
  #expire: (() => void) | undefined;
  /** What the scope throws, once the deadline has cancelled it. */
  timedOut: TimedOut | undefined;

  /** @param expired called just before the cancellation */
  constructor(token: Token, expired: (error: TimedOut) => void) {
    this.#token = token;
    this.#expired = expired;
  }

  /**
   * Moves it; Infinity removes it.
   *
   * @param site where the limit was set: the stack of its error
   * @param span how long after the start of the token that is, where it was given as a span: the difference of two points is not exact
   */
  moveTo(at: number, site: CallSite, span: number = at - this.#token.started): void {
    const token = this.#token;
    token.deadline = at;
    this.#timer?.stop();
    this.#expire = () => {
      if (token.effective !== undefined) return;
      // The scope of `timeout` has no name of the user's.
      const what = token.name === 'timeout' ? undefined : token.name;
      this.timedOut = TimedOut.at(site, Math.max(0, span), what);
      this.#expired(this.timedOut);
      token.cancel(this.timedOut);
    };
    this.#timer = kernel.clock.at(at, this.#expire);
  }

  /** The work has ended. Its time may be over though the timer has not fired: a loop that computes keeps timers waiting. */
  stop(): void {
    this.#timer?.stop();
    const expire = this.#expire;
    this.#expire = undefined;
    if (kernel.clock.now() > this.#token.deadline) expire?.();
  }
}
