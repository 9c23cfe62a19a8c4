/**
 * The machinery of a scope: it counts what is alive inside, ends when that is zero, and decides what its caller gets. The
 * functions that users call (`scope`, `timeout`, `shield` …) are in `scopes.ts`.
 *
 * @module
 */
import { requireFunction } from './arguments.ts';
import { type Cleanup, Cleanups, disposal } from './cleanups.ts';
import { CallContext, type MaybePromise, type Thunk } from './context.ts';
import { Deadline } from './deadline.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { isCancelled, ScopeClosed, type StuckTasks, type TimedOut } from './errors.ts';
import { DEFAULT_GRACE, GraceWatch } from './grace.ts';
import { HandleJoin, isOwnTask } from './handle-join.ts';
import { touch } from './kernel.ts';
import { linkSignal } from './link-signal.ts';
import { type Ready, type Starter, untilReady } from './ready.ts';
import {
  checkScopeOptions,
  requirePoint,
  type Scope,
  type ScopeOptions,
  type SpawnOptions,
  spawnOptions,
} from './scope.ts';
import { RunningTask, type Task, type TaskOwner } from './task.ts';
import { type TaskGate, taskGate } from './task-gate.ts';
import { currentToken, inFrame, rootToken, Token } from './token.ts';
import { type BodyEnd, errorOf, verdict } from './verdict.ts';
import { Join, Wait } from './wait.ts';
import { WaitQueue } from './wait-queue.ts';

/** The one implementation of Scope. */
export class OpenScope implements Scope, TaskOwner {
  readonly token: Token;
  readonly errors: unknown[] = [];
  readonly #options: ScopeOptions;
  readonly #watch: GraceWatch | undefined;
  readonly #gate: TaskGate | undefined;
  /** The scope that this one was opened in. */
  readonly #home: OpenScope | undefined;
  /** A block has a body that it ends with; a handle is ended by `join` or disposal. */
  #isBlock = false;
  #tasks = 0;
  /** Daemons, and flows and scopes that were opened inside: they are stopped when the tasks have ended. */
  #lodgers = 0;
  #closed = false;
  #abandoned = false;
  /** A cancellation of this scope, or of one around it, cut a task short: the value of the body is not the whole. */
  #cutShort = false;
  #deadline: Deadline | undefined;
  #unlink: (() => void) | undefined;
  #cleanups: Cleanups | undefined;
  #idle: WaitQueue<void> | undefined;
  #bodyLeft: (() => void) | undefined;
  #empty: (() => void) | undefined;
  #finished: Promise<void> | undefined;

  constructor(options: ScopeOptions, parent: Token | undefined) {
    checkScopeOptions(options);
    this.#options = options;
    const { limit = Number.POSITIVE_INFINITY } = options;
    if (limit !== Number.POSITIVE_INFINITY) this.#gate = taskGate(limit, this);
    if (parent === undefined) {
      this.token = rootToken;
      rootToken.scope = this;
      return;
    }
    this.#home = parent.scope as OpenScope;
    this.#home.lodge();
    this.token = new Token(options.name ?? 'scope', parent, 'part', options.shield ?? false);
    this.token.scope = this;
    const grace = toMilliseconds(options.grace ?? DEFAULT_GRACE, 'grace');
    this.#watch = new GraceWatch(this.token, grace, (stuck) => this.#abandon(stuck));
    this.token.onCancel = () => this.#watch?.start();
    if (options.signal !== undefined) this.#unlink = linkSignal(options.signal, this.token);
    const timeout = toMilliseconds(options.timeout ?? Number.POSITIVE_INFINITY, 'timeout');
    const expiry = this.token.started + timeout;
    if (expiry < (options.deadline ?? Number.POSITIVE_INFINITY)) this.#expireAt(expiry, timeout);
    else if (options.deadline !== undefined) this.deadline = options.deadline;
  }

