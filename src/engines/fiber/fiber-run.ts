/**
 * One body at work in a fiber, as the scope around it sees it: a cancellation there interrupts the fiber, and the call settles when the
 * fiber has ended.
 *
 * @module
 */
import type { Timer } from '../../core/clock.ts';
import { type Cancelled, StuckTasks } from '../../core/errors.ts';
import { kernel, now } from '../../core/kernel.ts';
import type { Pending, Token } from '../../core/token.ts';

/** Something at work that can be asked to stop. */
export interface Interruptible {
  /** Calls one of them at its end. */
  whenEnded(done: (value: unknown) => void, failed: (error: unknown) => void): void;
  interrupt(): void;
}

/** The run of one body. It hangs on the token of whoever called, like a wait, but is none: the body is at work. */
export class FiberRun implements Pending {
  readonly promise: Promise<unknown>;
  readonly name: string;
  previous: Pending | undefined;
  next: Pending | undefined;
  readonly #token: Token;
  readonly #work: Interruptible;
  readonly #grace: number;
  readonly #since = now();
  #timer: Timer | undefined;
  #ended = false;
  readonly #reject: (error: unknown) => void;

  /** @param grace milliseconds */
  constructor(name: string, token: Token, work: Interruptible, grace: number) {
    this.name = name;
    this.#token = token;
    this.#work = work;
    this.#grace = grace;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.promise = promise;
    this.#reject = reject;
    token.add(this);
    work.whenEnded(
      (value) => {
        if (this.#end()) resolve(value);
      },
      (error) => {
        if (this.#end()) reject(error);
      },
    );
    if (token.effective !== undefined) this.cancel();
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#timer?.stop();
    kernel.activity++;
    this.#token.remove(this);
    return true;
  }

  get shown(): string {
    return `fiber ${this.name}`;
  }

  cancel(_cancelled?: Cancelled): void {
    this.#work.interrupt();
    if (this.#ended || this.#grace === Number.POSITIVE_INFINITY) return;
    this.#timer ??= kernel.clock.at(now() + this.#grace, () => {
      if (this.#end()) this.#reject(this.#stuck());
    });
  }

  #stuck(): StuckTasks {
    const { name } = this;
    return new StuckTasks([{ name, age: now() - this.#since, waitingFor: [] }], this.#grace);
  }
}
