/**
 * The machinery of a scope: it counts what is alive inside, ends when that is zero, and decides what its caller gets. The
 * functions that users call (`scope`, `timeout`, `shield` …) are in `scopes.ts`.
 *
 * @module
 */

import { CallSite } from '../runtime/call-site.ts';
import { requireFunction } from './arguments.ts';
import { type Cleanup, Cleanups, disposal, nameOf } from './cleanups.ts';
import { CallContext, type MaybePromise, type Thunk } from './context.ts';
import { Deadline } from './deadline.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import {
  type Cancelled,
  isCancelled,
  ScopeClosed,
  type StuckTasks,
  type TimedOut,
} from './errors.ts';
import { functionName } from './function-name.ts';
import { CLEANING, DEFAULT_GRACE, GraceWatch } from './grace.ts';
import { HandleJoin, refuseInside } from './handle-join.ts';
import { touch } from './kernel.ts';
import { abandonBelow, isCastOff, isLeftBehind, leaveHost } from './left-behind.ts';
import { linkSignal } from './link-signal.ts';
import { Members } from './members.ts';
import { type Ready, type Starter, untilReady } from './ready.ts';
import { RunningBody } from './running-body.ts';
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

/** The one implementation of Scope. */
export class OpenScope implements Scope, TaskOwner {
  readonly token: Token;
  readonly errors: unknown[] = [];
  readonly #options: ScopeOptions;
  readonly #watch: GraceWatch | undefined;
  readonly #gate: TaskGate | undefined;
  /** The scope that this one was opened in. */
  readonly #home: OpenScope | undefined;
  /** It has a body that it ends with, and its home waits for it. A handle is ended by `join`, or among the clean-ups of its home. */
  readonly isBlock: boolean;
  readonly #members = new Members(() => this.#stopLodgers());
  #closed = false;
  /** A cancellation of this scope, or of one around it, cut a task short: the value of the body is not the whole. */
  #cutShort = false;
  #deadline: Deadline | undefined;
  #unlink: (() => void) | undefined;
  #cleanups: Cleanups | undefined;
  #body: Pick<RunningBody<unknown>, 'isOver' | 'leave'> | undefined;
  #finished: Promise<void> | undefined;
  /** The cancellation that held when all had ended. */
  #cancelled: Cancelled | undefined;
  /** Gives back the place that a handle has among the clean-ups of its home. */
  #unkeep: (() => void) | undefined;

  /** @param kind a block has a body that it ends with; a handle is ended by `join` or disposal */
  constructor(
    options: ScopeOptions,
    parent: Token | undefined,
    kind: 'block' | 'handle' = 'handle',
    site?: CallSite,
  ) {
    checkScopeOptions(options);
    this.#options = options;
    this.isBlock = kind === 'block';
    this.#gate = taskGate(options.limit, this);
    if (parent === undefined) {
      this.token = rootToken;
      rootToken.scope = this;
      return;
    }
    this.#home = parent.scope as OpenScope;
    this.token = new Token(options.name ?? 'scope', parent, 'part', options.shield ?? false);
    this.token.scope = this;
    if (this.isBlock) this.#home.lodge();
    else this.#unkeep = this.#home.#keep(this);
    const given = toMilliseconds(options.grace ?? DEFAULT_GRACE, 'grace');
    const grace = options.abandon === true ? 'abandon' : given;
    this.#watch = new GraceWatch(this.token, grace, (stuck) => this.#abandon(stuck));
    this.token.onCancel = () => this.#watch?.start();
    if (options.signal !== undefined) this.#unlink = linkSignal(options.signal, this.token);
    const timeout = toMilliseconds(options.timeout ?? Number.POSITIVE_INFINITY, 'timeout');
    const { deadline = Number.POSITIVE_INFINITY } = options;
    const at = Math.min(this.token.started + timeout, deadline);
    const span = at < deadline ? timeout : undefined;
    if (at < Number.POSITIVE_INFINITY) this.#expireAt(at, span, site);
  }

