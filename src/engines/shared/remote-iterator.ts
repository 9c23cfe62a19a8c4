/**
 * An iterator that lives elsewhere.
 *
 * @module
 */
import { currentToken } from '../../core/token.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import { waitFor } from './late-result.ts';
import { RemoteObject } from './remote-object.ts';

/**
 * Asks for one item at each `next()`; several that are out travel together. Leaving the loop closes the source. An item that was asked for by a
 * `next()` that was cancelled is kept for the next one.
 */
export class RemoteIterator<T> extends RemoteObject implements AsyncIterableIterator<T> {
  protected readonly label: string = 'iterator';
  /** Results that nobody waits for any more, oldest first. */
  readonly #late: Promise<IteratorResult<T>>[] = [];

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(...args: [] | [unknown]): Promise<IteratorResult<T>> {
    const token = currentToken();
    if (token.effective !== undefined) return this.awaited('next', args);
    const result = this.#late.shift() ?? this.#pull(args);
    return waitFor(result, token, (unused) => this.#late.push(unused));
  }

  #pull(args: readonly unknown[]): Promise<IteratorResult<T>> {
    return this.borrower.ask(this.id, 'next', args, {
      label: 'item of an iterator',
      leaving: 'regardless',
    });
  }

  return(value?: unknown): Promise<IteratorResult<T>> {
    return this.done('return', value === undefined ? [] : [value]);
  }

  throw(error?: unknown): Promise<IteratorResult<T>> {
    return this.done('throw', [encodeThrown(error)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
