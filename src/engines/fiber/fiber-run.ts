/**
 * One body at work in a fiber, as the scope around it sees it: a cancellation there interrupts the fiber, and the call settles when the
 * fiber has ended. There is one for every item of a flow that has to wait, so it is kept small.
 *
 * @module
 */
import type { Exit } from 'effect/Exit';
import type { Fiber } from 'effect/Fiber';
import type { Timer } from '../../core/clock.ts';
import { toMilliseconds } from '../../core/duration.ts';
import { StuckTasks } from '../../core/errors.ts';
import { DEFAULT_GRACE } from '../../core/grace.ts';
import { kernel, now } from '../../core/kernel.ts';
import type { Pending, Token } from '../../core/token.ts';
import type { BodyFrame, BodyScope, Occupant } from './body-frame.ts';

let resolveNew: (value: unknown) => void;
let rejectNew: (error: unknown) => void;

/** A closure a run would be a third of what it costs. */
function takeSettlers(resolve: typeof resolveNew, reject: typeof rejectNew): void {
  resolveNew = resolve;
  rejectNew = reject;
}

/**
 * The run of one body. It hangs on the token of whoever called, or on that of the body's own scope once there is one, like a wait, but is
 * none: the body is at work.
 */
export abstract class Run implements Pending, Occupant {
  readonly promise: Promise<unknown>;
  readonly #frame: BodyFrame;
  token: Token;
  previous: Pending | undefined;
  next: Pending | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #timer: Timer | undefined;
  #ended = false;

  constructor(frame: BodyFrame) {
    this.promise = new Promise(takeSettlers);
    this.#resolve = resolveNew;
    this.#reject = rejectNew;
    this.#frame = frame;
    this.token = frame.here;
    this.token.add(this);
    frame.occupant = this;
    if (frame.scope !== undefined) this.#follow(frame.scope);
  }

  get shown(): string {
    return `fiber ${this.name}`;
  }

  protected get name(): string {
    return this.#frame.name;
  }

  /** From now on what cancels the scope interrupts the body, and the scope keeps the time of grace. */
  moveTo(scope: BodyScope): void {
    this.#timer?.stop();
    this.token.remove(this);
    this.token = scope.token;
    this.token.add(this);
    this.#follow(scope);
  }

  #follow({ result }: BodyScope): void {
    result.then(
      (value) => {
        if (this.#end()) this.#resolve(value);
      },
      (error: unknown) => {
        if (this.#end()) this.#reject(error);
      },
    );
  }

  protected succeed(value: unknown): void {
    const { scope } = this.#frame;
    if (scope !== undefined) scope.resolve(value);
    else if (this.#end()) this.#resolve(value);
  }

  protected fail(error: unknown): void {
    const { scope } = this.#frame;
    if (scope !== undefined) scope.reject(error);
    else if (this.#end()) this.#reject(error);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#timer?.stop();
    kernel.activity++;
    this.token.remove(this);
    this.#frame.end();
    return true;
  }

  cancel(): void {
    this.interrupt();
    const { scope, call } = this.#frame;
    const grace = toMilliseconds(call.grace ?? DEFAULT_GRACE, 'grace');
    if (this.#ended || scope !== undefined || grace === Number.POSITIVE_INFINITY) return;
    this.#timer ??= kernel.clock.at(now() + grace, () => {
      const age = now() - this.token.started;
      this.fail(new StuckTasks([{ name: this.name, age, waitingFor: [] }], grace));
    });
  }

  protected abstract interrupt(): void;
}

/** What a fiber that has not succeeded rejects with. */
export type ErrorOf = (exit: Exit<unknown, unknown>, token: Token, name: string) => unknown;

/** The run of a fiber. */
export class FiberRun extends Run {
  readonly #fiber: Fiber<unknown, unknown>;
  readonly #errorOf: ErrorOf;

  constructor(frame: BodyFrame, fiber: Fiber<unknown, unknown>, errorOf: ErrorOf) {
    super(frame);
    this.#fiber = fiber;
    this.#errorOf = errorOf;
    fiber.addObserver(this.#observe);
    if (this.token.effective !== undefined) this.cancel();
  }

  readonly #observe = (exit: Exit<unknown, unknown>): void => {
    if (exit._tag === 'Success') this.succeed(exit.value);
    else this.fail(this.#errorOf(exit, this.token, this.name));
  };

  protected override interrupt(): void {
    this.#fiber.interruptUnsafe();
  }
}

/** The run of an ordinary async function: its own waits tell it to stop. */
export class PromiseRun extends Run {
  constructor(frame: BodyFrame, given: PromiseLike<unknown>) {
    super(frame);
    given.then(
      (value) => this.succeed(value),
      (error: unknown) => this.fail(error),
    );
    if (this.token.effective !== undefined) this.cancel();
  }

  protected override interrupt(): void {
    // It has heard of the cancellation already.
  }
}