  /**
   * Runs a body in a new scope below the token in force.
   *
   * @param site where its time limit was set, if that is not where this is called from
   */
  static run<R>(
    options: ScopeOptions,
    body: (scope: OpenScope) => MaybePromise<R>,
    site?: CallSite,
  ): Promise<R> {
    const parent = currentToken();
    const scope = new OpenScope(options, parent, 'block', site);
    const join = new Join<R>(`scope ${scope.name}`, parent);
    scope.#run(body).then(
      (value) => join.ok(value),
      (error: unknown) => join.fail(error),
    );
    return join.promise;
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
    return this.#body?.isOver === true;
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

  #expireAt(at: number, span?: number, site = new CallSite(this.#expireAt)): void {
    this.#deadline ??= new Deadline(this.token, (error) => this.errors.push(error));
    this.#deadline.moveTo(at, site, span);
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
    const token = new Token(name ?? (functionName(fn) || 'task'), this.token, 'unit');
    const task = new RunningTask<T>(token, this, contained, daemon);
    this.#members.enter(daemon);
    if (this.#gate === undefined) task.start(fn);
    else this.#gate.enter(task as RunningTask<unknown>, () => task.start(fn));
    return task;
  }

  childEnded(task: RunningTask<unknown>, observed: boolean): void {
    touch(this);
    // What becomes of a task that was left behind is told to nobody, also while clean-ups run.
    const failed = task.status === 'failed' && !task.contained && !isCastOff(task.token);
    if (this.token === rootToken) {
      if (failed && !observed) task.surrender();
    } else if (failed) {
      this.#failed(task.exception(), task.name);
    } else if (task.status === 'cancelled' && task.token.own === undefined && !task.daemon) {
      this.#cutShort = true;
    }
    this.#gate?.leave(task);
    this.#members.leave(task.daemon);
  }

  #failed(error: unknown, name?: string): void {
    this.errors.push(error);
    if (this.#options.onError !== 'continue') this.token.cancel(error, name);
  }

  /** Takes in a flow or scope that was opened here. */
  lodge(): void {
    this.#members.enter(true);
  }

  /** One of those has ended. */
  leave(): void {
    this.#members.leave(true);
  }

