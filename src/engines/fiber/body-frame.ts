/**
 * The scope of one body, opened when somebody looks for it: most bodies of fibers start nothing that would need one, and a scope costs
 * more than a small fiber.
 *
 * @module
 */
import type { Call } from '../../core/engine.ts';
import { OpenScope } from '../../core/open-scope.ts';
import {
  type Binding,
  currentFrame,
  type Frame,
  inFrame,
  type Token,
  tokenOf,
} from '../../core/token.ts';
import type { Crew } from './crew.ts';

/** What errors and the task tree call a body. */
export function nameOf({ name = 'fiber' }: Call, index: number): string {
  return `${name}[${index}]`;
}

/** A body that was opened: it ends when the scope does, with what the scope ends with. */
export interface BodyScope {
  readonly token: Token;
  readonly result: Promise<unknown>;
  /** Takes the value of the body, or a promise of it. */
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What is at work in a body, and has to be told when the scope is opened under it. */
export interface Occupant {
  readonly promise: Promise<unknown>;
  moveTo(scope: BodyScope): void;
}

/** The frame of one body: that of whoever called until something in the body asks for the token in force. */
export class BodyFrame implements Frame {
  readonly call: Call;
  readonly index: number;
  readonly #outer: Frame;
  readonly #crew: Crew | undefined;
  #ended = false;
  /** Undefined until somebody has looked. */
  scope: BodyScope | undefined;
  occupant: Occupant | undefined;

  constructor(outer: Frame, call: Call, index: number, crew: Crew | undefined) {
    this.#outer = outer;
    this.call = call;
    this.index = index;
    this.#crew = crew;
  }

  get bindings(): Binding | undefined {
    return this.#outer.bindings;
  }

  /** The token of the scope, which this opens. What a body has left behind is in the frame of whoever called. */
  get token(): Token {
    if (this.scope !== undefined) return this.scope.token;
    if (this.#ended) return tokenOf(this.#outer);
    const scope = this.#open();
    this.scope = scope;
    this.#crew?.tokens.add(scope.token);
    this.occupant?.moveTo(scope);
    return scope.token;
  }

  /** The signal of a body's context. */
  get signal(): AbortSignal {
    return this.token.signal;
  }

  /** The token in force, as long as nobody has looked that of whoever called. */
  get here(): Token {
    return this.scope?.token ?? tokenOf(this.#outer);
  }

  get name(): string {
    return nameOf(this.call, this.index);
  }

  #open(): BodyScope {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    let token: Token | undefined;
    const options = { name: this.name, grace: this.call.grace };
    const result = inFrame(this.#outer, () =>
      OpenScope.run(options, (scope) => {
        token = scope.token;
        return promise;
      }),
    );
    // It may end before anybody waits for it, when what ignores a cancellation is left behind.
    result.catch(() => undefined);
    return { token: token as unknown as Token, result, resolve, reject };
  }

  /** Nothing of the body is at work any more: no scope is opened from now on. */
  end(): void {
    this.#ended = true;
  }
}

/** The token that waits of a fiber's own hang on: looking for it opens no scope. */
export function tokenAtHand(): Token {
  const frame = currentFrame();
  return frame instanceof BodyFrame ? frame.here : tokenOf(frame);
}
