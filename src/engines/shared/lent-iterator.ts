/**
 * An iterator, or something that can be iterated, that is lent.
 *
 * @module
 */
import type { Asking, Lent, Operation } from './lent.ts';
import { thrownElsewhere } from './thrown.ts';

type AnyIterator = Partial<Iterator<unknown, unknown, unknown>> &
  Partial<AsyncIterator<unknown, unknown, unknown>>;

/** Is opened when the worker wants the first item, read in the context of the call, and closed once if the worker did not read it to its end. */
export class LentIterator implements Lent {
  readonly object: object;
  #iterator: AnyIterator | undefined;
  #over = false;
  /** The first `return()`: whoever leaves after that waits for its end, too. */
  #closing: Promise<unknown> | undefined;
  #context: Asking | undefined;

  readonly asks: Readonly<Record<string, Operation<never>>> = {
    next: { run: (_, args, about) => this.#step('next', args, about) },
    return: { run: (_, args, about) => this.#step('return', args, about) },
    throw: {
      run: (_, [error], about) => this.#step('throw', [thrownElsewhere(error)], about),
    },
  };

  constructor(object: object) {
    this.object = object;
  }

  #step(method: 'next' | 'return' | 'throw', args: readonly unknown[], about: Asking): unknown {
    this.#context = about;
    return about.inContext(async () => {
      if (method === 'return') return this.#close(args);
      const iterator = this.#open();
      const step = iterator[method] as ((...args: unknown[]) => unknown) | undefined;
      if (step === undefined) {
        this.#over = true;
        if (method === 'throw') throw args[0];
        return { value: undefined, done: true };
      }
      const result = (await step.apply(iterator, [...args])) as IteratorResult<unknown>;
      if (result.done === true) this.#over = true;
      return { value: await result.value, done: result.done === true };
    });
  }

  async #close([value]: readonly unknown[]): Promise<IteratorResult<unknown>> {
    const isFirst = !this.#over;
    this.#over = true;
    if (isFirst) {
      const iterator = this.#open();
      if (iterator.return !== undefined) {
        const closing = Promise.resolve(iterator.return(value as never));
        this.#closing = closing;
        const result = (await closing) as IteratorResult<unknown>;
        return { value: await result.value, done: result.done === true };
      }
    } else await this.#closing?.catch(() => undefined);
    return { value, done: true };
  }

  #open(): AnyIterator {
    if (this.#iterator === undefined) {
      const from = this.object as AnyIterator & Partial<Iterable<unknown> & AsyncIterable<unknown>>;
      this.#iterator = (from[Symbol.asyncIterator]?.() ??
        from[Symbol.iterator]?.() ??
        from) as AnyIterator;
    }
    return this.#iterator;
  }

  tell(): void {}

  end(): void {
    const iterator = this.#iterator;
    if (iterator === undefined || this.#over) return;
    this.#over = true;
    // The call has ended: nobody is left to hear that its source did not close well.
    const close = async (): Promise<unknown> => iterator.return?.();
    void this.#context?.inContext(close).catch(() => undefined);
  }
}
