/**
 * The one way anything in the library waits. A wait hangs on the token in force until it is resumed or cancelled, whichever is
 * first, and never both: what it was resumed with is kept even if a cancellation follows (rule S7). Being resumed goes through
 * the scheduler hook, so an explorer can choose the order and a virtual clock can see that nothing moves.
 *
 * @module
 */
import type { MaybePromise } from './context.ts';
import type { Cancelled } from './errors.ts';
import { afterTurn, kernel, touch } from './kernel.ts';
import { currentToken, type Pending, type Token } from './token.ts';
import type { Waiter, WaitQueue } from './wait-queue.ts';

/** After so many rejections in a row a unit gets further ones a turn later, or a loop that swallows them would starve the process. */
const PROMPT_DELIVERIES = 16;

let resolveNew: (value: never) => void;
let rejectNew: (error: unknown) => void;
function takeSettlers(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  resolveNew = resolve;
  rejectNew = reject;
}

/**
 * A wait in progress. Primitives with a line of their own make one and queue it; everybody else calls `suspend`.
 */
export class Wait<T, A = undefined> implements Pending, Waiter<T, A> {
  readonly promise: Promise<T>;
  readonly label: string;
  readonly token: Token;
  readonly ask: A;
  settled = false;
  withdrawn = false;
  previous: Pending | undefined;
  next: Pending | undefined;
  queue: WaitQueue<T, A> | undefined;
  ahead: Waiter<T, A> | undefined;
  behind: Waiter<T, A> | undefined;
  /** Undoes the registration when the wait is withdrawn; it leaves its line by itself. */
  undo: (() => void) | undefined;
  readonly #resolve: (value: MaybePromise<T>) => void;
  /** Undefined where only `resolve` was kept. */
  readonly #reject: ((error: unknown) => void) | undefined;

  /** @param lean keeps only one of the promise's two functions: 64 bytes less, and a rejection that comes two microtasks later */
  constructor(
    label: string,
    token: Token = currentToken(),
    ask: A = undefined as A,
    lean: boolean = false,
  ) {
    this.promise = new Promise<T>(takeSettlers as never);
    this.#resolve = resolveNew as (value: MaybePromise<T>) => void;
    this.#reject = lean ? undefined : rejectNew;
    this.label = label;
    this.token = token;
    this.ask = ask;
    kernel.activity++;
    token.unit.block();
    if (token.effective === undefined || !this.observesCancellation) token.add(this);
    else this.#refuse(token.effective);
  }

  /** Whether a cancellation ends this wait. A join does not: the cancelled children end it. */
  get observesCancellation(): boolean {
    return true;
  }

  /** What the task tree shows: what is waited for, and who has it. */
  get shown(): string {
    const holders = this.queue?.holders?.();
    return holders === undefined ? this.label : `${this.label} (held by ${holders})`;
  }

  give(value: T): void {
    this.ok(value);
  }

  refuse(error: unknown): void {
    this.fail(error);
  }

  /** Resumes with a value. False when the wait was settled before: the value went nowhere. */
  ok(value: T): boolean {
    if (!this.#settle()) return false;
    if (kernel.scheduler === undefined) this.#resolve(value);
    else this.#resolveLater(value);
    return true;
  }

  /** Resumes with an error. */
  fail(error: unknown): boolean {
    if (!this.#settle()) return false;
    this.#rejectWith(error);
    return true;
  }

  /**
   * Resumes with what `body` gives. It is called when the wait really goes on, which an explorer may put off: for work that
   * the waker must begin itself, because its moment counts.
   */
  okWith(body: () => MaybePromise<T>): boolean {
    if (!this.#settle()) return false;
    if (kernel.scheduler === undefined) this.#settleAs(body);
    else this.#schedule(() => this.#settleAs(body));
    return true;
  }

  #settleAs(body: () => MaybePromise<T>): void {
    try {
      this.#resolve(body());
    } catch (error) {
      this.#settleWith(error);
    }
  }

  cancel(cancelled: Cancelled): void {
    if (this.observesCancellation) this.withdraw(cancelled);
  }

  /** Ends the wait as if it had never begun: it leaves its line, undoes its registration and rejects. False when it was settled. */
  withdraw(error: unknown): boolean {
    if (!this.#settle()) return false;
    this.withdrawn = true;
    touch(this.token);
    this.queue?.remove(this);
    try {
      this.undo?.();
      this.#rejectWith(error);
    } catch (wrong) {
      // Whoever waits is told, and nobody else: the rest of the tree must hear of the cancellation.
      this.#rejectWith(wrong);
    }
    return true;
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    kernel.activity++;
    this.token.remove(this);
    this.token.unit.unblock();
    return true;
  }

  #rejectWith(error: unknown): void {
    if (kernel.scheduler === undefined) this.#settleWith(error);
    else this.#schedule(() => this.#settleWith(error));
  }

  #settleWith(error: unknown): void {
    if (this.#reject === undefined) this.#resolve(Promise.reject(error));
    else this.#reject(error);
  }

  /** Apart, because a closure in `ok` would cost every call of it. */
  #resolveLater(value: T): void {
    this.#schedule(() => this.#resolve(value));
  }

  #schedule(resume: () => void): void {
    kernel.scheduler?.ready(this.token, this.label, resume);
  }

  /** Rejects a wait that began in a cancelled scope. It has had no effect: it was never registered. */
  #refuse(cancelled: Cancelled): void {
    this.settled = true;
    if (++this.token.counter().deliveries <= PROMPT_DELIVERIES) {
      this.token.unit.unblock();
      this.#rejectWith(cancelled);
      return;
    }
    afterTurn(() => {
      this.token.unit.unblock();
      this.#rejectWith(cancelled);
    });
  }
}

/** A wait that a cancellation does not end: for joining work that has been told to stop itself. */
export class Join<T, A = undefined> extends Wait<T, A> {
  override get observesCancellation(): boolean {
    return false;
  }
}

/** What a registered wait is resumed with; the first call counts and gives true. */
export interface Resume<T> {
  /** Resumes with a value. */
  ok(value: T): boolean;
  /** Resumes with an error. */
  fail(error: unknown): boolean;
}

/**
 * Waits until somebody calls `resume`: the primitive that all others are built from.
 *
 * Cancellation of the ambient scope calls the function that `register` returned, which must undo the registration at once and
 * synchronously, and rejects with the scope's `Cancelled`. In a scope that is cancelled already, `register` is not called.
 * A value that arrived before the cancellation is kept. Costs one promise.
 *
 * @param register starts waiting; may return a function that undoes it
 * @param label what the task tree shows for it
 * @throws Cancelled when the ambient scope is cancelled first
 *
 * @example
 * ```ts
 * import { suspend } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const answer = await suspend<number>((resume) => {
 *   const immediate = setImmediate(() => resume.ok(42));
 *   return () => clearImmediate(immediate);
 * }, 'the answer');
 * assert.equal(answer, 42);
 * ```
 */
export function suspend<T>(
  // biome-ignore lint/suspicious/noConfusingVoidType: a register function that has nothing to undo returns nothing.
  register: (resume: Resume<T>) => void | (() => void),
  label = 'suspend',
): Promise<T> {
  const wait = new Wait<T>(label);
  if (wait.settled) return wait.promise;
  try {
    const undo = register(wait) ?? undefined;
    // Registering may have cancelled this very wait: then there is something to undo already.
    if (wait.withdrawn) undo?.();
    else wait.undo = undo;
  } catch (error) {
    wait.fail(error);
  }
  return wait.promise;
}
