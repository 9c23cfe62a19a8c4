/**
 * Limits of somebody else that a call must pass: another limiter, a rate that others use too. They are asked on behalf of the head of the line and of
 * nobody else, so the line stays where it is: a higher priority overtakes, `clear` reaches everybody, and a line that has become empty takes
 * its request back before it has used up a start.
 *
 * @module
 */
import type { Runner } from '../core/runner.ts';
import { inFrame, rootToken, Token } from '../core/token.ts';

/** Who is asked. */
export interface DoorRules {
  /** Holds the place until the call has settled. */
  readonly limit: Runner | undefined;
  /** Asked after `limit`, immediately before the start. */
  readonly rate: Runner | undefined;
}

/** Whose line it is. */
export interface DoorOwner {
  /** What errors and the task tree call it. */
  readonly label: string;
  /** Starts the head of the line, and gives what settles with it. */
  admit(): unknown;
  /** The head of the line cannot be let in, ever. */
  turnAway(error: unknown): void;
}

/** The way in through the limits of others. */
export class Door {
  readonly #rules: DoorRules;
  readonly #owner: DoorOwner;
  /**
   * In whose name is asked, while nobody has answered; cancelled when the request is taken back. A signal that nobody has in force would cost each start a
   * token of its own.
   */
  #asking: Token | undefined;
  #key: unknown;

  constructor(rules: DoorRules, owner: DoorOwner) {
    this.#rules = rules;
    this.#owner = owner;
  }

  /** A call with this key is the next that may start. */
  ask(key: unknown): void {
    if (this.#asking !== undefined && this.#key === key) return;
    this.takeBack();
    const token = new Token(this.#owner.label, rootToken, 'part');
    this.#asking = token;
    this.#key = key;
    // Not in the name of whoever made the line move: it belongs to no scope in particular.
    inFrame({ token, bindings: undefined }, async () => this.#pass(token)).then(
      () => this.#answered(token, new TypeError(BROKEN_CONTRACT)),
      (error: unknown) => this.#answered(token, error),
    );
  }

  /** Nobody may start now. */
  takeBack(): void {
    const token = this.#asking;
    this.#asking = undefined;
    token?.cancel('nobody is expected any more');
  }

  #pass(token: Token): unknown {
    const { limit, rate } = this.#rules;
    const options = { signal: token.signal, key: this.#key };
    const start = (): unknown => this.#start(token);
    if (rate === undefined) return limit?.run(start, options);
    if (limit === undefined) return rate.run(() => void start(), options);
    return limit.run(async () => {
      let end: unknown;
      await rate.run(() => {
        end = start();
      }, options);
      return end;
    }, options);
  }

  /** It is open, for this moment. */
  #start(token: Token): unknown {
    if (this.#asking !== token) return undefined;
    // Nothing takes it back any more, however long the call is at work.
    this.#asking = undefined;
    token.close();
    return this.#owner.admit();
  }

  /** A runner that settles without having called us will not let anybody in. */
  #answered(token: Token, error: unknown): void {
    token.close();
    if (this.#asking !== token) return;
    this.#asking = undefined;
    this.#owner.turnAway(error);
  }
}

const BROKEN_CONTRACT = 'Expected run of the limiter to call the function that it was given';
