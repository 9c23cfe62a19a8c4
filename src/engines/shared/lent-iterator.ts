/**
 * An iterator, or something that can be iterated, that is lent.
 *
 * @module
 */
import { DEFAULT_GRACE, GraceWatch } from '../../core/grace.ts';
import type { OpenScope } from '../../core/open-scope.ts';
import {
  checked,
  closeSource,
  type OpenSource,
  openSource,
  type Source,
} from '../../core/source.ts';
import { currentToken, Token } from '../../core/token.ts';
import { warn } from '../../runtime/runtime.ts';
import type { Asking, Lent, Operation } from './lent.ts';
import { thrownElsewhere } from './thrown.ts';

type AnyIterator = Partial<Iterator<unknown, unknown, unknown>> &
  Partial<AsyncIterator<unknown, unknown, unknown>>;

type Result = IteratorResult<unknown> | undefined;

/**
 * Is opened when the worker wants the first item, read in the context of the call, and closed once if the worker did not read it to its end:
 * a read that is out ends then, as in every flow.
 */
export class LentIterator implements Lent {
  readonly object: object;
  #open: OpenSource<unknown> | undefined;
  /** What the source waits for in the library ends with it. */
  #token: Token | undefined;
  #over = false;
  readonly #reads = new Set<Promise<unknown>>();
  #context: Asking | undefined;
  /** Its closing, while that lasts, and where that happens. */
  #closing: Promise<void> | undefined;
  #place: Token | undefined;

  readonly asks: Readonly<Record<string, Operation<never>>> = {
    next: { run: (_, args, about) => this.#step('next', args, about) },
    return: { run: (_, args, about) => this.#leave(args as [] | [unknown], about) },
    throw: {
      run: (_, [error], about) => this.#step('throw', [thrownElsewhere(error)], about),
    },
  };

  constructor(object: object) {
    this.object = object;
  }

  #enter<R>(about: Asking, fn: (open: OpenSource<unknown>) => R): R {
    this.#context = about;
    return about.inContext(() => {
      this.#token ??= new Token('an iterator in a worker', currentToken(), 'part');
      return this.#token.run(() => {
        this.#open ??= openSource(iterableOf(this.object));
        return fn(this.#open);
      });
    });
  }

  #step(method: 'next' | 'throw', args: readonly unknown[], about: Asking): Promise<unknown> {
    return this.#enter(about, async ({ async, sync }) => {
      const iterator = (async ?? sync) as AnyIterator;
      const step = iterator[method] as ((...args: unknown[]) => Promise<Result>) | undefined;
      if (step === undefined) {
        this.#end();
        throw args[0];
      }
      const read = (async () => step.apply(iterator, [...args]))();
      this.#reads.add(read);
      try {
        return await this.#seen(checked(await read, 'what the iterator gives'));
      } finally {
        this.#reads.delete(read);
      }
    });
  }

  async #seen(result: IteratorResult<unknown>): Promise<unknown> {
    const isLast = result.done === true;
    if (isLast) this.#end();
    return { value: await result.value, done: isLast };
  }

  #leave(args: [] | [unknown], about: Asking): Promise<unknown> {
    return this.#enter(about, async () => {
      // Whoever leaves it once more waits for its end, too.
      if (this.#over) await this.#closing;
      const result = this.#over ? undefined : await this.#close('the worker has left it', ...args);
      return result === undefined ? { value: args[0], done: true } : this.#seen(result);
    });
  }

  #close(reason: string, ...args: [] | [unknown]): Promise<Result> {
    this.#over = true;
    const closing = this.#closeIn(this.#token as Token, reason, args);
    const done = (): void => {
      this.#closing = undefined;
    };
    this.#closing = closing.then(done, done);
    return closing;
  }

  /** In a place of its own that the cancellation does not reach: a `finally` may wait for the library, too. */
  async #closeIn(token: Token, reason: string, args: [] | [unknown]): Promise<Result> {
    token.cancel(reason);
    const place = new Token(token.name, token, 'part', true);
    this.#place = place;
    const reading = this.#reads.size === 0 ? undefined : Promise.allSettled(this.#reads);
    try {
      const open = this.#open as OpenSource<unknown>;
      return await place.run(() => closeSource(open, reading, reason, ...args));
    } finally {
      this.#end();
    }
  }

  /** It has ended. */
  #end(): void {
    this.#over = true;
    this.#place?.close();
    this.#token?.close();
  }

  tell(): void {}

  end(): void {
    if (!this.#over && this.#token !== undefined) {
      // The call has ended: nobody is left to hear that its source did not close well.
      const close = (): Promise<Result> => this.#close('the call has ended');
      this.#context?.inContext(close).catch(() => undefined);
    }
    if (this.#closing !== undefined) this.#outlive(this.#closing);
  }

  /** The scope of the call waits for the closing, but no longer than for anything else. */
  #outlive(closing: Promise<void>): void {
    const token = this.#token as Token;
    const scope = token.scope as OpenScope;
    scope.lodge();
    const watch = new GraceWatch(token, DEFAULT_GRACE, (stuck) => {
      warn(stuck);
      this.#place?.cancel(stuck);
      this.#end();
      scope.leave();
    });
    void closing.then(() => {
      if (!watch.waiting) return;
      watch.stop();
      scope.leave();
    });
  }
}

function iterableOf(object: object): Source<unknown> {
  const from = object as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
  const iterates = from[Symbol.asyncIterator] ?? from[Symbol.iterator];
  return iterates === undefined
    ? { [Symbol.asyncIterator]: () => object as AsyncIterator<unknown> }
    : (object as Source<unknown>);
}
