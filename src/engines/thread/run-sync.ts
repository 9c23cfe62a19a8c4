/**
 * A blocking call of a function that may be asynchronous: it runs in a worker, and this thread sleeps until it has settled.
 *
 * @module
 */

import { requireFunction } from '../../core/arguments.ts';
import type { MaybePromise } from '../../core/context.ts';
import { type Duration, requireSpan } from '../../core/duration.ts';
import { TimedOut, WouldBlock } from '../../core/errors.ts';
import { functionName } from '../../core/function-name.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import { ownOptions } from '../../core/own-options.ts';
import { CallSite } from '../../runtime/call-site.ts';
import { decodeThrown, type EncodedThrown } from '../../shipping/error-codec.ts';
import { titleOf } from '../../shipping/errors.ts';
import { refuseWhileImporting } from '../../shipping/importing.ts';
import { placed, restored } from '../../shipping/placing.ts';
import { shipNow } from '../../shipping/ship.ts';
import type { AnyFunction, Shipment } from '../../shipping/shipment.ts';
import { tooDeep } from '../../shipping/unclonable.ts';
import { forged } from '../pool/forged.ts';
import { refuseTooDeep } from '../pool/nesting.ts';
import { WorkerDied } from '../pool/worker-died.ts';
import { arePrimitive, withInstance } from '../shared/contents.ts';
import { lookAtCopied } from '../shared/copied.ts';
import { pass } from '../shared/instances.ts';
import { UNSHARED } from './run-sync-protocol.ts';
import { type Outcome, SyncWorker, threadsToWaitFor } from './sync-worker.ts';

/** The options of `runSync.with`. */
export interface RunSyncOptions {
  /** How long a call may take, the start of the worker included. Default: for ever. */
  readonly timeout?: Duration | undefined;
}

const NAMES: NamesOf<RunSyncOptions> = { timeout: true };

/** `runSync`, with options or without. */
export interface RunSync {
  <A extends unknown[], R>(fn: (this: void, ...args: A) => MaybePromise<R>, ...args: A): R;
  /** Gives a `runSync` with these options. All share one worker. */
  with(
    options: RunSyncOptions,
  ): <A extends unknown[], R>(fn: (this: void, ...args: A) => MaybePromise<R>, ...args: A) => R;
}

/** A function that is known to the worker, by number. */
interface Known {
  readonly id: number;
  shipment: Shipment;
}

const known = new WeakMap<AnyFunction, Known>();
let count = 0;
/** The worker of this thread, and the functions that it has. */
let worker: SyncWorker | undefined;
let sent = new Set<number>();

/**
 * It has no more than so many: then it forgets them, and is sent again those that are used. Who blocks gets no turn of the event loop, and
 * nothing else tells of what was collected.
 */
const MOST = 1024;

function runWithin(
  ms: number,
  caller: AnyFunction,
  fn: AnyFunction,
  args: readonly unknown[],
): unknown {
  const entry = known.get(fn) ?? knownFrom(fn, caller);
  const { name } = entry.shipment;
  if (!arePrimitive(args)) lookAtCopied(args, 'args', name, UNSHARED, new CallSite(caller));
  const send = (): Outcome => ask(fn, entry, args, ms, caller);
  let outcome = send();
  // It had ended since the last call, of something that this call has no part in.
  if (outcome[0] === 'exit' && worker?.begun === false) {
    dropWorker();
    outcome = send();
  }
  switch (outcome[0]) {
    case 'value':
      if (outcome[3] !== undefined) pass(...outcome[3]);
      return outcome[2];
    case 'thrown':
      throw thrown(outcome[2], fn, args, entry.shipment, new CallSite(caller));
    case 'deep':
      throw tooDeep(`the result of ${titleOf(name)} from a worker`, 'result', 'here', outcome[1]);
    case 'unread':
      sent.delete(entry.id);
      throw tooDeep(`the arguments of ${titleOf(name)} to a worker`, 'args', 'there');
    default:
      throw failure(outcome, name, ms);
  }
}

function thrown(
  encoded: EncodedThrown,
  fn: AnyFunction,
  args: readonly unknown[],
  shipment: Shipment,
  site: CallSite,
): unknown {
  const told = withInstance(encoded, args);
  const isText = shipment.kind === 'source';
  return decodeThrown(isText ? restored(told, fn, shipment, site) : told, site);
}

function ask(
  fn: AnyFunction,
  entry: Known,
  args: readonly unknown[],
  ms: number,
  caller: AnyFunction,
): Outcome {
  const { id } = entry;
  const { name } = entry.shipment;
  refuseWhileImporting('runSync', fn);
  worker ??= startWorker(name);
  if (sent.has(id)) return worker.call([id, args], name, ms);
  // While the worker starts.
  entry.shipment = placed(fn, entry.shipment, new CallSite(caller));
  const isFull = sent.size >= MOST;
  const outcome = worker.call([id, args, entry.shipment, isFull], name, ms);
  if (isFull) sent.clear();
  sent.add(id);
  return outcome;
}

