/**
 * A task: one function at work in a scope. It is thenable, not a promise: nothing is unhandled when nobody looks at it, because
 * its scope hears of its failure, and awaiting it observes the cancellation of whoever awaits.
 *
 * @module
 */
import { isThenable, textOf } from './arguments.ts';
import { CallContext, type MaybePromise, type Thunk } from './context.ts';
import { type Cancelled, isCancelled, TaskNotDone } from './errors.ts';
import { waitsOf } from './grace.ts';
import { kernel, now, touch } from './kernel.ts';
import type { Scope } from './scope.ts';
import { show } from './shown.ts';
import { currentToken, inFrame, type Token } from './token.ts';
import { Join, Wait } from './wait.ts';
import { WaitQueue } from './wait-queue.ts';

/** How a task ended. */
export type Settled<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'cancelled'; readonly error: Cancelled };

/** As with promises, the handler says what it expects. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type OnRejected<B> = ((error: any) => MaybePromise<B>) | null;

/**
 * A unit of work that belongs to one scope. Awaiting it gives its value or throws its error, and is a cancellation point of the
 * awaiting code: it stops waiting, the task goes on.
 */
export interface Task<T> extends PromiseLike<T> {
  /** Unique in this process. */
  readonly id: number;
  /** That of its function, unless it was given one. */
  readonly name: string;
  /** The scope that waits for it. */
  readonly scope: Scope;
  /** `queued` until it starts, `cancelling` from its cancellation to its end. */
  readonly status: 'queued' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  /** Whether it has ended, in whichever way. */
  readonly done: boolean;
  /**
   * The value.
   * @throws TaskNotDone while it is at work
   * @throws whatever it failed with; Cancelled when it was cancelled
   */
  result(): T;
  /**
   * What it failed with, or undefined when it succeeded.
   * @throws TaskNotDone while it is at work
   */
  exception(): unknown;
  /** Asks it to stop: its waits reject with a `Cancelled` from now on. False when it had ended. It is not awaited. */
  cancel(reason?: unknown): boolean;
  /** Waits for its end, never rejects, and is not ended by a cancellation of the awaiting code. */
  settled(): Promise<Settled<T>>;
  /** What `await` calls. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => MaybePromise<A>) | null,
    onRejected?: OnRejected<B>,
  ): Promise<A | B>;
  /** As that of a promise. */
  catch<B = never>(onRejected?: OnRejected<B>): Promise<T | B>;
  /** As that of a promise. */
  finally(onSettled?: (() => void) | null): Promise<T>;
}

/** What a task needs of its scope. */
export interface TaskOwner {
  /** @param observed whether anybody had asked for the outcome before the end */
  childEnded(task: RunningTask<unknown>, observed: boolean): void;
}

const STARTING: Promise<void> = Promise.resolve();

/** A promise of what a body gave. The `then` of a thenable is called at once, in the frame of the body: a task observes it there. */
function asPromise<T>(result: MaybePromise<T>): Promise<T> {
  if (result instanceof Promise) return result;
  if (!isThenable(result)) return Promise.resolve(result);
  return new Promise<T>((resolve, reject) => {
    (result as PromiseLike<T>).then(resolve, reject);
  });
}

/**
 * The one implementation of Task.
 */
export class RunningTask<T> implements Task<T> {
  readonly token: Token;
  /** Its failure is told to the handle only. */
  readonly contained: boolean;
  /** The scope does not wait for it. */
  readonly daemon: boolean;
  readonly #owner: TaskOwner;
  #status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' = 'queued';
  #outcome: unknown;
  #waiting: WaitQueue<T> | undefined;
  #joining: WaitQueue<Settled<T>> | undefined;
  #listeners: Set<() => void> | undefined;
  #rejected: Promise<never> | undefined;

  constructor(token: Token, owner: TaskOwner, contained: boolean, daemon: boolean) {
    this.token = token;
    this.#owner = owner;
    this.contained = contained;
    this.daemon = daemon;
    token.task = this as RunningTask<unknown>;
  }

  get id(): number {
    return this.token.id;
  }

  get name(): string {
    return this.token.name;
  }

  get scope(): Scope {
    return this.token.scope;
  }

  get status(): Task<T>['status'] {
    touch(this);
    return this.#status === 'running' && this.token.effective !== undefined
      ? 'cancelling'
      : this.#status;
  }

  get done(): boolean {
    touch(this);
    return this.#status !== 'queued' && this.#status !== 'running';
  }

