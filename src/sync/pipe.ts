/**
 * What the ends of a channel share: the conduit between them, and how many handles each side has.
 *
 * @module
 */
import { ChannelClosed } from '../core/errors.ts';
import { touch } from '../core/kernel.ts';
import type { Conduit } from './conduit.ts';

/** A conduit with two sides; each is closed with its last handle. */
export class Pipe<T> {
  readonly conduit: Conduit<T>;
  senders = 0;
  receivers = 0;
  readonly #deserted: (() => void) | undefined;

  /** @param deserted called when the last receiver has gone */
  constructor(conduit: Conduit<T>, deserted?: () => void) {
    this.conduit = conduit;
    this.#deserted = deserted;
  }

  /** A sender was closed. Without another one nothing will come any more. */
  senderLeft(): void {
    touch(this.conduit);
    if (--this.senders === 0) this.conduit.close(false);
  }

  /** A receiver was closed. Without another one nobody will take what is inside. */
  receiverLeft(): void {
    touch(this.conduit);
    if (--this.receivers > 0) return;
    this.conduit.close(false);
    this.conduit.discard();
    this.#deserted?.();
  }

  /** What receivers get when a stream of senders was aborted without a reason. */
  aborted(): ChannelClosed {
    return new ChannelClosed(`Cannot take more from ${this.conduit.label}: its stream was aborted`);
  }

  /** The error of who uses a handle after closing it. */
  closedHere(action: string): ChannelClosed {
    return new ChannelClosed(
      `Cannot ${action} ${this.conduit.label}: this end of it has been closed`,
    );
  }
}
