/**
 * One lent object, as its owner keeps it.
 *
 * @module
 */

/** What asking for something is like. */
export interface Operation<O extends object = never> {
  /** Does it, in a token of its own: to cancel the token withdraws it. */
  readonly run: (object: O, args: readonly unknown[], about: Asking) => unknown;
  /**
   * Undoes it when what it gave did not arrive: the worker died, or it cannot be cloned. With this, arrival is confirmed.
   */
  readonly takeBack?: (object: O, value: unknown) => void;
  /** Ends what the worker no longer wants when it was done all the same. Without it, what was done stands and is answered. */
  readonly drop?: (value: unknown, about: Asking) => void;
}

/** One question, as operations see it. */
export interface Asking {
  readonly question: number;
  /** Aborts when the worker wants it back; made on first use. */
  readonly signal: AbortSignal;
  /** Calls back into the context of whoever made the call. */
  inContext<R>(fn: () => R): R;
  /** Keeps something that has to be released when the call ends, under the number of the question. */
  keep(release: (how?: unknown) => void): void;
  /** Releases it now. */
  release(): void;
}

/** An object that is lent. */
export interface Lent {
  /** Operations by name. */
  readonly asks: Readonly<Record<string, Operation<never>>>;
  /** What it is told without an answer. */
  tell(method: string, args: readonly unknown[]): void;
  readonly object: object;
  /** What its proxy must know from the start. */
  readonly state?: unknown;
  /** A line was connected, perhaps a second one: says what has happened since it was packed. */
  connected?(): void;
  /** Something that the worker has said was lost: what comes after it must not be taken for the next. The call has failed. */
  missed?(): void;
  /** The call has ended. */
  end?(): void;
}