function failure(outcome: Outcome, name: string, ms: number): unknown {
  const state = stateOf(worker as SyncWorker);
  const error = outcome[0] === 'gone' ? worker?.error : undefined;
  dropWorker();
  if (outcome[0] === 'late') return new TimedOut(ms, titleOf(name));
  if (outcome[0] === 'exit') {
    const [, exitCode, uncaught] = outcome as readonly ['exit', number, EncodedThrown | undefined];
    const cause = uncaught && decodeThrown(uncaught, undefined);
    return new WorkerDied({ task: name, state, exitCode, cause });
  }
  const cause =
    error ??
    (outcome[0] === 'forged' ? forged('an answer that is none') : undefined) ??
    new Error(
      state === 'unstarted'
        ? 'it ended before it could run anything'
        : 'it ended without a word, as one does that is out of memory',
    );
  return new WorkerDied({ task: name, state, cause });
}

function stateOf({ started, begun }: SyncWorker): WorkerDied['state'] {
  if (!started) return 'unstarted';
  return begun ? 'running' : 'unknown';
}

/** Ends the worker, with what is left in it: that would be in the way of the next call, or answer in its place. */
function dropWorker(): void {
  worker?.end();
  worker = undefined;
  sent = new Set();
}

function knownFrom(fn: AnyFunction, caller: AnyFunction): Known {
  requireFunction(fn, 'fn');
  if (/Generator/.test(Object.prototype.toString.call(fn))) {
    throw new TypeError(
      `Expected fn to be a function that returns one value: got the generator function ${functionName(fn) || 'without a name'}`,
    );
  }
  const shipment = shipNow(fn, new CallSite(caller));
  const entry = { id: count++, shipment };
  known.set(fn, entry);
  return entry;
}

function startWorker(name: string): SyncWorker {
  refuseTooDeep('runSync');
  const threads = threadsToWaitFor();
  if (threads === undefined) {
    throw new WouldBlock(`Cannot run ${titleOf(name)} to its end: this thread must not block`);
  }
  let cause: unknown;
  try {
    return new SyncWorker(threads);
  } catch (error) {
    // Not allowed, or no memory left.
    cause = error;
  }
  throw new WorkerDied({ task: name, state: 'unstarted', cause });
}

/**
 * Calls a function in a worker thread and blocks this thread until it has settled: the way to await in a place that cannot, such as a
 * synchronous hook of a tool. The worker is started by the first call (some 40 ms) and stays for the next ones; it runs one call at a
 * time and never keeps the process alive. The function is sent as engines send it: declared with `task`, or self-contained. What it
 * writes to the console appears at once. It gets no context. Arguments and result are cloned, errors arrive with class, fields and both stacks.
 *
 * There is no cancellation, as nothing else runs in this thread in the meantime; give a limit with `runSync.with({ timeout })`. A call
 * that takes longer is stopped where it stands, with its worker.
 *
 * Cost: about 3 µs a call and the clone of its values, when both threads have a core and calls follow each other at once; 10 µs on one
 * core; about 50 µs otherwise, which is what it takes to wake two threads.
 *
 * @throws whatever `fn` throws or rejects with
 * @throws TypeError at the call when `fn` is no function, or a generator function
 * @throws NotShippable when `fn` cannot be sent, or an `await` would be needed to find it
 * @throws Unclonable when an argument or the result cannot be sent
 * @throws TimedOut when the limit of `runSync.with` has passed
 * @throws Deadlock when `fn` waits for something that can never come
 * @throws WorkerDied when the function ends its worker: `process.exit`, an uncaught error, out of memory. The next call has a new one. Also
 *   when no worker can be started: the `cause` says why
 * @throws WouldBlock where blocking is not allowed, as in a browser's window
 *
 * @example
 * ```ts
 * import { runSync } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const read = async (path: string) => {
 *   const { readFile } = await import('node:fs/promises');
 *   return readFile(path, 'utf8');
 * };
 * assert.match(runSync(read, 'package.json'), /"name"/);
 * assert.match(runSync.with({ timeout: '10s' })(read, 'package.json'), /"name"/);
 * ```
 */
export const runSync: RunSync = Object.assign(
  <A extends unknown[], R>(fn: (this: void, ...args: A) => MaybePromise<R>, ...args: A): R =>
    runWithin(Number.POSITIVE_INFINITY, runSync as AnyFunction, fn, args) as R,
  {
    with(options: RunSyncOptions) {
      requireOptions(options, NAMES, 'runSync.with');
      const { timeout } = ownOptions(options);
      const ms =
        timeout === undefined || timeout === Number.POSITIVE_INFINITY
          ? Number.POSITIVE_INFINITY
          : requireSpan(timeout, 'timeout', 'above 0');
      const limited = <A extends unknown[], R>(
        fn: (this: void, ...args: A) => MaybePromise<R>,
        ...args: A
      ): R => runWithin(ms, limited as AnyFunction, fn, args) as R;
      return limited;
    },
  },
);
