/**
 * The functions that open scopes. `scope` is the primary form; the others are one option of it under a name of their own.
 *
 * @module
 */

import { describe, isThenable, requireFunction } from './arguments.ts';
import type { MaybePromise, Thunk } from './context.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { kernel } from './kernel.ts';
import { type NamesOf, requireOptions } from './known-options.ts';
import { OpenScope } from './open-scope.ts';
import {
  requirePoint,
  SCOPE_NAMES,
  type Scope,
  type ScopeOptions,
  type SpawnOptions,
  spawnOptions,
} from './scope.ts';
import { show } from './shown.ts';
import type { Task } from './task.ts';
import { currentToken, inFrame, rootToken } from './token.ts';
import { until } from './until.ts';

show(OpenScope.prototype, ({ id, name, state, tasks, errors }) => ({
  what: name === 'scope' ? name : `scope ${name}`,
  id,
  state,
  tasks: state === 'closed' ? undefined : tasks.size,
  errors: errors.length || undefined,
}));

/** What runs in a scope. */
export type Body<R> = (scope: Scope) => MaybePromise<R>;

/**
 * Runs `body` in a new scope and settles when the body, all tasks spawned in it and all deferred clean-ups have ended.
 *
 * A failing body cancels the tasks; a failing task cancels the others and the body. The first error is thrown unchanged, the
 * others are in `errors` of the scope. A cancellation that starts here ends here: the scope gives the value that the body
 * returned, or else rejects with its `Cancelled`. Costs a few microseconds.
 *
 * @param options see ScopeOptions
 * @param body gets the scope; `currentScope()` gives the same one inside
 * @throws TimedOut when its deadline passed
 * @throws StuckTasks when work was alive `grace` after a cancellation and there is no other error
 * @throws Cancelled when it was cancelled before the body had returned
 *
 * @example
 * ```ts
 * import { scope, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const log: string[] = [];
 * await scope(async (s) => {
 *   s.spawn(async () => {
 *     await sleep(2);
 *     log.push('task');
 *   });
 *   log.push('body');
 * });
 * assert.deepEqual(log, ['body', 'task']);
 * ```
 * @see https://vorpus.org/blog/notes-on-structured-concurrency-or-go-statement-considered-harmful/
 */
export function scope<R>(body: Body<R>): Promise<R>;
/** The same, with options. */
export function scope<R>(options: ScopeOptions, body: Body<R>): Promise<R>;
export async function scope<R>(first: ScopeOptions | Body<R>, second?: Body<R>): Promise<R> {
  const [options, body] = typeof first === 'function' ? [{}, first] : [first, second as Body<R>];
  requireFunction(body, 'body');
  requireOptions(options, SCOPE_NAMES, 'scope');
  if (typeof first === 'function' && typeof second === 'object') {
    throw new TypeError('Expected options of scope to come before its body');
  }
  return OpenScope.run(options, body);
}

/**
 * Opens a scope as a handle, for `await using`, or for an object that has tasks of its own. Leaving the block without `await s.join()` cancels
 * the tasks, because a disposer is never told whether the block threw. It does not become the ambient scope: call `s.spawn`.
 *
 * It belongs to the scope in which it was opened, and is cancelled with it unless it has `shield`. Who neither joins nor disposes of it leaves
 * that to the end of that scope, where it is stopped in its turn among the clean-ups: after those that were deferred later, before
 * those that were deferred earlier.
 *
 * @example
 * ```ts
 * import { openScope, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const s = openScope();
 * const task = s.spawn(() => sleep(1).then(() => 'value'));
 * await s.join();
 * assert.equal(task.result(), 'value');
 * ```
 */
export function openScope(options: ScopeOptions = {}): Scope {
  requireOptions(options, SCOPE_NAMES, 'openScope');
  return new OpenScope(options, currentToken());
}

/** How a time limit treats what it limits. */
export interface TimeoutOptions {
  /** What errors and the task tree call it. Default: `timeout`, or `moveOnAfter`. */
  readonly name?: string | undefined;
  /** Time that the body gets to end in when its own is over, before it is reported as stuck. Default 5 s. */
  readonly grace?: Duration | undefined;
  /**
   * Rejects at the moment, and leaves behind, without a report, a body that does not listen. Whoever tests finds it by `assertNoLeaks`.
   * Default false.
   */
  readonly abandon?: boolean | undefined;
}

/**
 * Gives a body or a promise a limited time (Trio's `fail_after`). When it is over the waits of the body reject, its signal aborts, and the
 * call throws `TimedOut` **when the body has ended**: nothing runs on. So a body that does not listen holds up the call for as long as it
 * takes, though no longer than `grace`; what it gives then has come too late. With `abandon: true` the call throws at once and leaves it
 * behind. A promise cannot be stopped: it is always left at once.
 *
 * @param after from 0 up
 * @throws TimedOut when the time was over before the body and its tasks had ended; its stack is that of this call
 * @throws Cancelled when the scope around it was cancelled first
 *
 * @example
 * ```ts
 * import { sleep, TimedOut, timeout } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * await assert.rejects(timeout('5ms', () => sleep('1h')), TimedOut);
 *
 * const deaf = () => new Promise((done) => setTimeout(done, 30));
 * await assert.rejects(timeout('5ms', deaf), TimedOut); // after 30 ms
 * await assert.rejects(timeout('5ms', deaf()), TimedOut); // after 5: a promise is left
 * await assert.rejects(timeout('5ms', deaf, { abandon: true }), TimedOut); // after 5
 * await deaf();
 * ```
 */
export async function timeout<R>(
  after: Duration,
  body: Body<R> | PromiseLike<R>,
  options: TimeoutOptions = {},
): Promise<R> {
  const limit = toMilliseconds(after, 'after');
  return OpenScope.run({ ...limits(options, 'timeout'), timeout: limit }, bodyOf(body));
}

