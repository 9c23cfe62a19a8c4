/**
 * Several copies of one body at work at once, on any engine: the first system that this library was asked for.
 *
 * @module
 */

import { requireFunction, requireInteger, requireSignal } from '../core/arguments.ts';
import type { Context } from '../core/context.ts';
import { chooseEngine, type EngineSource, requireEngineSource } from '../core/default-engine.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { ScopeClosed } from '../core/errors.ts';
import { functionName } from '../core/function-name.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { requireSource, type Source } from '../core/source.ts';
import { currentToken } from '../core/token.ts';
import { CallSite } from '../runtime/call-site.ts';
import { shareItems } from '../sync/items-hub.ts';
import { Copies } from './copies.ts';
import { claim, refuseTaken } from './copies-source.ts';
import { type Waiter, waiterOf } from './waiter.ts';

/** How copies run. */
export interface ConcurrentlyOptions<X = unknown> {
  /**
   * Where the copies run, or a function that makes an engine: it is called once, and the engine is disposed of when all copies have
   * ended, which one that belongs to the process ignores (`threads`, `processes`, `fibers`, `loop`). Default: `getDefaultEngine()`.
   */
  readonly engine?: EngineSource | undefined;
  /** Items for `context.items` of the copies, read as they are asked for. It is closed when the last copy has ended, also while a read is out. Default: none. */
  readonly source?: Source<X> | undefined;
  /** Stops the copies; the waiter then rejects with a `Cancelled` whose reason is the signal's. */
  readonly signal?: AbortSignal | undefined;
  /** A copy is a task called `name[i]`. Default: the name of the body, else `body`. */
  readonly name?: string | undefined;
  /** Time that stopped copies get to end in, before they are killed where the engine can, or reported and left behind; and then the source, to close in. Default: that of the engine, 5 s on this loop and for the source. */
  readonly grace?: Duration | undefined;
}

const CONCURRENTLY_NAMES: NamesOf<ConcurrentlyOptions> = {
  engine: true,
  source: true,
  signal: true,
  name: true,
  grace: true,
};

/** What a copy gets: `index` says which one it is. */
export interface CopyContext<X = unknown> extends Context {
  /** What is left of the shared source: each item goes to exactly one copy, to the one that asks first. Empty where there is no source. */
  readonly items: AsyncIterableIterator<X>;
}

/** What runs in each copy; what it gives is dropped. Generators and Effects are for `fibers()` of `skein/fiber`. */
export type CopyBody<X = unknown> = (context: CopyContext<X>) => unknown;

/**
 * Starts copies of a body, in a microtask, and gives a waiter: a function that waits until all have ended. Without a body it gives a
 * function that takes one. A copy is a task of the current scope, called `body[i]`; the scope does not wait for it, but stops it when its
 * body and its other tasks have ended. On an engine with workers each copy has a worker of its own.
 *
 * A failed copy leaves the others alone; its error is the waiter's to tell. The copies share `source`: an item that was handed to a copy
 * which then failed or died is in `unfinished` of the waiter and goes to nobody else. Leaving the loop over `items` leaves the source as it is.
 * Costs some microseconds a copy on this loop.
 *
 * @param copies an integer from 0
 * @throws TypeError, RangeError at once for options that are unknown or out of their bounds, a `body` that is no function, a source that cannot be iterated
 * @throws TypeError for a flow that was iterated or disposed of, or a stream that is being read; any other source that somebody else has fails the copies that ask
 * @throws ScopeClosed when the scope has ended
 * @throws what the function given as `engine` throws
 *
 * @example
 * ```ts
 * import { concurrently, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const lengths: number[] = [];
 * const waiter = concurrently(2, { source: ['a', 'bb', 'ccc'] }, async ({ items }) => {
 *   for await (const word of items) {
 *     await sleep(1);
 *     lengths.push(word.length);
 *   }
 * });
 * await waiter();
 * assert.deepEqual(lengths, [1, 2, 3]);
 * ```
 * @see https://pypi.org/project/concurrently/
 */
export function concurrently<X = never>(
  copies: number,
  options: ConcurrentlyOptions<X>,
  body: CopyBody<X>,
): Waiter;
/** The same in two steps. */
export function concurrently<X = never>(
  copies: number,
  options?: ConcurrentlyOptions<X>,
): (body: CopyBody<X>) => Waiter;
export function concurrently<X>(
  copies: number,
  options: ConcurrentlyOptions<X> = {},
  ...bodies: readonly CopyBody<X>[]
): Waiter | ((body: CopyBody<X>) => Waiter) {
  requireInteger(copies, 'copies', 0);
  requireOptions(options, CONCURRENTLY_NAMES, 'concurrently');
  const { engine, source, signal } = options;
  if (engine !== undefined) requireEngineSource(engine, 'engine');
  if (source !== undefined) requireSource(source, 'source');
  if (signal !== undefined) requireSignal(signal, 'signal');
  const grace = options.grace === undefined ? undefined : toMilliseconds(options.grace, 'grace');
  const isCurried = bodies.length === 0;
  const start = (body: CopyBody<X>): Waiter => {
    requireFunction(body, 'body');
    requireOpenScope();
    if (source !== undefined) refuseTaken(source);
    const chosen = chooseEngine(engine);
    const isElsewhere = chosen !== undefined && chosen.engine.inPlace !== true;
    const name = options.name ?? (functionName(body) || 'body');
    const plan = {
      count: copies,
      name,
      body,
      chosen,
      items: source && shareItems(claim(source), `the source of ${name}`, grace),
      signal,
      grace,
      site: isElsewhere ? new CallSite(isCurried ? start : concurrently) : undefined,
    };
    return waiterOf(new Copies(plan));
  };
  return isCurried ? start : start(bodies[0] as CopyBody<X>);
}

/** Before an engine is made, which nobody would dispose of. */
function requireOpenScope(): void {
  const { scope } = currentToken();
  if (scope.state === 'closed') {
    throw new ScopeClosed(`Cannot start copies in ${scope.name}: the scope has ended`);
  }
}
