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
import type { Call } from '../../core/engine.ts';
import { StuckTasks } from '../../core/errors.ts';
import { DEFAULT_GRACE } from '../../core/grace.ts';
import { kernel, now } from '../../core/kernel.ts';
import type { Pending, Token } from '../../core/token.ts';

let resolveNew: (value: unknown) => void;
let rejectNew: (error: unknown) => void;

/** A closure a run would be a third of what it costs. */
function takeSettlers(resolve: typeof resolveNew, reject: typeof rejectNew): void {
  resolveNew = resolve;
  rejectNew = reject;
}

/** What errors and the task tree call a body. */
export function nameOf({ name = 'fiber' }: Call, index: number): string {
  return `${name}[${index}]`;
}

/** The run of one body. It hangs on the token of whoever called, like a wait, but is none: the body is at work. */
export abstract class Run implements Pending {
  readonly promise: Promise<unknown>;
  readonly #call: Call;
  readonly #index: number;
  readonly token: Token;
  previous: Pending | undefined;
  next: Pending | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #timer: Timer | undefined;
  #ended = false;

  constructor(token: Token, call: Call, index: number) {
    this.promise = new Promise(takeSettlers);
    this.#resolve = resolveNew;
    this.#reject = rejectNew;
    this.#call = call;
    this.#index = index;
    this.token = token;
    token.add(this);
  }

  get shown(): string {
    return `fiber ${this.name}`;
  }

  protected get name(): string {
    return nameOf(this.#call, this.#index);
  }

  protected succeed(value: unknown): void {
    if (this.#end()) this.#resolve(value);
  }

  protected fail(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#timer?.stop();
    kernel.activity++;
    this.token.remove(this);
    return true;
  }

  cancel(): void {
    this.interrupt();
    const grace = toMilliseconds(this.#call.grace ?? DEFAULT_GRACE, 'grace');
    if (this.#ended || grace === Number.POSITIVE_INFINITY) return;
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

  constructor(
    token: Token,
    call: Call,
    index: number,
    fiber: Fiber<unknown, unknown>,
    errorOf: ErrorOf,
  ) {
    super(token, call, index);
    this.#fiber = fiber;
    this.#errorOf = errorOf;
    fiber.addObserver(this.#observe);
    if (token.effective !== undefined) this.cancel();
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
  constructor(token: Token, call: Call, index: number, given: PromiseLike<unknown>) {
    super(token, call, index);
    given.then(
      (value) => this.succeed(value),
      (error: unknown) => this.fail(error),
    );
    if (token.effective !== undefined) this.cancel();
  }

  protected override interrupt(): void {
    // It has heard of the cancellation already.
  }
}