/** A body, or the wait for a promise. */
function bodyOf<R>(work: Body<R> | PromiseLike<R>): Body<R> {
  if (typeof work === 'function') return work;
  if (!isThenable(work)) {
    throw new TypeError(`Expected body to be a function or a promise: got ${describe(work)}`);
  }
  return () => until(work);
}

const TIMEOUT_NAMES: NamesOf<TimeoutOptions> = { name: true, grace: true, abandon: true };

function limits(options: TimeoutOptions, called: string): ScopeOptions {
  requireOptions(options, TIMEOUT_NAMES, called);
  const { name = called, grace, abandon } = options;
  return { name, grace, abandon };
}

/** The same as `timeout` with a point of `now()`'s clock (Trio's `fail_at`). */
export async function timeoutAt<R>(
  deadline: number,
  body: Body<R> | PromiseLike<R>,
  options: TimeoutOptions = {},
): Promise<R> {
  requirePoint(deadline, 'deadline');
  return OpenScope.run({ ...limits(options, 'timeout'), deadline }, bodyOf(body));
}

/**
 * Gives a body or a promise a limited time and goes on with `otherwise` when it is over (Trio's `move_on_after`): like `timeout` when the body
 * has ended, or at once with `abandon: true`.
 *
 * @param otherwise what the call gives then; default undefined
 * @throws Cancelled when the scope around it was cancelled first; whatever the body throws before its time is over
 *
 * @example
 * ```ts
 * import { moveOnAfter, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * assert.equal(await moveOnAfter('2ms', () => sleep('1h').then(() => 'found'), 'not found'), 'not found');
 * ```
 */
export function moveOnAfter<R>(
  after: Duration,
  body: Body<R> | PromiseLike<R>,
): Promise<R | undefined>;
/** The same, with a value to go on with. */
export function moveOnAfter<R, F>(
  after: Duration,
  body: Body<R> | PromiseLike<R>,
  otherwise: F,
  options?: TimeoutOptions,
): Promise<R | F>;
export async function moveOnAfter<R, F>(
  after: Duration,
  body: Body<R> | PromiseLike<R>,
  otherwise?: F,
  options: TimeoutOptions = {},
): Promise<R | F | undefined> {
  const limit = toMilliseconds(after, 'after');
  const run = bodyOf(body);
  let opened: OpenScope | undefined;
  try {
    return await OpenScope.run({ ...limits(options, 'moveOnAfter'), timeout: limit }, (s) => {
      opened = s;
      return run(s);
    });
  } catch (error) {
    if (opened?.timedOut === undefined || error !== opened.timedOut) throw error;
    return otherwise;
  }
}

/** How work is shielded. */
export interface ShieldOptions {
  /** What errors and the task tree call it. Default `shield`. */
  readonly name?: string | undefined;
  /** Time until its waits are cancelled all the same. Default: none. */
  readonly timeout?: Duration | undefined;
}

const SHIELD_NAMES: NamesOf<ShieldOptions> = { name: true, timeout: true };

/**
 * Hides outer cancellation from `body`: for work that must be finished, such as a commit. `timeout` limits how long.
 *
 * @throws TimedOut when its own time was over before it had ended
 */
export async function shield<R>(body: Body<R>, options: ShieldOptions = {}): Promise<R> {
  requireFunction(body, 'body');
  requireOptions(options, SHIELD_NAMES, 'shield');
  const { name = 'shield', timeout } = options;
  return OpenScope.run({ name, timeout, shield: true }, body);
}

/** Calls `body` outside all scopes: for things that live as long as the process, such as a shared connection. */
export function detached<R>(body: () => R): R {
  requireFunction(body, 'body');
  return inFrame(rootToken, body);
}

/**
 * Starts a task of the current scope whose failure is reported to its handle only: the scope waits for it but is not cancelled
 * by it, and no unhandled rejection comes of it. A promise may be given too; it cannot be stopped, only left.
 *
 * @example
 * ```ts
 * import { schedule } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const task = schedule(() => Promise.reject(new Error('no')));
 * assert.equal((await task.settled()).status, 'failed');
 * assert.match(String(task.exception()), /no/);
 * ```
 */
export function schedule<T>(
  work: Thunk<T> | PromiseLike<T>,
  options?: SpawnOptions | string,
): Task<T> {
  const given = spawnOptions(options, 'schedule');
  const fn = typeof work === 'function' ? work : () => until(work);
  if (typeof work !== 'function') {
    requireFunction((work as PromiseLike<T> | null)?.then, 'work (or its then)');
    // Its failure is told to the handle, also when it comes before the task has started.
    Promise.resolve(work).catch(() => undefined);
  }
  return (currentScope() as OpenScope).launch(fn, given, true);
}

/** The scope in force: the nearest one that has not ended normally, or the root of the process. */
export function currentScope(): Scope {
  return currentToken().scope;
}

/** The task at work; undefined outside any. */
export function currentTask(): Task<unknown> | undefined {
  return currentToken().task;
}

/** The signal of the nearest scope or task, for APIs that take one. Made on first use. */
export function currentSignal(): AbortSignal {
  return currentToken().signal;
}

/** The earliest deadline that can reach the code at work; Infinity for none, -Infinity when it is cancelled. */
export function effectiveDeadline(): number {
  return currentToken().effectiveDeadline();
}

/**
 * Throws if the current scope is cancelled: a look without a wait, for loops that compute.
 *
 * @throws Cancelled
 */
export function checkCancelled(): void {
  kernel.poll?.();
  const cancelled = currentToken().effective;
  if (cancelled !== undefined) throw cancelled;
}
