/**
 * What the proxies have in common.
 *
 * @module
 */

import type { WaitBounds } from '../../core/bounds.ts';
import { WouldBlock } from '../../core/errors.ts';
import type { NamesOf } from '../../core/known-options.ts';
import { show } from '../../core/shown.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import type { Borrower } from './borrower.ts';

/** A lent object by its number. */
export abstract class RemoteObject {
  protected readonly borrower: Borrower;
  protected readonly id: number;
  /** What errors and the task tree call it. */
  protected abstract readonly label: string;

  constructor(borrower: Borrower, id: number) {
    this.borrower = borrower;
    this.id = id;
  }

  /** Waits until the owner has decided: an item is put in, or taken, or the wait had no effect. */
  protected decided<T>(method: string, args: readonly unknown[], bounds?: WaitBounds): Promise<T> {
    return this.borrower.ask<T>(this.id, method, args, {
      label: `${method} of ${this.label}`,
      leaving: 'decided',
      bounds,
    });
  }

  /** Waits for something that a cancelled wait leaves as it is. */
  protected awaited<T>(
    method: string,
    args: readonly unknown[],
    bounds?: WaitBounds,
    names?: NamesOf<WaitBounds>,
  ): Promise<T> {
    return this.borrower.ask<T>(this.id, method, args, {
      label: `${method} of ${this.label}`,
      leaving: 'at once',
      bounds,
      names,
    });
  }

  /** Does something, in a cancelled scope too. Whoever does not await it need not handle its rejection. */
  protected done<T>(method: string, args: readonly unknown[]): Promise<T> {
    this.borrower.requireOpen(`${method} ${this.label}`);
    const done = this.borrower.ask<T>(this.id, method, args, {
      label: `${method} of ${this.label}`,
      leaving: 'regardless',
    });
    done.catch(() => undefined);
    return done;
  }

  /** For what would have to answer at once: the owner is elsewhere. */
  protected cannot(what: string, instead: string): never {
    throw new WouldBlock(
      `Cannot answer ${what} of a ${this.label} at once: it lives in another thread or process; use ${instead}`,
    );
  }

  static {
    show(RemoteObject.prototype, ({ label }) => ({
      what: `${label} of another thread or process`,
    }));
  }
}

/** An error that may or may not be given. */
export function encodedError(error: unknown): readonly unknown[] {
  return error === undefined ? [] : [encodeThrown(error)];
}

const END: IteratorResult<never> = { value: undefined, done: true };

/** Takes items in a loop until there are no more, one at a time. */
export class ItemLoop<T> implements AsyncIterableIterator<T> {
  readonly #get: (bounds: WaitBounds) => Promise<T>;
  readonly #leaving = new AbortController();
  #over = false;

  constructor(get: (bounds: WaitBounds) => Promise<T>) {
    this.#get = get;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#over) return END;
    try {
      return { value: await this.#get({ signal: this.#leaving.signal }), done: false };
    } catch (error) {
      if (this.#over || isEnd(error)) return END;
      throw error;
    }
  }

  /** Ends the loop; a `next()` that waits gives the end, or the item that was on its way. */
  async return(): Promise<IteratorResult<T>> {
    this.#over = true;
    this.#leaving.abort();
    return END;
  }
}

/** To be closed is the end of a loop; to be closed with an error is not: then that error comes. */
function isEnd(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return code === 'ERR_CHANNEL_CLOSED' && cause === undefined;
}
