/**
 * What one end of a line has to say, on its way out.
 *
 * @module
 */

/** So many messages travel together at most. */
const FULL = 64;

/** Posts messages together, in their order. */
export type PostAll = (messages: readonly unknown[], transfer?: readonly unknown[]) => void;

/**
 * Messages that a turn sends travel together, if they hold nothing but primitives: they leave when the turn ends, or when there are many. A message
 * with anything else in it leaves at once, behind those that wait, because only the clone can say whether it can be sent, and because its sender may
 * change it.
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
    if (transfer !== undefined || ++this.#sent <= this.#atOnce || !isSmall(message)) {
      this.flush();
      this.#postAll([message], transfer);
      return;
    }
    this.#messages.push(message);
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

/** Whether it holds nothing but some primitives, which everybody can clone. An array in it is one of the protocol: nobody else has it. */
function isSmall(message: readonly unknown[]): boolean {
  return message.every(
    (part) =>
      isPrimitive(part) || (Array.isArray(part) && part.length <= FULL && part.every(isPrimitive)),
  );
}

function isPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'object':
      return value === null;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}
