/**
 * What a copy on this loop is given.
 *
 * @module
 */
import { CallContext } from '../core/context.ts';
import type { Token } from '../core/token.ts';

/** The items of copies that share no source. */
export const NO_ITEMS: AsyncIterableIterator<never> = {
  next: async () => ({ done: true, value: undefined }),
  return: async () => ({ done: true, value: undefined }),
  [Symbol.asyncIterator]: () => NO_ITEMS,
};

/** The context of a copy on this loop. */
export class InPlaceContext<X> extends CallContext {
  readonly items: AsyncIterableIterator<X>;

  constructor(token: Token, copy: number, items: AsyncIterableIterator<X>) {
    super(token, copy, 1);
    this.items = items;
  }
}
