/**
 * A pool that can be started, shut down and started again.
 *
 * @module
 */

import { requireBoolean, requireInteger } from '../../core/arguments.ts';
import type { MaybePromise } from '../../core/context.ts';
import type { Call } from '../../core/engine.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import { ownOptions } from '../../core/own-options.ts';
import { show } from '../../core/shown.ts';
import type { CallSite } from '../../runtime/call-site.ts';
import { type LateErrorListener, Listeners } from './listeners.ts';
import type { PoolEngine } from './pool-engine.ts';
import { CPU_CORES, type PoolOptions } from './pool-options.ts';
import type { WorkerEngine } from './worker-engine.ts';

/** Options of `initialize`. */
export interface InitializeOptions {
  /** An integer from 1. Default: what it was before, at first `CPU_CORES`. */
  readonly maxWorkers?: number | undefined;
}

const INITIALIZE_NAMES: NamesOf<InitializeOptions> = { maxWorkers: true };
const SHUTDOWN_NAMES: NamesOf<Parameters<ExecutorPool['shutdown']>[0]> = { wait: true };

/**
 * Workers that all share, under one name. It initializes itself at the first call through `threads()`, `inThread` and the like, and
 * keeps its size when it is shut down. `threadPool` and `processPool` are the two there are.
 */
export class ExecutorPool implements AsyncDisposable {
  readonly #make: (options: PoolOptions) => PoolEngine;
  #maxWorkers: number = CPU_CORES;
  #pool: PoolEngine | undefined;
  /** Pools that are ending: who waits for the end waits for theirs, whoever began it. */
  readonly #ending = new Map<PoolEngine, Promise<void>>();
  /** The engine that stands for whatever pool there is. */
  readonly shared: WorkerEngine;
  readonly #listeners = new Listeners();

  /** @internal */
  constructor(make: (options: PoolOptions) => PoolEngine) {
    this.#make = make;
    this.shared = new SharedEngine(this, this.#listeners);
  }

  /** Whether there is a pool. */
  get initialized(): boolean {
    return this.#pool !== undefined && !this.#pool.isClosed;
  }

  /** How many workers it has, or would have. */
  get maxWorkers(): number {
    return this.#maxWorkers;
  }

  /**
   * The pool.
   *
   * @throws Error when it has not been initialized
   */
  get pool(): WorkerEngine {
    if (!this.initialized) throw new Error('Must call initialize first');
    return this.#pool as PoolEngine;
  }

  /**
   * Makes the pool; its workers start when calls need them. A pool of another size takes the place of the old one, which ends when its
   * calls have; `shutdown` waits for that, too.
   *
   * @throws RangeError when `maxWorkers` is not an integer >= 1: the old pool stays
   */
  initialize(options: InitializeOptions = {}): void {
    requireOptions(options, INITIALIZE_NAMES, 'initialize');
    const { maxWorkers = this.#maxWorkers } = ownOptions(options);
    requireInteger(maxWorkers, 'maxWorkers', 1);
    if (this.initialized && maxWorkers === this.#maxWorkers) return;
    const next = this.#make({ size: maxWorkers });
    next.on('lateError', (error) => this.#listeners.tell(error));
    this.#retire();
    this.#maxWorkers = maxWorkers;
    this.#pool = next;
  }

  /**
   * Ends the workers when all calls have ended; calls that come later start a new pool of the same size. Called twice, or after
   * `shutdown({ wait: false })` or an `initialize` that put another pool in the place of this one, it waits all the same, until everything
   * that was there has ended.
   *
   * @param options.wait whether to wait for that. Default true
   * @throws TypeError when `wait` is neither true nor false, and when it would wait for itself: in a callback or source that a call
   *   of the pool has called. Nothing has happened then
   */
  async shutdown(options: { readonly wait?: boolean | undefined } = {}): Promise<void> {
    requireOptions(options, SHUTDOWN_NAMES, 'shutdown');
    const { wait = true } = ownOptions(options);
    requireBoolean(wait, 'wait');
    if (wait) for (const pool of [...this.#ending.keys(), this.#pool]) pool?.refuseToWaitInside();
    this.#retire();
    if (wait) await Promise.all(this.#ending.values());
  }

  #retire(): void {
    const old = this.#pool;
    this.#pool = undefined;
    if (old === undefined) return;
    const gone = (): void => void this.#ending.delete(old);
    const end = old.close();
    this.#ending.set(old, end);
    end.then(gone, gone);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** @internal The pool, made if there is none. */
  ready(): PoolEngine {
    if (!this.initialized) this.initialize();
    return this.#pool as PoolEngine;
  }

  static {
    show(ExecutorPool.prototype, (executor) => {
      const pool = executor.initialized ? executor.#pool : undefined;
      return {
        what: pool === undefined ? 'executor pool' : `executor pool of ${pool.name}`,
        state: pool === undefined ? 'not initialized' : 'initialized',
        running: pool?.stats.running ?? 0,
        of: executor.maxWorkers,
        waiting: pool?.stats.waiting,
      };
    });
  }
}

/** The pool of the moment. Nobody can close it by this handle. */
class SharedEngine implements WorkerEngine {
  readonly #pool: ExecutorPool;
  readonly #listeners: Listeners;

  constructor(pool: ExecutorPool, listeners: Listeners) {
    this.#pool = pool;
    this.#listeners = listeners;
  }

  get name(): string {
    return this.#pool.ready().name;
  }

  get capacity(): number {
    return this.#pool.maxWorkers;
  }

  prefetch(fn: (...args: never[]) => unknown, site?: CallSite): number {
    return this.#pool.ready().prefetch(fn, site);
  }

  submit<R>(
    fn: (...args: never) => MaybePromise<R>,
    args: readonly unknown[],
    call: Call,
  ): Promise<R> {
    return this.#pool.ready().submitFrom(this.submit, fn, args, call);
  }

  on(event: 'lateError', listener: LateErrorListener): this {
    this.#listeners.on(event, listener);
    return this;
  }

  off(event: 'lateError', listener: LateErrorListener): this {
    this.#listeners.off(event, listener);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It belongs to everybody.
  }

  static {
    show(SharedEngine.prototype, (engine) => ({
      what: 'shared engine',
      atOnce: engine.#pool.maxWorkers,
    }));
  }
}
