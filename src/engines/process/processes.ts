/**
 * Child processes as an engine.
 *
 * @module
 */
import type { Arguments, Received } from '../../core/body.ts';
import type { MaybePromise } from '../../core/context.ts';
import { ExecutorPool } from '../pool/executor-pool.ts';
import { type Generating, generateAt, type Sent } from '../pool/generate.ts';
import type { StartWorker } from '../pool/link.ts';
import { PoolEngine } from '../pool/pool-engine.ts';
import { type PoolOptions, type PoolPlan, planPool, unclonableInit } from '../pool/pool-options.ts';
import type { WorkerEngine } from '../pool/worker-engine.ts';
import { requireCarried } from './carried.ts';
import { Ledger } from './ledger.ts';
import { ProcessLink } from './process-link.ts';
import { startProcess } from './start-process.ts';

function starter(plan: PoolPlan): StartWorker {
  return (events) => {
    const ledger = Ledger.create();
    try {
      return new ProcessLink(startProcess(plan, ledger), ledger, events, plan.grace);
    } catch (error) {
      ledger?.close();
      throw error;
    }
  };
}

/** @throws Unclonable for what only a thread can be sent */
function requireCarriedInit(init: unknown): void {
  try {
    requireCarried(init);
  } catch (error) {
    throw unclonableInit(init, error);
  }
}

function makePool(options: PoolOptions): PoolEngine {
  const plan = planPool(options, 'processes');
  requireCarriedInit(plan.init);
  return new PoolEngine('processes', plan, starter(plan));
}

/**
 * The shared pool of child processes: what `processes()` and `inProcess` run on. It starts by itself; this is for programs that decide about
 * its size and its end.
 *
 * @example
 * ```ts
 * import { inProcess, processPool } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * processPool.initialize({ maxWorkers: 1 });
 * assert.equal(await inProcess(() => 1 + 1), 2);
 * await processPool.shutdown(); // waits for its calls; the next one starts it again
 * assert.deepEqual([processPool.initialized, processPool.maxWorkers], [false, 1]);
 * ```
 */
export const processPool: ExecutorPool = new ExecutorPool(makePool);

/**
 * The engine that runs functions in child processes.
 *
 * Like `threads`, for bodies that must not bring this process down with them (native code, memory without end, `process.exit`) or that need
 * what there is only one of in a process: a working directory, an environment, a heap. Everything is copied, what `transfer`
 * and `move` name too; memory cannot be shared. A child inherits environment, directory, output and the options of
 * the runtime. It starts in some 50 milliseconds and takes some 50 megabytes; a tiny call costs some microseconds when many are
 * submitted in one turn.
 *
 * Without options it is the pool that all share, `processPool`, which nobody has to close. With options it is a pool of its own: dispose
 * it. No child outlives this process, however that ends.
 *
 * A cancelled call that waits is removed; one at work has its signal fired, which a body sees when it gives its event loop a turn, and
 * after `grace` its child gets SIGTERM, and half a second later SIGKILL. A child that dies fails the call it was running, with `WorkerDied`,
 * and those of which nobody can tell whether they had started: where tiny calls travel together and the death is sudden.
 *
 * @throws RangeError, TypeError when an option is not what it should be
 *
 * @example
 * ```ts
 * import { map, processes } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const squares = await map([1, 2, 3], (n) => n * n, { engine: processes() });
 * assert.deepEqual(squares, [1, 4, 9]);
 * ```
 */
export function processes(options?: PoolOptions): WorkerEngine {
  return options === undefined ? processPool.shared : makePool(options);
}

/**
 * Runs a function in a child process of the shared pool and gives its result. The function gets the arguments and then its context: a
 * parameter that is optional needs an argument too.
 *
 * @param fn self-contained, declared with `task`, or (on Node) exported by a module
 * @throws NotShippable when the function cannot be sent; Unclonable when an argument or the result cannot; WorkerDied when its child died;
 * Cancelled when the scope around was cancelled; and whatever the function throws
 *
 * @example
 * ```ts
 * import { inProcess } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * assert.equal(await inProcess((a: number, b: number) => a + b, 1, 2), 3);
 * ```
 */
export function inProcess<A extends Arguments<P>, R, P extends readonly unknown[] = Received<A>>(
  fn: (this: void, ...args: P) => MaybePromise<R>,
  ...args: A
): Promise<R> {
  return processPool.ready().submitFrom(inProcess, fn, args, {});
}

/**
 * Runs a generator in a child process of the shared pool and gives its values here, one step for each request. `generateIn` tells the rest,
 * and has options.
 *
 * @param fn a generator function of either kind, or any function that gives an iterable; self-contained, declared with `task`, or (on Node)
 *   exported by a module
 * @throws TypeError when `fn` is not a function. The requests reject with what `generateIn` lists
 *
 * @example
 * ```ts
 * import { generateInProcess } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const letters: string[] = [];
 * for await (const letter of generateInProcess(function* (text: string) { yield* text; }, 'abc')) letters.push(letter);
 * assert.deepEqual(letters, ['a', 'b', 'c']);
 * ```
 */
export function generateInProcess<
  A extends Arguments<P>,
  Y,
  R = unknown,
  N = unknown,
  P extends readonly unknown[] = Received<A>,
>(fn: Generating<P, Y, R, N>, ...args: A): AsyncGenerator<Y, R, Sent<N>> {
  return generateAt(processPool.shared, {}, fn, args, generateInProcess);
}