  /** Our watch first: what is stuck below is then reported there, and not here as well. What the scope gives is decided, so its time is over. */
  #stopLodgers(): void {
    this.#watch?.start();
    this.#deadline?.stop();
    for (const lodger of this.token.children()) {
      const { scope } = lodger;
      const isHandle = scope !== this && !(scope as OpenScope).isBlock;
      if (!isHandle) lodger.cancel(`${this.name} has ended`);
    }
  }

  /** Takes a handle in that was opened here: it is stopped at its turn among the clean-ups, unless it has ended by then. */
  #keep(handle: OpenScope): (() => void) | undefined {
    if (this.token === rootToken || this.#closed) return undefined;
    this.#cleanups ??= new Cleanups();
    return this.#cleanups.defer(async () => {
      handle.token.cancel(`${this.name} has ended`);
      // Who began its end is told of its errors. Where nobody did, they are those of its home: they must not be lost.
      const isFirst = handle.#finished === undefined;
      await handle.#finish();
      if (isFirst && !isLeftBehind(handle.token, this.token)) handle.#throwErrors();
    });
  }

  #throwErrors(): void {
    if (this.errors.length > 0) throw errorOf(this.errors, this.#options, this.name);
  }

  /** The time is over for those who are alive. */
  #abandon(stuck: StuckTasks): void {
    const isAsked = this.#options.abandon === true;
    // A task that is left behind gives nothing any more.
    this.#cutShort ||= isAsked && this.#members.areTasksAlive;
    if (isAsked) abandonBelow(this.token);
    else this.errors.push(stuck);
    this.token.castOff();
    this.#body?.leave(isAsked ? this.name : undefined);
    this.#members.abandon();
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
    if (this.#closed) return;
    this.token.cancel(reason, currentToken().task?.name, this.cancel);
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
    return this.#members.idle(this.name);
  }

  async join(): Promise<void> {
    if (this.token === rootToken) throw new TypeError('Cannot join the root: it never ends');
    // Before the clean-ups it waits for the tasks only, so other code of the block may call it.
    refuseInside(this.token, 'join', this.#closed ? 'anywhere' : 'in tasks');
    if (this.isBlock) return this.idle().then(() => this.#throwErrors());
    // What is shielded from its surroundings is so from whoever waits for it.
    const join = this.token.shielded
      ? new Wait<void>(`scope ${this.name}`)
      : new HandleJoin(this.name, () => (this.#closed ? undefined : this.token));
    void this.#finish().then(() => join.ok());
    await join.promise;
    this.#conclude({ value: undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.token === rootToken) throw new TypeError('Cannot close the root: it never ends');
    refuseInside(this.token, 'close', 'anywhere');
    // Where the end has begun, whoever began it is told of the errors.
    const isFirst = this.#finished === undefined;
    if (!this.#closed) this.token.cancel('it was left without join');
    const join = new Join<void>(`scope ${this.name}`);
    void this.#finish().then(() => join.ok());
    await join.promise;
    if (isFirst) this.#throwErrors();
  }

  async #run<R>(body: (scope: OpenScope) => MaybePromise<R>): Promise<R> {
    const running = new RunningBody(this.token, () => body(this));
    this.#body = running;
    const end = await running.ended;
    if (end !== undefined && 'error' in end) {
      const wasCancelled = this.cancelled && isCancelled(end.error);
      if (!wasCancelled && !this.errors.includes(end.error)) this.errors.push(end.error);
      this.token.cancel(end.error);
    }
    await this.#finish();
    return this.#conclude(end);
  }

  /** Waits for all that is alive inside, runs the clean-ups and leaves the tree. */
  #finish(): Promise<void> {
    this.#finished ??= this.#finishOnce();
    return this.#finished;
  }

  async #finishOnce(): Promise<void> {
    touch(this);
    // What is told of the last end may start something before this goes on: count again, and close in the same step.
    for (let left = this.#members.leaving(); left !== undefined; left = this.#members.leaving()) {
      await left;
    }
    this.#close();
    if (this.#cleanups !== undefined) {
      this.token.watch = CLEANING;
      await this.#cleanups.run(
        (cleanup, timeout) => this.#shielded(cleanup, timeout),
        (error) => this.errors.push(error),
      );
    }
    this.token.close();
    if (this.isBlock) leaveHost(this.token, this.#home);
    else this.#unkeep?.();
  }

  /** What the caller gets is decided: no cancellation and no deadline that comes while clean-ups run changes it, or starts a timer. */
  #close(): void {
    this.#closed = true;
    touch(this);
    this.#deadline?.stop();
    this.#cancelled = this.token.effective;
    this.token.onCancel = undefined;
    this.#watch?.stop();
    this.#unlink?.();
  }

  #shielded(cleanup: Cleanup, timeout: number): Promise<void> {
    const options = { name: nameOf(cleanup), shield: true, timeout };
    return inFrame(this.token, () =>
      OpenScope.run(options, async ({ token }) => cleanup(new CallContext(token, 0, 1))),
    );
  }

  #conclude<R>(end: BodyEnd<R>): R {
    return verdict(end, {
      errors: this.errors,
      options: this.#options,
      token: this.token,
      cancelled: this.#cancelled,
      isOwn: this.#cancelled !== undefined && this.#cancelled === this.token.own,
      cutShort: this.#cutShort,
    });
  }
}

/** The scope outside all others. */
export const rootScope: OpenScope = new OpenScope({ name: 'root' }, undefined);
