/**
 * The end of a channel that items come out of.
 *
 * @module
 */

import type { WaitBounds } from '../core/bounds.ts';
import { touch } from '../core/kernel.ts';
import type { Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { ConduitIterator } from './conduit-iterator.ts';
import { NOTHING } from './operation.ts';
import type { Pipe } from './pipe.ts';

/** What is in a channel, and who is at its ends. */
export interface ChannelStats {
  readonly buffered: number;
  /** Items that were dropped for want of room, or because the last receiver went. */
  readonly dropped: number;
  readonly senders: number;
  readonly receivers: number;
  readonly waitingSend: number;
  readonly waitingReceive: number;
}

/** Receives items. Each item goes to one receiver. Closing it says that nothing more is wanted here. */
export class Receiver<T> implements AsyncIterable<T>, Disposable, AsyncDisposable {
  readonly #pipe: Pipe<T>;
  #closed = false;
  #readable: ReadableStream<T> | undefined;

  /** @internal Made by `channel`, `Broadcast` and `clone`. */
  constructor(pipe: Pipe<T>) {
    this.#pipe = pipe;
    pipe.receivers++;
  }

  /**
   * Takes the next item, waiting for one.
   *
   * @throws ChannelClosed when nothing is left and nobody sends any more, or this end was closed; or what the channel was closed with
   * @throws Cancelled, TimedOut, the reason of `signal`; no item was taken
   */
  receive(bounds?: WaitBounds): Promise<T> {
    if (this.#closed) return Promise.reject(this.#pipe.closedHere('receive from'));
    return this.#pipe.conduit.get(bounds);
  }

  /**
   * The next item, if there is one.
   *
   * @throws ChannelClosed when this end was closed
   */
  tryReceive(): { readonly value: T } | undefined {
    if (this.#closed) throw this.#pipe.closedHere('receive from');
    const value = this.#pipe.conduit.take();
    return value === NOTHING ? undefined : { value };
  }

  /** @internal Takes back an item that was taken for a worker and did not arrive there: it is the next one again. */
  putBack(item: T): void {
    this.#pipe.conduit.putBack(item, this.#pipe.receivers === 0);
  }

  /** Receiving, as a case of `select`. */
  get received(): Op<T> {
    if (this.#closed) throw this.#pipe.closedHere('receive from');
    return this.#pipe.conduit.taken;
  }

  /** Closes this end. A `receive` that waits goes on waiting, unless this was the last receiver. With the last receiver the channel ends and what is inside is dropped. Further calls do nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pipe.receiverLeft();
  }

  /** Another receiver of the same channel, closed apart; the two share the items. */
  clone(): Receiver<T> {
    if (this.#closed) throw this.#pipe.closedHere('clone');
    return new Receiver(this.#pipe);
  }

  /** Whether nothing more will come: this end was closed, or all was received and nobody sends any more. */
  get closed(): boolean {
    touch(this.#pipe.conduit);
    return this.#closed || this.#pipe.conduit.ended;
  }

  /** How full it is, and who is at its ends. */
  stats(): ChannelStats {
    const { conduit, senders, receivers } = this.#pipe;
    touch(conduit);
    return {
      buffered: conduit.size,
      dropped: conduit.dropped,
      senders,
      receivers,
      waitingSend: conduit.givers,
      waitingReceive: conduit.takers,
    };
  }

  /** Takes items until nothing more comes. Leaving the loop does not close this end. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    if (this.#closed) throw this.#pipe.closedHere('receive from');
    return new ConduitIterator(this.#pipe.conduit, () => !this.#closed);
  }

  /** This end as a stream, which takes an item when it is asked for one; cancelling the stream closes the end. Made on first use. */
  get readable(): ReadableStream<T> {
    this.#readable ??= streamOf(this[Symbol.asyncIterator](), () => this.close());
    return this.#readable;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  static {
    show(Receiver.prototype, (receiver) => {
      const { what, state, ...facts } = receiver.#pipe.conduit.facts;
      return { what: `receiver of ${what}`, state: receiver.#closed ? 'closed' : state, ...facts };
    });
  }
}

function streamOf<T>(items: AsyncIterator<T>, close: () => void): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      pull: async (controller) => {
        const next = await items.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => {
        await items.return?.();
        close();
      },
    },
    { highWaterMark: 0 },
  );
}
