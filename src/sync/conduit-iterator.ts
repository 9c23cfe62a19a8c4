/**
 * Taking items in a `for await` loop.
 *
 * @module
 */
import { ChannelClosed } from '../core/errors.ts';
import { kernel } from '../core/kernel.ts';
import { currentToken, type Token } from '../core/token.ts';
import { Wait } from '../core/wait.ts';
import type { Conduit } from './conduit.ts';
import { Entry } from './entry.ts';
import { NOTHING } from './operation.ts';

/**
 * Takes items until the conduit is closed and empty. Items are taken when they are asked for, each by one iterator; `return()`
 * works while a `next()` is pending, which then gives the end and takes nothing.
 */
export class ConduitIterator<T> implements AsyncIterableIterator<T> {
  readonly #conduit: Conduit<T>;
  readonly #isOpen: () => boolean;
  readonly #pending = new Set<Wait<IteratorResult<T>>>();
  #over = false;

  /** @param isOpen whether the handle that the loop goes over may still be used */
  constructor(conduit: Conduit<T>, isOpen: () => boolean = () => true) {
    this.#conduit = conduit;
    this.#isOpen = isOpen;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#over || !this.#isOpen()) return Promise.resolve({ value: undefined, done: true });
    const token = currentToken();
    if (token.effective === undefined && kernel.scheduler === undefined) {
      const item = this.#conduit.take();
      if (item !== NOTHING) return Promise.resolve({ value: item, done: false });
    }
    return this.#wait(token);
  }

  #wait(token: Token): Promise<IteratorResult<T>> {
    const wait = new Wait<IteratorResult<T>>(`item of ${this.#conduit.label}`, token);
    if (wait.settled) return wait.promise;
    const give = (value: T): void => {
      this.#pending.delete(wait);
      wait.ok({ value, done: false });
    };
    const refuse = (error: unknown): void => {
      this.#pending.delete(wait);
      // To be closed is the end of a loop; to be closed with an error, which may be of any class, is not.
      if (this.#conduit.failure === undefined && error instanceof ChannelClosed)
        wait.ok({ value: undefined, done: true });
      else wait.fail(error);
    };
    const { taken } = this.#conduit;
    if (taken.ready) {
      try {
        give(taken.poll() as T);
      } catch (error) {
        refuse(error);
      }
      return wait.promise;
    }
    const entry = new Entry<T>(token, give, refuse);
    wait.undo = () => {
      this.#pending.delete(wait);
      entry.queue?.remove(entry);
    };
    this.#pending.add(wait);
    taken.enter(entry);
    return wait.promise;
  }

  async return(): Promise<IteratorResult<T>> {
    this.#over = true;
    for (const wait of this.#pending) {
      wait.undo?.();
      wait.ok({ value: undefined, done: true });
    }
    return { value: undefined, done: true };
  }
}
