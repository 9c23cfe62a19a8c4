/**
 * The end of a channel that items go into.
 *
 * @module
 */

import type { WaitBounds } from '../core/bounds.ts';
import { touch } from '../core/kernel.ts';
import type { Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import type { Pipe } from './pipe.ts';

/** Sends items. Closing it says that no more will come from here. */
export class Sender<T> implements Disposable, AsyncDisposable {
  readonly #pipe: Pipe<T>;
  #closed = false;
  #writable: WritableStream<T> | undefined;

  /** @internal Made by `channel` and `clone`. */
  constructor(pipe: Pipe<T>) {
    this.#pipe = pipe;
    pipe.senders++;
  }

  /**
   * Sends an item, waiting for room, or with capacity 0 for a receiver.
   *
   * @throws ChannelClosed when the channel has no receiver any more, or was closed, or this end was; the item was not sent
   * @throws WouldBlock when it is full and `overflow` is `'reject'`
   * @throws Cancelled, TimedOut, the reason of `signal`; the item was not sent
   */
  send(item: T, bounds?: WaitBounds): Promise<void> {
    if (this.#closed) return Promise.reject(this.#pipe.closedHere('send into'));
    return this.#pipe.conduit.put(item, bounds);
  }

  /**
   * Sends an item if that needs no waiting.
   *
   * @throws ChannelClosed
   */
  trySend(item: T): boolean {
    if (this.#closed) throw this.#pipe.closedHere('send into');
    return this.#pipe.conduit.offer(item);
  }

  /** Sending an item, as a case of `select`. */
  sending(item: T): Op<void> {
    if (this.#closed) throw this.#pipe.closedHere('send into');
    return this.#pipe.conduit.giving(item);
  }

  /**
   * Closes this end. A `send` that waits goes on waiting, unless this was the last sender. With the last sender the channel ends; with an error it ends for everybody at once, and receivers get the error
   * after the items that are inside. Further calls do nothing.
   */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    if (error !== undefined) this.#pipe.conduit.close(true, error);
    this.#pipe.senderLeft();
  }

  /** Another sender of the same channel, closed apart. */
  clone(): Sender<T> {
    if (this.#closed) throw this.#pipe.closedHere('clone');
    return new Sender(this.#pipe);
  }

  /** Whether sending is over: this end was closed, or nobody receives any more. */
  get closed(): boolean {
    touch(this.#pipe.conduit);
    return this.#closed || this.#pipe.conduit.closed;
  }

  /** This end as a stream; closing or aborting the stream closes the end. Made on first use. */
  get writable(): WritableStream<T> {
    this.#writable ??= new WritableStream<T>({
      // A stream that is aborted waits for the write that is under way.
      write: (item, controller) =>
        this.send(item, { signal: (controller as { readonly signal?: AbortSignal }).signal }),
      close: () => this.close(),
      abort: (reason) => this.close(reason ?? this.#pipe.aborted()),
    });
    return this.#writable;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  static {
    show(Sender.prototype, (sender) => {
      const { what, state, ...facts } = sender.#pipe.conduit.facts;
      return { what: `sender of ${what}`, state: sender.#closed ? 'closed' : state, ...facts };
    });
  }
}