  /** Runs a body in a new scope below the token in force. */
  static run<R>(options: ScopeOptions, body: (scope: OpenScope) => MaybePromise<R>): Promise<R> {
    const parent = currentToken();
    const scope = new OpenScope(options, parent);
    const join = new Join<R>(`scope ${scope.name}`, parent);
    scope.#isBlock = true;
    scope.#run(body).then(
      (value) => join.ok(value),
      (error: unknown) => join.fail(error),
    );
    return join.promise;
  }

  /**
   * Runs one attempt at something. A scope keeps a value that comes after its deadline; an attempt does not: most functions
   * never look at their signal, and to them a time-out would otherwise mean nothing.
   */
  static async attempt<R>(
    options: ScopeOptions,
    body: (scope: OpenScope) => MaybePromise<R>,
  ): Promise<R> {
    let opened: OpenScope | undefined;
    const value = await OpenScope.run(options, (scope) => {
      opened = scope;
      return body(scope);
    });
    if (opened?.timedOut !== undefined) throw opened.timedOut;
    return value;
  }

  get id(): number {
    return this.token.id;
  }

  get name(): string {
    return this.token.name;
  }

  get state(): 'open' | 'cancelling' | 'closed' {
    if (this.#closed) return 'closed';
    return this.cancelled ? 'cancelling' : 'open';
  }

  get signal(): AbortSignal {
    return this.token.signal;
  }

  get cancelled(): boolean {
    return this.token.effective !== undefined;
  }

  get reason(): unknown {
    return this.token.effective?.reason;
  }

  /** Whether whoever opened this block now waits only for what is alive inside. */
  get bodyEnded(): boolean {
    return this.#isBlock && this.#bodyLeft === undefined;
  }

  /** Whether nothing was deferred, and no deadline set. */
  get isPlain(): boolean {
    return this.#cleanups === undefined && this.#deadline === undefined;
  }

  /** What the deadline threw, if it was the deadline that ended this scope. */
  get timedOut(): TimedOut | undefined {
    return this.#deadline?.timedOut;
  }

  get deadline(): number {
    return this.token.deadline;
  }

  set deadline(at: number) {
    requirePoint(at, 'deadline');
    if (this.token === rootToken)
      throw new TypeError('Cannot give the root a deadline: open a scope');
    if (this.#closed) return;
    this.#expireAt(at);
  }

  #expireAt(at: number, span?: number): void {
    this.#deadline ??= new Deadline(this.token, (error) => this.errors.push(error));
    this.#deadline.moveTo(at, span);
  }

  get effectiveDeadline(): number {
    return this.token.effectiveDeadline();
  }

  get tasks(): ReadonlySet<Task<unknown>> {
    const tasks = this.token.children().filter((child) => child.task?.token === child);
    return new Set(tasks.map((child) => child.task as Task<unknown>));
  }

  spawn<T>(fn: Thunk<T>, options?: SpawnOptions | string): Task<T> {
    return this.launch(fn, spawnOptions(options, 'spawn'), false);
  }

  launch<T>(
    fn: Thunk<T>,
    options: SpawnOptions | string | undefined,
    contained: boolean,
  ): RunningTask<T> {
    requireFunction(fn, 'fn');
    if (this.#closed) {
      throw new ScopeClosed(`Cannot start a task in ${this.name}: the scope has ended`);
    }
    const { name, daemon = false } =
      typeof options === 'string' ? { name: options } : (options ?? {});
    const token = new Token(name ?? (fn.name || 'task'), this.token, 'unit');
    const task = new RunningTask<T>(token, this, contained, daemon);
    if (daemon) this.#lodgers++;
    else this.#tasks++;
    if (this.#gate === undefined) task.start(fn);
    else this.#gate.enter(task as RunningTask<unknown>, () => task.start(fn));
    return task;
  }

  childEnded(task: RunningTask<unknown>, observed: boolean): void {
    touch(this);
    const failed = task.status === 'failed' && !task.contained;
    if (this.token === rootToken) {
      if (failed && !observed) task.surrender();
    } else if (failed) {
      this.#failed(task.exception(), task.name);
    } else if (task.status === 'cancelled' && task.token.own === undefined && !task.daemon) {
      this.#cutShort = true;
    }
    if (task.daemon) this.#lodgers--;
    else this.#tasks--;
    this.#gate?.leave();
    this.#progress();
  }

  #failed(error: unknown, name?: string): void {
    this.errors.push(error);
    if (this.#options.onError !== 'continue') this.token.cancel(error, name);
  }

  /** Takes in a flow or scope that was opened here. */
  lodge(): void {
    this.#lodgers++;
  }

  /** One of those has ended. */
  leave(): void {
    this.#lodgers--;
    this.#progress();
  }

  #progress(): void {
    if (this.#tasks === 0) this.#idle?.giveAll();
    if (this.#empty === undefined) return;
    if (this.#abandoned || this.#tasks + this.#lodgers === 0) {
      this.#empty();
      this.#empty = undefined;
    } else if (this.#tasks === 0) {
      this.#stopLodgers();
    }
  }

  /** Our watch first: what is stuck below is then reported there, and not here as well. */
  #stopLodgers(): void {
    this.#watch?.start();
    for (const lodger of this.token.children()) lodger.cancel(`${this.name} has ended`);
  }

  #abandon(stuck: StuckTasks): void {
    this.errors.push(stuck);
    this.#abandoned = true;
    this.#bodyLeft?.();
    this.#progress();
  }

  async start<V, T = void>(
    fn: Starter<V, T>,
    options?: SpawnOptions | string,
  ): Promise<Ready<V, T>> {
    const given = spawnOptions(options, 'start');
    return untilReady(fn, given?.name, (body, name) =>
      this.launch(body, { ...given, name }, false),
    );
  }

  cancel(reason?: unknown): void {
    if (this.token === rootToken) throw new TypeError('Cannot cancel the root: open a scope');
    this.token.cancel(reason, currentToken().task?.name);
  }

  defer(cleanup: Cleanup, options?: { readonly timeout?: Duration }): void {
    if (this.token === rootToken) throw new TypeError('Cannot defer to the root: it never ends');
    if (this.#closed) throw new ScopeClosed(`Cannot defer to ${this.name}: the scope has ended`);
    this.#cleanups ??= new Cleanups();
    this.#cleanups.defer(cleanup, options);
  }

  use<R extends Disposable | AsyncDisposable | null | undefined>(resource: R): R {
    if (resource !== null && resource !== undefined) this.defer(disposal(resource));
    return resource;
  }

  idle(): Promise<void> {
    touch(this.token);
    const wait = new Wait<void>(`idle of ${this.name}`);
    if (wait.settled) return wait.promise;
    if (this.#tasks === 0) {
      wait.ok();
    } else {
      this.#idle ??= new WaitQueue();
      this.#idle.push(wait);
    }
    return wait.promise;
  }

  async join(): Promise<void> {
    if (this.token === rootToken) throw new TypeError('Cannot join the root: it never ends');
    if (isOwnTask(this.token)) {
      throw new TypeError(
        `Cannot join ${this.name} from one of its own tasks: it would wait for itself`,
      );
    }
    if (this.#isBlock) {
      await this.idle();
      if (this.errors.length > 0) throw errorOf(this.errors, this.#options, this.name);
      return;
    }
    await this.#finishHandle();
    this.#conclude({ value: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.token === rootToken) throw new TypeError('Cannot close the root: it never ends');
    if (this.#closed) return;
    this.token.cancel('it was left without join');
    await this.#finishHandle();
    if (this.errors.length > 0) throw errorOf(this.errors, this.#options, this.name);
  }

  #finishHandle(): Promise<void> {
    const join = new HandleJoin(this.token);
    this.#finish().then(
      () => (join.cancelled === undefined ? join.ok() : join.fail(join.cancelled)),
      (error: unknown) => join.fail(error),
    );
    return join.promise;
  }

  async #run<R>(body: (scope: OpenScope) => MaybePromise<R>): Promise<R> {
    const end = await this.#runBody(body);
    if (end !== undefined && 'error' in end) {
      const wasCancelled = this.cancelled && isCancelled(end.error);
      if (!wasCancelled && !this.errors.includes(end.error)) this.errors.push(end.error);
      this.token.cancel(end.error);
    }
    await this.#finish();
    return this.#conclude(end);
  }

  #runBody<R>(body: (scope: OpenScope) => MaybePromise<R>): Promise<BodyEnd<R>> {
    const unit = this.token.unit;
    unit.unblock();
    return new Promise<BodyEnd<R>>((resolve) => {
      const end = (outcome: BodyEnd<R>): void => {
        if (this.#bodyLeft === undefined) return;
        this.#bodyLeft = undefined;
        unit.block();
        resolve(outcome);
      };
      this.#bodyLeft = () => end(undefined);
      inFrame(this.token, async () => body(this)).then(
        (value) => end({ value }),
        (error: unknown) => end({ error }),
      );
    });
  }

  /** Waits for all that is alive inside, runs the clean-ups and leaves the tree. */
  #finish(): Promise<void> {
    this.#finished ??= this.#finishOnce();
    return this.#finished;
  }

  async #finishOnce(): Promise<void> {
    touch(this);
    // What is told of the last end may start something before this goes on: count again, and close in the same step.
    while (this.#tasks + this.#lodgers > 0 && !this.#abandoned) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#empty = resolve;
      this.#progress();
      await promise;
    }
    this.#closed = true;
    touch(this);
    this.#watch?.stop();
    await this.#cleanups?.run(
      (cleanup, timeout) => this.#shielded(cleanup, timeout),
      (error) => this.errors.push(error),
    );
    this.#deadline?.stop();
    this.#unlink?.();
    this.token.close();
    this.#home?.leave();
  }

  #shielded(cleanup: Cleanup, timeout: number): Promise<void> {
    const options = { name: 'cleanup', shield: true, timeout };
    return inFrame(this.token, () =>
      OpenScope.run(options, async ({ token }) => cleanup(new CallContext(token, 0, 1))),
    );
  }

  #conclude<R>(end: BodyEnd<R>): R {
    return verdict(end, {
      errors: this.errors,
      options: this.#options,
      token: this.token,
      timedOut: this.timedOut,
      cutShort: this.#cutShort,
    });
  }
}

/** The scope outside all others. */
export const rootScope: OpenScope = new OpenScope({ name: 'root' }, undefined);
