/**
 * Reads a source one item at a time, synchronous or not behind one face, and closes it once. It is opened when the first item is
 * wanted; at most one item is held and at most one request is out. Flows have one each, and the copies of `concurrently` share one.
 *
 * @module
 */
import {
  checked,
  closeSource,
  isClosing,
  type OpenSource,
  openSource,
  type Source,
} from './source.ts';
import { Token } from './token.ts';

/** Who reads: told of what happens later than the call that asked for it. */
export interface Reading<T> {
  /** Where it is read: what the source waits for in the library ends when this is cancelled. */
  readonly token: Token;
  /** What reports call it. */
  readonly sourceName: string;
  /** Calls back into the context in which it is read. */
  enter<R>(fn: () => R): R;
  /** An item has arrived and is held, or the source has ended. */
  arrived(): void;
  /** An item has arrived that nobody wants any more. */
  arrivedLate?(item: T): void;
  sourceFailed(error: unknown): void;
  /** The source is closed; with an error when it failed to. */
  sourceClosed(failed?: { readonly error: unknown }): void;
}

const NONE: unique symbol = Symbol('none');

/** The one reader of a source. */
export class SourceReader<T> {
  readonly #source: Source<T>;
  readonly #reading: Reading<T>;
  #open: OpenSource<T> | undefined;
  #sync: Iterator<T> | undefined;
  #async: AsyncIterator<T> | undefined;
  #held: T | typeof NONE = NONE;
  /** The one that is out. */
  #request: Promise<IteratorResult<T>> | undefined;
  #insideNext = false;
  #state: 'reading' | 'dropping' | 'closing' | 'closed' = 'reading';
  #closing: Token | undefined;
  /** Items that were taken from the source. */
  pulled = 0;
  /** Whether a request to an asynchronous source is out. */
  pulling = false;
  /** Whether the source has ended by itself. What it says after it was told to close is no end: there might have been more. */
  exhausted = false;

  constructor(source: Source<T>, reading: Reading<T>) {
    this.#source = source;
    this.#reading = reading;
  }

  /** Opens the source. */
  open(): void {
    this.#open = openSource(this.#source);
    this.#sync = this.#open.sync;
    this.#async = this.#open.async;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
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

  /** Whether it waits for what the source has to say. */
  get isBusy(): boolean {
    return this.pulling || this.#state === 'closing';
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
      this.#ask();
      return false;
    }
    this.#insideNext = true;
    let failed: { readonly error: unknown } | undefined;
    try {
      const result = checked(this.#sync.next(), 'what next() of the source gives');
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
    // The source may have cancelled its reader while it was read: now it can be closed.
    if ((this.#state as string) === 'dropping') this.close();
    if (failed !== undefined) this.#reading.sourceFailed(failed.error);
    return this.holds;
  }

  #ask(): void {
    this.pulling = true;
    this.#request = (async () =>
      checked(await this.#async?.next(), 'what next() of the source gives'))();
    this.#request.then(this.#received, this.#refused);
  }

  readonly #received = (result: IteratorResult<T>): void => {
    this.pulling = false;
    this.#request = undefined;
    if (this.#state === 'reading') {
      if (result.done === true) {
        this.exhausted = true;
      } else {
        this.pulled++;
        this.#held = result.value;
      }
    } else if (result.done !== true) {
      this.#reading.arrivedLate?.(result.value);
    }
    this.#reading.arrived();
  };

  readonly #refused = (error: unknown): void => {
    this.pulling = false;
    this.#request = undefined;
    if (this.#state === 'reading') this.exhausted = true;
    // It was told to close: that the read ended with it is what was wanted.
    else if (isClosing(error)) {
      this.#reading.arrived();
      return;
    }
    this.#reading.sourceFailed(error);
  };

  /**
   * Drops what is held, ends a read that is out and closes the source, once, unless it has ended by itself.
   *
   * @param reason for sources whose owner may look at it
   */
  close(reason?: unknown): void {
    this.#held = NONE;
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#insideNext) {
      this.#state = 'dropping';
      return;
    }
    const open = this.#open;
    if (this.exhausted || open === undefined) this.#state = 'closed';
    else if (open.sync !== undefined) this.#closeSync(open.sync);
    else if (open.async?.return === undefined && open.stop === undefined) this.#state = 'closed';
    else this.#closeAsync(open, reason);
  }

  #closeSync(iterator: Iterator<T>): void {
    this.#state = 'closed';
    try {
      this.#reading.enter(() => iterator.return?.());
    } catch (error) {
      this.#reading.sourceClosed({ error });
    }
  }

  /** In a place of its own that the cancellation does not reach: a `finally` may wait for the library, too. */
  #closeAsync(open: OpenSource<T>, reason: unknown): void {
    this.#state = 'closing';
    const { token, sourceName } = this.#reading;
    const close = (): Promise<unknown> => {
      const closing = new Token(sourceName, token, 'part', true);
      this.#closing = closing;
      return closing.run(() => closeSource(open, this.#request, reason));
    };
    this.#reading.enter(close).then(
      () => this.#closed(),
      (error: unknown) => this.#closed({ error }),
    );
  }

  #closed(failed?: { readonly error: unknown }): void {
    this.#state = 'closed';
    this.#closing?.close();
    this.#reading.sourceClosed(failed);
  }

  /** Nobody waits any longer for it to close: what it still waits for in the library ends. */
  abandon(reason: unknown): void {
    this.#closing?.cancel(reason);
    this.#closing?.close();
  }
}
