/**
 * Generators that run in a worker and are consumed here.
 *
 * @module
 */

import {
  requireFunction,
  requireInteger,
  requireSignal,
  requireString,
} from '../../core/arguments.ts';
import type { Arguments, Received } from '../../core/body.ts';
import type { MaybePromise } from '../../core/context.ts';
import { type Duration, toMilliseconds } from '../../core/duration.ts';
import { type Engine, requireEngine } from '../../core/engine.ts';
import { functionName } from '../../core/function-name.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import { bare, ownOptions } from '../../core/own-options.ts';
import { CallSite } from '../../runtime/call-site.ts';
import { RemoteGenerator } from './remote-generator.ts';

/** Options of `generateIn`. */
export interface GenerateOptions {
  /**
   * How many values the generator may be ahead of its consumer: an integer from 0. Default 0: it takes a step when `next()` is called, and
   * never before. With more, values travel together, and nothing can be sent into it.
   */
  readonly prefetch?: number | undefined;
  /** Ends the generator: its request rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** What it gets to clean up in when it is cancelled, before its worker is killed. Default: that of the engine. */
  readonly grace?: Duration | undefined;
  /** What errors call it. Default: the name of the function. */
  readonly name?: string | undefined;
}

const NAMES: NamesOf<GenerateOptions> = { prefetch: true, signal: true, grace: true, name: true };

/** A function that gives something to iterate over: a generator function of either kind, or any other. */
export type Generating<P extends readonly unknown[], Y, R, N> = (
  this: void,
  ...args: P
) => MaybePromise<AnyIterable<Y, R, N> | Unsaid<Y, R>>;

type AnyIterable<Y, R, N> = Iterable<Y, R, N> | AsyncIterable<Y, R, N>;

/** Without it, what is sent into a generator whose return type is not declared would be the type parameter itself, which no loop can send. */
// biome-ignore lint/suspicious/noExplicitAny: what a `yield` gives that nobody has declared
type Unsaid<Y, R> = AnyIterable<Y, R, any>;

/** What can be sent: anything, if nothing was said. */
export type Sent<N> = 0 extends N & 1 ? unknown : N;

/**
 * Runs a generator in a worker of an engine and gives its values here, in order.
 *
 * Nothing starts before the first request; then it has a worker for itself until it has ended, for which the pool grows if it must, so that
 * generators that feed each other cannot block each other. Each `next()` is one step over there, and `next(value)`, `throw(error)` and
 * `return(value)` do what they do with any generator; several that are out are answered in order. What the function is given last is its
 * context, and all else is as with `submit`: how it is sent, shared objects among the arguments, `move` (also of values that it yields).
 *
 * It ends, and its `finally` runs in its worker, when it is left (`break`, `return()`, disposal), when the scope in which it was made ends or is
 * cancelled, and when `signal` aborts; `return()` settles when that is done. While it works on a step, leaving it cancels that:
 * waits in it reject, and after `grace` its worker is killed. One that is neither read to its end nor left outside any scope keeps its worker, and the
 * process.
 *
 * A `next()` whose own scope is cancelled has had no effect on the order: what it would have got is what the next one gets. With `prefetch`,
 * `throw(error)` only leaves the generator. The first value sent is ignored, as by any generator; sent values are copied. A value costs what a call
 * costs that is awaited before the next; with `prefetch: 100` about a thirtieth.
 *
 * @param engine one with workers
 * @throws TypeError, RangeError for what is not a function, an engine or an option as it should be. The requests reject with
 *   NotShippable when the function cannot be sent; Unclonable when an argument, a value or the result cannot; WorkerDied when its worker
 *   died; Cancelled; the reason of `signal` when that aborts; TypeError when the function gives nothing to iterate over; and whatever the generator throws. Then it is over
 *
 * @example
 * ```ts
 * import { generateIn, threads } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * function* squares(to: number) {
 *   for (let n = 1; n <= to; n++) yield n * n;
 * }
 *
 * const values: number[] = [];
 * for await (const value of generateIn(threads(), { prefetch: 10 }, squares, 4)) values.push(value);
 * assert.deepEqual(values, [1, 4, 9, 16]);
 * ```
 */
export function generateIn<
  A extends Arguments<P>,
  Y,
  R = unknown,
  N = unknown,
  P extends readonly unknown[] = Received<A>,
>(
  engine: Engine,
  options: GenerateOptions,
  fn: Generating<P, Y, R, N>,
  ...args: A
): AsyncGenerator<Y, R, Sent<N>> {
  requireEngine(engine, 'engine');
  requireOptions(options, NAMES, 'generateIn');
  return generateAt(engine, ownOptions(options), fn, args, generateIn);
}

/** The same, for a function of ours that its user has called. */
export function generateAt<Y, R, N>(
  engine: Engine,
  options: GenerateOptions,
  fn: (...args: never) => unknown,
  args: readonly unknown[],
  above: (...args: never[]) => unknown,
): AsyncGenerator<Y, R, N> {
  requireFunction(fn, 'fn');
  const { prefetch = 0, signal, grace, name = functionName(fn) || 'generator' } = bare(options);
  requireInteger(prefetch, 'prefetch', 0);
  requireString(name, 'name');
  if (signal !== undefined) requireSignal(signal, 'signal');
  if (grace !== undefined) toMilliseconds(grace, 'grace');
  const call = { signal, grace, name, site: new CallSite(above), exclusive: true };
  return new RemoteGenerator<Y, R, N>(name, prefetch, signal, (extras) =>
    engine.submit(fn as (...all: unknown[]) => unknown, args, { ...call, extras }),
  );
}
