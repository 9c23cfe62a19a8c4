/**
 * The source that several copies share, read for all of them by one reader.
 *
 * @module
 */

import { describe } from '../core/arguments.ts';
import { captureContext } from '../core/token.ts';
import { monotonicNow } from '../runtime/runtime.ts';

/** What can be shared out. */
export type SharedSource<T> = Iterable<T> | AsyncIterable<T>;

/** Requires something that can be iterated. */
export function requireShared(source: unknown): void {
  const from = source as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  if (typeof from?.[Symbol.asyncIterator] === 'function') return;
  if (typeof from?.[Symbol.iterator] === 'function') return;
  throw new TypeError(`Expected source to be iterable: got ${describe(source)}`);
}

/** Pulling from an iterator may block the loop: other copies wait meanwhile. */
const LONGEST_PULL_MS = 0.5;
/** Looking at the clock costs as much as pulling some items. */
const PULLS_PER_LOOK = 8;

/**
 * Opens the source when the first item is wanted, in the context in which it was made, and closes it once. At most one request to
 * an asynchronous source is out.
 */
export class ItemsSource<T> {
  readonly #source: SharedSource<T>;
  readonly #context = captureContext();
  /** Called when something has arrived, or the source has ended. */
  readonly #arrived: (items: readonly T[]) => void;
  #sync: Iterator<T> | undefined;
  #async: AsyncIterator<T> | undefined;
  #opened = false;
  #requested = false;
  #closing: Promise<void> | undefined;
  /** Nothing more will come. */
  ended = false;
  /** What it failed with. */
  failure: { readonly error: unknown } | undefined;

  constructor(source: SharedSource<T>, arrived: (items: readonly T[]) => void) {
    this.#source = source;
    this.#arrived = arrived;
  }

  /**
   * Items at once, if the source can give any: at least one and at most `most`, fewer when it is slow. Otherwise one was asked for, or
   * the source has ended.
   */
  pull(most: number): T[] {
    if (this.ended) return [];
    return this.#context.runInAsyncScope(this.#pull, undefined, most);
  }

  readonly #pull = (most: number): T[] => {
    const items: T[] = [];
    try {
      if (!this.#opened) this.#open();
      if (this.#sync === undefined) this.#request();
      else this.#take(this.#sync, items, most);
    } catch (error) {
      this.#fail(error);
    }
    return items;
  };

  #open(): void {
    this.#opened = true;
    const source = this.#source as Partial<Iterable<T> & AsyncIterable<T>>;
    this.#async = source[Symbol.asyncIterator]?.();
    if (this.#async === undefined) this.#sync = source[Symbol.iterator]?.();
    checked(this.#async ?? this.#sync, 'the iterator of the source');
  }

  #take(from: Iterator<T>, items: T[], most: number): void {
    const begun = most > PULLS_PER_LOOK ? monotonicNow() : 0;
    while (items.length < most) {
      const result = checked(from.next(), 'what next() of the source gives');
      if (result.done === true) {
        this.ended = true;
        return;
      }
      items.push(result.value);
      const look = items.length % PULLS_PER_LOOK === 0;
      if (look && monotonicNow() - begun > LONGEST_PULL_MS) return;
      // The source may have closed itself.
      if (this.ended) return;
    }
  }

  #request(): void {
    if (this.#requested) return;
    this.#requested = true;
    const next = async (): Promise<IteratorResult<T>> =>
      checked(await this.#async?.next(), 'what next() of the source gives');
    next().then(
      (result) => {
        this.#requested = false;
        if (result.done === true) this.ended = true;
        this.#arrived(result.done === true ? [] : [result.value]);
      },
      (error: unknown) => {
        this.#requested = false;
        this.#fail(error);
        this.#arrived([]);
      },
    );
  }

  #fail(error: unknown): void {
    this.ended = true;
    this.failure ??= { error };
  }

  /** Ends it: calls `return()` of the iterator once, unless it was not opened or has ended by itself. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const open = this.#opened && !this.ended;
    this.ended = true;
    if (!open) return;
    const iterator = this.#async ?? this.#sync;
    await this.#context.runInAsyncScope(async () => {
      await iterator?.return?.();
    });
  }
}

/** Refuses what `for of` refuses: a result that is no object has no `done`, and would be read for ever. */
function checked<R>(result: R | undefined, what: string): R {
  if (typeof result === 'object' && result !== null) return result;
  throw new TypeError(`Expected ${what} to be an object: got ${describe(result)}`);
}
