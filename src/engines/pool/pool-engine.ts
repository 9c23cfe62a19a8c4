/**
 * The engine over a pool: what `submit` checks and remembers before a call is queued.
 *
 * @module
 */

import { watchAbort } from '../../core/abort-watch.ts';
import type { MaybePromise } from '../../core/context.ts';
import { type Call, checkSubmission } from '../../core/engine.ts';
import { functionName } from '../../core/function-name.ts';
import { ownOptions } from '../../core/own-options.ts';
import { show } from '../../core/shown.ts';
import { captureContext } from '../../core/token.ts';
import type { CallSite } from '../../runtime/call-site.ts';
import { refuseWhileImporting } from '../../shipping/importing.ts';
import type { AnyFunction } from '../../shipping/shipment.ts';
import { arePrimitive } from '../shared/contents.ts';
import { captureFor, isAwaitedBy } from './behalf.ts';
import { EngineClosed } from './engine-closed.ts';
import { LateErrors } from './late-errors.ts';
import type { StartWorker } from './link.ts';
import type { LateErrorListener } from './listeners.ts';
import { DEEPEST, depthHere, refuseTooDeep } from './nesting.ts';
import { Pool } from './pool.ts';
import { PoolCall } from './pool-call.ts';
import type { PoolPlan } from './pool-options.ts';
import { routeOf } from './route.ts';
import type { WorkerEngine } from './worker-engine.ts';

const NO_CALL: Call = {};

/** Whether somebody has written to Object.prototype what would pass for part of a call that does not have it. Costs some nanoseconds. */
function isPolluted({ signal, timeout, grace, name, index, attempt }: Call): boolean {
  const { transfer, exclusive, extras, site } = NO_CALL;
  return !(
    signal === undefined &&
    timeout === undefined &&
    grace === undefined &&
    name === undefined &&
    index === undefined &&
    attempt === undefined &&
    transfer === undefined &&
    exclusive === undefined &&
    extras === undefined &&
    site === undefined
  );
}

/** Workers belong to everybody: the ambient values of whoever needed the first one must not live as long as they. */
const ORIGIN = captureContext();

/** The engine behind `threads` and `processes`. */
export class PoolEngine implements WorkerEngine {
  readonly name: string;
  readonly #pool: Pool;
  readonly #lateErrors: LateErrors;
  /** Known from the start: a worker is told how deep it is before anything runs there. */
  readonly #isTooDeep: boolean = depthHere() >= DEEPEST;
  #closing: Promise<void> | undefined;

  constructor(name: string, plan: PoolPlan, start: StartWorker) {
    this.name = name;
    this.#lateErrors = new LateErrors(name);
    this.#pool = new Pool(
      plan,
      (...worker) => ORIGIN.runInAsyncScope(start, undefined, ...worker),
      this.#lateErrors,
    );
  }

  get capacity(): number {
    return this.#pool.plan.size;
  }

  get stats(): Pool['stats'] {
    return this.#pool.stats;
  }

  prefetch(fn: (...args: never[]) => unknown, site?: CallSite): number {
    const { depth } = routeOf(fn, site ?? this.prefetch);
    return depth === 1 ? 0 : 2 * this.capacity * depth;
  }

  submit<R>(
    fn: (...args: never) => MaybePromise<R>,
    args: readonly unknown[],
    call: Call = NO_CALL,
  ): Promise<R> {
    return this.submitFrom(this.submit, fn, args, call);
  }

  /** The same, on behalf of a function of the library: the place of the call is where that was called. */
  submitFrom<R>(
    above: AnyFunction,
    fn: (...args: never) => MaybePromise<R>,
    args: readonly unknown[],
    call: Call,
  ): Promise<R> {
    try {
      return this.#submit(above, fn, args, call) as Promise<R>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #submit(
    above: AnyFunction,
    fn: AnyFunction,
    args: readonly unknown[],
    given: Call,
  ): Promise<unknown> {
    const call = isPolluted(NO_CALL) ? ownOptions(given) : given;
    checkSubmission(fn, args, call);
    if (this.#closing !== undefined) {
      throw new EngineClosed(
        `Cannot run ${functionName(fn) || 'a function'} in ${this.name}: the engine was disposed; make a new one`,
      );
    }
    refuseWhileImporting(this.name, fn);
    if (this.#isTooDeep) refuseTooDeep(this.name);
    const route = routeOf(fn, call.site ?? above);
    const site = call.site ?? route.sites.sample(above);
    const submitted = new PoolCall(this.#pool, route, args, call, site, this.name);
    if (call.extras !== undefined || !arePrimitive(args)) {
      submitted.home = captureFor(submitted);
    }
    // It began in a cancelled scope.
    if (submitted.settled) return submitted.promise;
    const { signal } = call;
    if (signal !== undefined) this.#watch(submitted, signal);
    if (submitted.settled) return submitted.promise;
    this.#pool.enqueue(submitted);
    return submitted.promise;
  }

  #watch(submitted: PoolCall, signal: AbortSignal): void {
    if (submitted.token.hasSignal(signal)) return;
    const abort = (): void => this.#pool.stop(submitted, signal.reason);
    if (signal.aborted) abort();
    else submitted.unwatch = watchAbort(signal, abort);
  }

  on(event: 'lateError', listener: LateErrorListener): this {
    this.#lateErrors.listeners.on(event, listener);
    return this;
  }

  off(event: 'lateError', listener: LateErrorListener): this {
    this.#lateErrors.listeners.off(event, listener);
    return this;
  }

  /** Whether it takes no more calls. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** @throws TypeError in what one of its calls has called back: the pool ends when that call has, and the call may wait for this */
  refuseToWaitInside(): void {
    if (!isAwaitedBy(this.#pool)) return;
    throw new TypeError(
      `Cannot wait for the end of ${this.name} in what one of its calls has called back: it would wait for itself`,
    );
  }

  /** Takes no more calls, and ends when those that there are have ended. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuseToWaitInside();
    await this.close();
  }

  static {
    show(PoolEngine.prototype, (engine) => {
      const { running, waiting, workers } = engine.stats;
      return {
        what: `engine ${engine.name}`,
        state: engine.#closing === undefined ? undefined : 'closed',
        running,
        of: engine.capacity,
        waiting,
        workers,
      };
    });
  }
}
