/**
 * The consumer's side of a generator in a worker.
 *
 * @module
 */
import { isCancelled } from '../../core/errors.ts';
import { kernel } from '../../core/kernel.ts';
import type { OpenScope } from '../../core/open-scope.ts';
import { Ring } from '../../core/ring.ts';
import { captureContext, currentToken, Token } from '../../core/token.ts';
import { Join, Wait } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait-queue.ts';
import { encodeThrown } from '../../shipping/error-codec.ts';
import { cloneBehind, findUnclonable, Unclonable } from '../../shipping/unclonable.ts';
import { Steps } from '../shared/lent-steps.ts';
import { STEP, STEPS, type StepEvents, type StepKind } from '../shared/steps.ts';
import { forged } from './forged.ts';

/** How its call ended. */
type End = { readonly value: unknown } | { readonly error: unknown };

/** Makes the call in which the generator runs. */
type Submit = (extras: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Waits for the answer to an error: one that has ended before it is asked gives the error back. */
class ThrownIn<T> extends Wait<T> {
  error: unknown;
}

/**
 * Asks for as many steps as are waited for, and `prefetch` more. It is no async generator itself: `return()` must be heard while a request is
 * pending.
 */
export class RemoteGenerator<Y, R, N> implements AsyncGenerator<Y, R, N>, StepEvents {
  readonly #name: string;
  readonly #prefetch: number;
  readonly #signal: AbortSignal | undefined;
  readonly #submit: Submit;
  /** Where it was made: its call belongs there. */
  readonly #home = captureContext();
  readonly #steps = new Steps(this);
  readonly #pulls = new WaitQueue<IteratorResult<Y, R>>();
  /** Values that nobody has waited for yet. */
  readonly #values = new Ring<Y>();
  /** Steps that were asked for before the generator was there. */
  #early: (readonly [StepKind, unknown])[] | undefined = [];
  #token: Token | undefined;
  /** Steps that have not been answered. */
  #out = 0;
  /** So many of those answers are not wanted any more. */
  #unwanted = 0;
  #isIdle = false;
  #end: End | undefined;
  /** Somebody knows how it ended. */
  #endSeen = false;
  #left = false;
  #leaving: Promise<unknown> | undefined;
  #ended: Join<void> | undefined;

  constructor(name: string, prefetch: number, signal: AbortSignal | undefined, submit: Submit) {
    this.#name = name;
    this.#prefetch = prefetch;
    this.#signal = signal;
    this.#submit = submit;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(...args: [] | [N]): Promise<IteratorResult<Y, R>> {
    const [value] = args;
    if (value !== undefined && this.#prefetch > 0) return Promise.reject(this.#refusal());
    const wait = new Wait<IteratorResult<Y, R>>(`value of ${this.#name}`);
    if (wait.settled) return wait.promise;
    if (this.#values.length > 0) wait.ok({ value: this.#values.shift() as Y, done: false });
    else if (this.#end !== undefined) this.#tellEnd(wait);
    else this.#pull(wait, value);
    if (this.#prefetch > 0) this.#askAhead();
    return wait.promise;
  }

  #pull(wait: Wait<IteratorResult<Y, R>>, value: unknown): void {
    this.#pulls.push(wait);
    if (this.#left || this.#prefetch > 0 || this.#pulls.length + this.#unwanted <= this.#out)
      return;
    this.#ask(STEP.next, value, wait);
  }

  /** Asks for what is missing, though for few values only when somebody waits for them. */
  #askAhead(): void {
    if (this.#end !== undefined || this.#left) return;
    const missing = this.#pulls.length + this.#prefetch - this.#values.length - this.#out;
    const isPressing = this.#pulls.length > this.#out;
    if (missing > this.#prefetch >> 1 || isPressing) this.#ask(STEP.more, missing, undefined);
  }

  #ask(kind: StepKind, value: unknown, wait: Wait<IteratorResult<Y, R>> | undefined): void {
    const isFirst = this.#token === undefined;
    if (isFirst) this.#start();
    try {
      if (this.#early === undefined) this.#steps.ask(kind, value);
      // What the first request sends is ignored by every generator.
      else if (this.#end === undefined) {
        this.#early.push([
          kind,
          isFirst && kind === STEP.next ? undefined : structuredClone(value),
        ]);
      }
    } catch (error) {
      const why = findUnclonable(value, 'value', cloneBehind(error));
      wait?.withdraw(new Unclonable(`a value to "${this.#name}"`, why, { cause: error }));
      return;
    }
    this.#out += kind === STEP.more ? (value as number) : 1;
    this.#work(true);
  }

  #start(): void {
    this.#home.runInAsyncScope(() => {
      const token = new Token(this.#name, currentToken(), 'unit');
      this.#token = token;
      const scope = token.scope as OpenScope;
      scope.lodge();
      const over = (end: End): void => {
        token.close();
        this.#over(end);
        scope.leave();
      };
      token
        .run(() => this.#submit({ [STEPS]: this.#steps }))
        .then(
          (value) => over(this.#early === undefined ? { value } : { error: this.#noWorker() }),
          (error: unknown) => over({ error }),
        );
    });
  }

  #noWorker(): TypeError {
    return new TypeError(
      `Expected engine of generateIn to be one with workers: this one has called ${this.#name} without asking for values`,
    );
  }

  #refusal(): TypeError {
    return new TypeError(
      `Cannot send a value to ${this.#name}: with prefetch it may be ahead of the request`,
    );
  }

  /** It waits for a request, or no longer. While it does the clock of a test may go on: it is not the worker that has to act. */
  #work(isAtWork: boolean): void {
    if (this.#isIdle !== isAtWork) return;
    this.#isIdle = !isAtWork;
    kernel.outside += isAtWork ? 1 : -1;
  }

  ready(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const [kind, value] of early) this.#steps.ask(kind, value);
  }

  gave(values: readonly unknown[]): void {
    if (values.length > this.#out) throw forged('more values than it was asked for');
    this.#out -= values.length;
    for (const value of values as readonly Y[]) {
      if (this.#unwanted > 0) {
        this.#unwanted--;
        continue;
      }
      const pull = this.#pulls.shift();
      if (pull !== undefined) pull.give({ value, done: false });
      else if (!this.#left) this.#values.push(value);
    }
    if (this.#out === 0) this.#work(false);
  }

  ended(): void {
    this.#work(true);
  }

  #over(end: End): void {
    this.#end = end;
    this.#early = undefined;
    this.#out = 0;
    for (let pull = this.#pulls.shift(); pull !== undefined; pull = this.#pulls.shift()) {
      this.#tellEnd(pull);
    }
    this.#ended?.ok();
  }

  /** The first who asks after the last value is told how it ended, and all others that it has. */
  #tellEnd(pull: { give(result: IteratorResult<Y, R>): void; refuse(error: unknown): void }): void {
    const end = this.#end as End;
    const isNews = !(this.#endSeen || this.#left);
    this.#endSeen ||= isNews;
    if (isNews && 'error' in end) pull.refuse(end.error);
    else if (!isNews && pull instanceof ThrownIn) pull.refuse(pull.error);
    else pull.give({ value: (isNews && 'value' in end ? end.value : undefined) as R, done: true });
  }

  async throw(error: unknown): Promise<IteratorResult<Y, R>> {
    if (this.#prefetch > 0 || this.#token === undefined || this.#end !== undefined) {
      await this.return(undefined as R);
      throw error;
    }
    const wait = new ThrownIn<IteratorResult<Y, R>>(`answer of ${this.#name}`);
    wait.error = error;
    if (wait.settled) return wait.promise;
    // Values that came for a request which was cancelled are from before.
    this.#values.clear();
    this.#unwanted = this.#out - this.#pulls.length;
    this.#pulls.push(wait);
    this.#ask(STEP.throw, encodeThrown(error), wait);
    return wait.promise;
  }

  async return(given?: R | PromiseLike<R>): Promise<IteratorResult<Y, R>> {
    const value = (await given) as R;
    // Somebody else is leaving already.
    while (this.#leaving !== undefined) await this.#leaving.catch(() => undefined);
    const result = this.#leave(value);
    this.#leaving = result;
    try {
      return await result;
    } finally {
      this.#leaving = undefined;
    }
  }

  #leave(value: R): Promise<IteratorResult<Y, R>> {
    this.#values.clear();
    const isAtWork = this.#out > 0;
    if (this.#token === undefined) {
      // It was never started, and never will be.
      this.#token = currentToken();
      this.#end = { value: undefined };
      this.#endSeen = true;
    }
    if (this.#end !== undefined || isAtWork || this.#left) return this.#stop(value);
    const join = new Join<IteratorResult<Y, R>>(`end of ${this.#name}`);
    this.#pulls.push(join);
    this.#ask(STEP.return, value, join);
    return join.promise;
  }

  /** Cancels the step at work, and waits for the end. */
  async #stop(value: R): Promise<IteratorResult<Y, R>> {
    const wasOver = this.#end !== undefined;
    if (!wasOver) {
      this.#left = true;
      this.#token?.cancel(`${this.#name} was left`);
      this.#ended = new Join<void>(`end of ${this.#name}`);
      await this.#ended.promise;
    }
    const end = this.#end as End;
    // An error that was made ahead of all requests was never asked for.
    const isNews = !this.#endSeen && 'error' in end && (this.#prefetch === 0 || this.#left);
    this.#endSeen = true;
    if (isNews && !(this.#left && this.#isStop(end.error))) throw end.error;
    return { value, done: true };
  }

  /** Whether an error says that it was stopped, which whoever leaves it wanted. */
  #isStop(error: unknown): boolean {
    const { aborted, reason } = this.#signal ?? {};
    return isCancelled(error) || (aborted === true && error === reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return(undefined as R);
  }
}
