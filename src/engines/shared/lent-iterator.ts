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
      const result = this.#over ? undefined : await this.#close('the worker has left it', ...args);
      return result === undefined ? { value: args[0], done: true } : this.#seen(result);
    });
  }

  /** In a place of its own that the cancellation does not reach: a `finally` may wait for the library, too. */
  async #close(reason: string, ...args: [] | [unknown]): Promise<Result> {
    const [open, token] = [this.#open as OpenSource<unknown>, this.#token as Token];
    this.#over = true;
    token.cancel(reason);
    const closing = new Token(token.name, token, 'part', true);
    const reading = this.#reads.size === 0 ? undefined : Promise.allSettled(this.#reads);
    try {
      return await closing.run(() => closeSource(open, reading, reason, ...args));
    } finally {
      closing.close();
      token.close();
    }
  }

  /** It has ended by itself. */
  #end(): void {
    this.#over = true;
    this.#token?.close();
  }

  tell(): void {}

  end(): void {
    const [token, context] = [this.#token, this.#context];
    if (this.#over || token === undefined) return;
    const scope = token.scope as OpenScope;
    scope.lodge();
    let isLeft = false;
    const leave = (): void => {
      if (isLeft) return;
      isLeft = true;
      watch.stop();
      scope.leave();
    };
    const watch = new GraceWatch(token, DEFAULT_GRACE, (stuck) => {
      warn(stuck);
      leave();
    });
    // The call has ended: nobody is left to hear that its source did not close well.
    const closed = context?.inContext(() => this.#close('the call has ended'));
    watch.start();
    closed?.then(leave, leave);
  }
}

function iterableOf(object: object): Source<unknown> {
  const from = object as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
  const iterates = from[Symbol.asyncIterator] ?? from[Symbol.iterator];
  return iterates === undefined
    ? { [Symbol.asyncIterator]: () => object as AsyncIterator<unknown> }
    : (object as Source<unknown>);
}
