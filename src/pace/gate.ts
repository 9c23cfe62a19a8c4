/**
 * What a call must pass beside the number of a limiter: another limiter, a rate, a spacing. The gate asks on behalf of the head of the line
 * and of nobody else, so the line stays where it is: a higher priority overtakes, `clear` reaches everybody, and a line that has become
 * empty takes its request back before it has used up a start.
 *
 * @module
 */
import type { Timer } from '../core/clock.ts';
import { kernel } from '../core/kernel.ts';
import type { Runner } from '../core/runner.ts';
import { inFrame, rootToken, Token } from '../core/token.ts';

/** What a gate lets through. */
export interface GateRules {
  /** Holds the place until the call has settled. */
  readonly limit: Runner | undefined;
  /** Asked after `limit`, immediately before the start. */
  readonly rate: Runner | undefined;
  /** Milliseconds between two starts. */
  readonly spacing: number;
}

/** Whose gate it is. */
export interface GateOwner {
  /** What errors and the task tree call it. */
  readonly label: string;
  /** Starts the head of the line, and gives what settles with it. */
  admit(): unknown;
  /** The gate cannot let the head of the line in, ever. */
  turnAway(error: unknown): void;
}

/** One request at the gate. */
interface Request {
  readonly key: unknown;
  /** Cancelled when the request is taken back. A signal that nobody has in force would cost each start a token of its own. */
  readonly token: Token;
  timer: Timer | undefined;
  asked: boolean;
  over: boolean;
}

/** The gate of one limiter. */
export class Gate {
  readonly #rules: GateRules;
  readonly #owner: GateOwner;
  #request: Request | undefined;
  #lastStart = Number.NEGATIVE_INFINITY;
  /** A function is being called, and when it began is not known yet. */
  #starting = false;
  /** Who was expected meanwhile. */
  #expected: { readonly key: unknown } | undefined;

  constructor(rules: GateRules, owner: GateOwner) {
    this.#rules = rules;
    this.#owner = owner;
  }

  /** A call with this key is the next that may start. */
  expect(key: unknown): void {
    if (this.#starting) {
      this.#expected = { key };
      return;
    }
    if (this.#request !== undefined && this.#request.key === key) return;
    this.expectNobody();
    const request: Request = {
      key,
      token: new Token(this.#owner.label, rootToken, 'part'),
      timer: undefined,
      asked: false,
      over: false,
    };
    this.#request = request;
    this.#wait(request);
  }

  /** Until the last start is far enough away; when the clock has gone back, that start goes back with it. */
  #wait(request: Request): void {
    const now = kernel.clock.now();
    this.#lastStart = Math.min(this.#lastStart, now);
    const at = this.#lastStart + this.#rules.spacing;
    if (now >= at) this.#ask(request);
    else request.timer = kernel.clock.at(at, () => this.#wait(request));
  }

  /** Nobody may start now: the request is taken back. */
  expectNobody(): void {
    this.#expected = undefined;
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    request.over = true;
    request.timer?.stop();
    request.token.cancel('nobody is expected any more');
    if (!request.asked) request.token.close();
  }

  /** Not in the name of whoever made the line move: it belongs to no scope in particular. */
  #ask(request: Request): void {
    request.asked = true;
    inFrame({ token: request.token, bindings: undefined }, async () => this.#pass(request)).then(
      () => this.#answered(request, new TypeError(BROKEN_CONTRACT)),
      (error: unknown) => this.#answered(request, error),
    );
  }

  #pass(request: Request): unknown {
    const { limit, rate } = this.#rules;
    const options = { signal: request.token.signal, key: request.key };
    const start = (): unknown => this.#start(request);
    if (limit === undefined && rate === undefined) return start();
    if (rate === undefined) return limit?.run(start, options);
    if (limit === undefined) return rate.run(() => void start(), options);
    return limit.run(async () => {
      let started: { readonly end: unknown } | undefined;
      await rate.run(() => {
        started = { end: start() };
      }, options);
      return started?.end;
    }, options);
  }

  /** The gate is open, for this moment. */
  #start(request: Request): unknown {
    if (request.over) return undefined;
    request.over = true;
    // Nothing takes it back any more, however long the call is at work.
    request.token.close();
    this.#request = undefined;
    this.#starting = true;
    try {
      return this.#owner.admit();
    } finally {
      this.#started();
    }
  }

  /** The start lies between two looks at the clock; the later one is safe. The line may have moved in between. */
  #started(): void {
    this.#lastStart = kernel.clock.now();
    this.#starting = false;
    const expected = this.#expected;
    this.#expected = undefined;
    if (expected !== undefined) this.expect(expected.key);
  }

  /** A runner that settles without having called us will not let anybody in. */
  #answered(request: Request, error: unknown): void {
    request.token.close();
    if (request.over) return;
    this.expectNobody();
    this.#owner.turnAway(error);
  }
}

const BROKEN_CONTRACT = 'Expected run of the limiter to call the function that it was given';
