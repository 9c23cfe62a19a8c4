/**
 * Reads a source one item at a time, synchronous or not behind one face, and closes it once. It is opened when the first item is
 * wanted; at most one item is held and at most one request is out.
 *
 * @module
 */
import { describe } from '../core/arguments.ts';
import type { Source } from './options.ts';

/** Requires something that can be iterated. */
export function requireSource(source: unknown, name: string): void {
  const from = source as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const iterates =
    typeof from?.[Symbol.asyncIterator] === 'function' ||
    typeof from?.[Symbol.iterator] === 'function';
  if (!iterates) throw new TypeError(`Expected ${name} to be iterable: got ${describe(source)}`);
}

/** Who reads: told of what happens later than the call that asked for it. */
export interface Reading {
  /** An item has arrived and is held, or the source has ended. */
  arrived(): void;
  sourceFailed(error: unknown): void;
  /** The source is closed; with an error when its `return()` threw. */
  sourceClosed(failed?: { readonly error: unknown }): void;
}

/** Refuses what `for of` refuses: a result that is no object has no `done`, and would be read for ever. */
function checked<R extends object>(result: R, what = 'next() of the source to give'): R {
  if (typeof result === 'object' && result !== null) return result;
  throw new TypeError(`Expected ${what} an object: got ${describe(result)}`);
}

const NONE: unique symbol = Symbol('none');

/** The reader of one flow. */
export class SourceReader<T> {
  readonly #source: Source<T>;
  readonly #reading: Reading;
  #sync: Iterator<T> | undefined;
  #async: AsyncIterator<T> | undefined;
  #held: T | typeof NONE = NONE;
  #insideNext = false;
  #state: 'reading' | 'dropping' | 'closing' | 'closed' = 'reading';
  /** Items that were taken from the source. */
  pulled = 0;
  /** Whether a request to an asynchronous source is out. */
  pulling = false;
  /** Whether the source has said that it is at its end. */
  exhausted = false;

  constructor(source: Source<T>, reading: Reading) {
    this.#source = source;
    this.#reading = reading;
  }

  /** Gets the iterator; an asynchronous one where there are both. */
  open(): void {
    const source = this.#source as Partial<Iterable<T> & AsyncIterable<T>>;
    this.#async = source[Symbol.asyncIterator]?.();
    if (this.#async === undefined) this.#sync = source[Symbol.iterator]?.();
    checked((this.#sync ?? this.#async) as object, 'the iterator of the source to be');
  }

  get isOpen(): boolean {
    return this.#sync !== undefined || this.#async !== undefined;
  }

  get holds(): boolean {
    return this.#held !== NONE;
  }

  get isClosing(): boolean {
    return this.#state === 'closing';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Gives the item that `look` found. */
  take(): T {
    const item = this.#held as T;
    this.#held = NONE;
    return item;
  }

  /** Whether there is an item to take now. If not, one is on its way, or the source is at its end. */
  look(): boolean {
    if (this.#held !== NONE) return true;
    if (this.exhausted || this.pulling || this.#state !== 'reading') return false;
    if (this.#sync === undefined) {
      this.#request();
      return false;
    }
    this.#insideNext = true;
    let failed: { readonly error: unknown } | undefined;
    try {
      const result = checked(this.#sync.next());
      if (result.done === true) {
        this.exhausted = true;
      } else {
        this.pulled++;
        this.#held = result.value;
      }
    } catch (error) {
      this.exhausted = true;
      failed = { error };
    }
    this.#insideNext = false;
    // The source may have cancelled the flow while it was read: now it can be closed.
    if ((this.#state as string) === 'dropping') this.close();
    if (failed !== undefined) this.#reading.sourceFailed(failed.error);
    return this.holds;
  }

  #request(): void {
    this.pulling = true;
    const request = (async () => checked(await (this.#async as AsyncIterator<T>).next()))();
    request.then(this.#received, this.#refused);
  }

  readonly #received = (result: IteratorResult<T>): void => {
    this.pulling = false;
    if (result.done === true) {
      this.exhausted = true;
    } else if (this.#state === 'reading') {
      this.pulled++;
      this.#held = result.value;
    }
    this.#reading.arrived();
  };

  readonly #refused = (error: unknown): void => {
    this.pulling = false;
    this.#failed(error);
  };

  #failed(error: unknown): void {
    this.exhausted = true;
    this.#reading.sourceFailed(error);
  }

  /** Drops what is held and calls `return()` of the source, once, unless it has ended by itself. */
  close(): void {
    this.#held = NONE;
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#insideNext) {
      this.#state = 'dropping';
      return;
    }
    if (this.exhausted || (this.#sync ?? this.#async)?.return === undefined) {
      this.#state = 'closed';
      return;
    }
    if (this.#async === undefined) this.#closeSync();
    else this.#closeAsync(this.#async);
  }

  #closeSync(): void {
    this.#state = 'closed';
    try {
      this.#sync?.return?.();
    } catch (error) {
      this.#reading.sourceClosed({ error });
    }
  }

  #closeAsync(iterator: AsyncIterator<T>): void {
    this.#state = 'closing';
    const closed = (async () => iterator.return?.())();
    closed.then(
      () => this.#closed(),
      (error: unknown) => this.#closed({ error }),
    );
  }

  #closed(failed?: { readonly error: unknown }): void {
    this.#state = 'closed';
    this.#reading.sourceClosed(failed);
  }
}
