/**
 * Where the concurrency of a flow is a limiter: one attempt at a time asks to be let in, so nothing is pulled that could not start.
 *
 * @module
 */
import type { MaybePromise } from '../core/context.ts';
import type { Runner } from '../core/runner.ts';
import type { Token } from '../core/token.ts';
import type { CapturedContext } from '../runtime/context.ts';
import { runThrough } from './attempt.ts';

/** The door of one flow. */
export class Admission {
  /** An attempt stands at the door. */
  waits = false;
  readonly #runner: Runner;
  readonly #token: Token;
  readonly #home: CapturedContext;
  readonly #next: () => void;

  /** @param next called when the door is free for the next one */
  constructor(runner: Runner, token: Token, home: CapturedContext, next: () => void) {
    this.#runner = runner;
    this.#token = token;
    this.#home = home;
    this.#next = next;
  }

  /** Makes an attempt when it is let in. */
  async ask<R>(attempt: () => MaybePromise<R>): Promise<R> {
    this.waits = true;
    let atDoor = true;
    const letNextGo = (): void => {
      if (!atDoor) return;
      atDoor = false;
      this.waits = false;
      this.#next();
    };
    try {
      return await runThrough(this.#runner, this.#token, this.#home, () => {
        const result = attempt();
        letNextGo();
        return result;
      });
    } finally {
      // Where the limiter refused, or the attempt threw before it gave a promise.
      letNextGo();
    }
  }
}