  /** Whether anybody has asked for the outcome. */
  get observed(): boolean {
    const waiting = (this.#waiting?.length ?? 0) + (this.#joining?.length ?? 0);
    return waiting + (this.#listeners?.size ?? 0) > 0;
  }

  /** Starts `fn` in a microtask, in the async context of the caller. */
  start(fn: Thunk<T>): void {
    const begin = (): void => this.#begin(fn);
    if (kernel.scheduler === undefined) {
      void STARTING.then(begin);
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    void promise.then(begin);
    kernel.scheduler.ready(this.token, 'start', resolve);
  }

  #begin(fn: Thunk<T>): void {
    if (this.#status !== 'queued') return;
    const token = this.token;
    kernel.activity++;
    touch(this);
    // Also where it was cancelled in between: it may have been handed something that only it gives back. Its first wait rejects.
    this.#status = 'running';
    token.unblock();
    let result: Promise<T>;
    try {
      result = inFrame(token, () => asPromise(fn(new CallContext(token, 0, 1))));
    } catch (error) {
      this.#failed(error);
      return;
    }
    result.then(this.#succeeded, this.#failed);
  }

  readonly #succeeded = (value: T): void => {
    if (this.#status !== 'running') return;
    this.token.block();
    this.#end('done', value);
  };

  readonly #failed = (error: unknown): void => {
    if (this.#status !== 'running') return;
    this.token.block();
    const cancelled = this.token.effective;
    if (cancelled !== undefined && isCancelled(error)) this.#end('cancelled', cancelled);
    else this.#end('failed', error);
  };

  /** Fails a task that could not be started. */
  refuse(error: unknown): void {
    if (this.#status === 'queued') this.#end('failed', error);
  }

  /** Leaves a body behind that does not end: what comes of it later is told to nobody. */
  abandon(error: unknown): void {
    if (this.#status !== 'running') return;
    this.token.block();
    this.#end('failed', error);
  }

  /** Ends a task that has not started, and never will: a copy that was stopped before. */
  drop(): void {
    if (this.#status === 'queued') this.#end('cancelled', this.token.effective);
  }

  #end(status: 'done' | 'failed' | 'cancelled', outcome: unknown): void {
    this.#status = status;
    this.#outcome = outcome;
    kernel.activity++;
    touch(this);
    const observed = this.observed;
    if (status === 'done') this.#waiting?.giveAll(outcome as T);
    else this.#waiting?.refuseAll(outcome);
    this.#joining?.giveAll(this.#report());
    for (const listener of this.#listeners ?? []) listener();
    this.#listeners = undefined;
    this.token.close();
    this.#owner.childEnded(this as RunningTask<unknown>, observed);
  }

  /** Makes a failure that nobody has asked for the host's unhandled rejection, until somebody does. */
  surrender(): void {
    this.#rejected = Promise.reject(this.#outcome);
  }

  #report(): Settled<T> {
    return this.#status === 'done'
      ? { status: 'done', value: this.#outcome as T }
      : ({ status: this.#status, error: this.#outcome } as Settled<T>);
  }

  result(): T {
    if (!this.done)
      throw new TaskNotDone(`Cannot give the result of ${this.name}: it is ${this.status}`);
    if (this.#status !== 'done') throw this.#outcome;
    return this.#outcome as T;
  }

  exception(): unknown {
    if (!this.done) {
      throw new TaskNotDone(`Cannot give the exception of ${this.name}: it is ${this.status}`);
    }
    return this.#status === 'done' ? undefined : this.#outcome;
  }

  cancel(reason?: unknown): boolean {
    if (this.done) return false;
    this.token.cancel(reason, currentToken().task?.name, this.cancel);
    return true;
  }

  settled(): Promise<Settled<T>> {
    if (this.done) return Promise.resolve(this.#report());
    const join = new Join<Settled<T>>(`task ${this.name}`);
    this.#joining ??= new WaitQueue();
    this.#joining.push(join);
    return join.promise;
  }

  /** Whether the code of `unit` waits for the end of this task. */
  awaitedBy(unit: Token): boolean {
    for (let each = this.#waiting?.first; each !== undefined; each = each.behind) {
      if (each.token.unit === unit) return true;
    }
    for (let each = this.#joining?.first; each !== undefined; each = each.behind) {
      if (each.token.unit === unit) return true;
    }
    return false;
  }

  /** Calls `listener` at the end; gives a function that takes it back. The task must be at work. */
  onEnd(listener: () => void): () => void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => this.#listeners?.delete(listener);
  }

  #wait(): Promise<T> {
    if (!this.done && this.token.encloses(currentToken())) {
      const message = `Cannot wait for ${this.name} from inside it: it would wait for itself`;
      return Promise.reject(new TypeError(message));
    }
    const wait = new Wait<T>(`task ${this.name}`);
    if (wait.settled) return wait.promise;
    if (this.done) {
      this.#rejected?.catch(() => undefined);
      if (this.#status === 'done') wait.ok(this.#outcome as T);
      else wait.fail(this.#outcome);
    } else {
      this.#waiting ??= new WaitQueue();
      this.#waiting.push(wait);
    }
    return wait.promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: a task is awaited like a promise; that is its purpose.
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => MaybePromise<A>) | null,
    onRejected?: OnRejected<B>,
  ): Promise<A | B> {
    return this.#wait().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: OnRejected<B>): Promise<T | B> {
    return this.#wait().catch(onRejected);
  }

  finally(onSettled?: (() => void) | null): Promise<T> {
    return this.#wait().finally(onSettled);
  }
}

show(RunningTask.prototype, (task) => ({
  what: `task ${task.name}`,
  id: task.id,
  state: task.status,
  age: task.done ? undefined : now() - task.token.started,
  waitsFor: task.done ? undefined : waitsOf(task.token),
  error: task.status === 'failed' ? textOf(task.exception()) : undefined,
}));
