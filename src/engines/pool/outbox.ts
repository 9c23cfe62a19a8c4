/**
 * What one end of a line has to say, on its way out.
 *
 * @module
 */
import { isPrimitive } from './primitive.ts';
import { smallCopy } from './small-copy.ts';

/** So many messages travel together at most. */
export const FULL = 64;

/** Posts messages together, in their order. */
export type PostAll = (messages: readonly unknown[], transfer?: readonly unknown[]) => void;

/**
 * Messages that a turn sends travel together: they leave when the turn ends, or when there are many. One that holds more than primitives and
 * small plain objects leaves at once, behind those that wait, because only the clone can say whether it can be sent, and because its
 * sender may change it.
 */
export class Outbox {
  readonly #postAll: PostAll;
  readonly #atOnce: number;
  #messages: unknown[] = [];
  /** Sent in this turn. */
  #sent = 0;
  #isTurn = false;

  /**
   * @param atOnce so many messages of a turn leave at once: a body that keeps its turn for long is heard all the same, unless it says very much
   */
  constructor(postAll: PostAll, atOnce: number) {
    this.#postAll = postAll;
    this.#atOnce = atOnce;
  }

  /** @throws whatever the clone throws, at once; this message was not sent then, those before it were */
  send(message: readonly unknown[], transfer: readonly unknown[] | undefined): void {
    if (!this.#isTurn) {
      this.#isTurn = true;
      queueMicrotask(this.#endTurn);
    }
    const isLate = transfer === undefined && ++this.#sent > this.#atOnce;
    const kept = isLate ? keptOf(message) : undefined;
    if (kept === undefined) {
      this.flush();
      this.#postAll([message], transfer);
      return;
    }
    this.#messages.push(kept);
    if (this.#messages.length >= FULL) this.flush();
  }

  readonly #endTurn = (): void => {
    this.#isTurn = false;
    this.#sent = 0;
    this.flush();
  };

  /** Posts what waits. */
  flush(): void {
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    this.#messages = [];
    this.#postAll(messages);
  }
}

/** What of a message can wait: nobody can change it, and every clone takes it. An array in it is one of the protocol; what is in that is not. */
function keptOf(message: readonly unknown[]): readonly unknown[] | undefined {
  const kept: unknown[] = [];
  for (const part of message) {
    if (isPrimitive(part)) kept.push(part);
    else {
      const parts = Array.isArray(part) && part.length <= FULL ? copiesOf(part) : undefined;
      if (parts === undefined) return undefined;
      kept.push(parts);
    }
  }
  return kept;
}

function copiesOf(values: readonly unknown[]): readonly unknown[] | undefined {
  const copies: unknown[] = [];
  for (const value of values) {
    const copy = isPrimitive(value) ? value : smallCopy(value);
    if (copy === undefined && value !== undefined) return undefined;
    copies.push(copy);
  }
  return copies;
}
