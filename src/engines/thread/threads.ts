/**
 * Worker threads as an engine.
 *
 * @module
 */
import type { Arguments, Received } from '../../core/body.ts';
import type { MaybePromise } from '../../core/context.ts';
import { ExecutorPool } from '../pool/executor-pool.ts';
import { type Generating, generateAt, type Sent } from '../pool/generate.ts';
import { PoolEngine } from '../pool/pool-engine.ts';
import { type PoolOptions, planPool } from '../pool/pool-options.ts';
import type { WorkerEngine } from '../pool/worker-engine.ts';
import { startThread } from './start-thread.ts';
import { ThreadLink } from './thread-link.ts';

function makePool(options: PoolOptions): PoolEngine {
  const plan = planPool(options, 'threads');
  return new PoolEngine(
    'threads',
    plan,
    (events, number) =>
      new ThreadLink((board) => startThread(plan, number, board), events, plan.grace),
  );
}

/**
 * The shared pool of worker threads: what `threads()` and `inThread` run on. It starts by itself; this is for programs that decide about
 * its size and its end.
 *
 * @example
 * ```ts
 * import { inThread, threadPool } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * threadPool.initialize({ maxWorkers: 1 });
 * assert.equal(await inThread(() => 1 + 1), 2);
 * await threadPool.shutdown(); // waits for its calls; the next one starts it again
 * assert.deepEqual([threadPool.initialized, threadPool.maxWorkers], [false, 1]);
 * ```
 */
export const threadPool: ExecutorPool = new ExecutorPool(makePool);

/**
 * The engine that runs functions in worker threads.
 *
 * Without options it is the pool that all share, `threadPool`, which nobody has to close. With options it is a pool of its own: dispose it.
 * Threads start when calls need them, run one body at a time, and keep no process alive when they have nothing to do. Calls start in the
 * order in which they were submitted; those of one turn travel together, so a tiny one costs about a microsecond.
 *
 * A cancelled call that waits is removed; one at work has its signal fired, and after `grace` its thread is ended and replaced. A thread
 * that dies fails exactly the call it was running, with `WorkerDied`.
 *
 * Disposal waits for all calls, whatever they wait for: whoever wants less cancels them. It waits for no worker that has none: one that is
 * still starting, and may hang in that, is ended half a second later at the latest. Further disposals wait for the same end; one in what a call of
 * the pool has called back would wait for itself, and is a TypeError.
 *
 * @throws RangeError, TypeError when an option is not what it should be
 *
 * @example
 * ```ts
 * import { map, threads } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const squares = await map([1, 2, 3], (n) => n * n, { engine: threads() });
 * assert.deepEqual(squares, [1, 4, 9]);
 * ```
 */
export function threads(options?: PoolOptions): WorkerEngine {
  return options === undefined ? threadPool.shared : makePool(options);
}

/**
 * Runs a function in a worker thread of the shared pool and gives its result. The function gets the arguments and then its context: a
 * parameter that is optional needs an argument too.
 *
 * @param fn self-contained, declared with `task`, or (on Node) exported by a module
 * @throws NotShippable when the function cannot be sent; Unclonable when an argument or the result cannot; WorkerDied when its thread died;
 * Cancelled when the scope around was cancelled; and whatever the function throws
 *
 * @example
 * ```ts
 * import { inThread } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * assert.equal(await inThread((a: number, b: number) => a + b, 1, 2), 3);
 * ```
 */
export function inThread<A extends Arguments<P>, R, P extends readonly unknown[] = Received<A>>(
  fn: (this: void, ...args: P) => MaybePromise<R>,
  ...args: A
): Promise<R> {
  return threadPool.ready().submitFrom(inThread, fn, args, {});
}

/**
 * Runs a generator in a worker thread of the shared pool and gives its values here, one step for each request. `generateIn` tells the rest,
 * and has options.
 *
 * @param fn a generator function of either kind, or any function that gives an iterable; self-contained, declared with `task`, or (on Node)
 *   exported by a module
 * @throws TypeError when `fn` is not a function. The requests reject with what `generateIn` lists
 *
 * @example
 * ```ts
 * import { generateInThread } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * function* countdown(from: number): Generator<number, string, number | undefined> {
 *   for (let n = from; n > 0; n--) n = (yield n) ?? n;
 *   return 'lift-off';
 * }
 *
 * const generator = generateInThread(countdown, 10);
 * assert.deepEqual(await generator.next(), { value: 10, done: false });
 * assert.deepEqual(await generator.next(2), { value: 1, done: false });
 * assert.deepEqual(await generator.next(), { value: 'lift-off', done: true });
 * ```
 */
export function generateInThread<
  A extends Arguments<P>,
  Y,
  R = unknown,
  N = unknown,
  P extends readonly unknown[] = Received<A>,
>(fn: Generating<P, Y, R, N>, ...args: A): AsyncGenerator<Y, R, Sent<N>> {
  return generateAt(threadPool.shared, {}, fn, args, generateInThread);
}
