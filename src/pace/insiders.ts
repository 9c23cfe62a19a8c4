/**
 * Tells what runs inside a call of a limiter, for waits that would be for themselves. It is known of the synchronous part of a function, and of all
 * of a call that has a token of its own, which is one with a signal or a time limit. To know it of every call would take a frame for each, which
 * costs more than the call: there `run` and `virtual` report the standstill.
 *
 * @module
 */
import { currentToken, type Token } from '../core/token.ts';
import { type AnyFunction, callWith, type QueuedCall } from './queued-call.ts';

/** The calls of one limiter that are at work, as far as they are known. */
export class Insiders {
  /** Functions whose synchronous part is on the stack. */
  #calling = 0;
  readonly #tokens = new Set<Token>();

  call(fn: AnyFunction, args: readonly unknown[], token: Token): unknown {
    this.#calling++;
    try {
      return callWith(fn, args, token);
    } finally {
      this.#calling--;
    }
  }

  callQueued(call: QueuedCall): unknown {
    this.#calling++;
    try {
      return call.call();
    } finally {
      this.#calling--;
    }
  }

  /** Runs what belongs to a call, and nothing else, in the token in force. */
  async during<R>(body: () => Promise<R>): Promise<R> {
    const token = currentToken();
    this.#tokens.add(token);
    try {
      return await body();
    } finally {
      this.#tokens.delete(token);
    }
  }

  /**
   * Refuses a wait for all calls inside one of them.
   *
   * @param what would be waited for
   * @throws TypeError
   */
  refuse(what: string): void {
    if (this.#calling === 0 && !this.#isInside()) return;
    throw new TypeError(
      `Cannot wait for ${what} from inside one of its calls: it would wait for itself`,
    );
  }

  #isInside(): boolean {
    if (this.#tokens.size === 0) return false;
    for (let token: Token | undefined = currentToken(); token !== undefined; token = token.parent) {
      if (this.#tokens.has(token)) return true;
    }
    return false;
  }
}
