/**
 * How deep this heap is: 0 in the program, one more in each worker that a worker starts. A pool that starts a pool in each of its workers
 * would fill the machine, so there is a bound. A worker is told by whoever starts it, before any of its bodies runs.
 *
 * @module
 */
import { ownErrors } from '../../core/error-classes.ts';
import { hostModule } from '../../runtime/runtime.ts';

/** So deep workers start no more. */
export const DEEPEST = 8;

/** One place for all copies of this package in the heap, and for the threads that somebody else starts in it. */
const KEY = 'skein.engines.nesting';
const HERE: unique symbol = Symbol.for(KEY);
const holder = globalThis as { [HERE]?: number };

type Threads = typeof import('node:worker_threads');

/** How many workers this heap is inside of. */
export function depthHere(): number {
  holder[HERE] ??= Number(
    hostModule<Threads>('node:worker_threads')?.getEnvironmentData?.(KEY) ?? 0,
  );
  return holder[HERE];
}

/** Tells this heap how deep it is, when a worker starts. */
export function setDepth(depth: number): void {
  holder[HERE] = depth;
  // A plain thread that a body starts is as deep as the body.
  hostModule<Threads>('node:worker_threads')?.setEnvironmentData?.(KEY, depth);
}

/** Throws a NestedTooDeep where a worker must not start another. */
export function refuseTooDeep(what: string): void {
  if (depthHere() >= DEEPEST) throw new NestedTooDeep(what, DEEPEST);
}

/** Says that work was started in a worker of a worker of a worker … so deep that it looks as if it would go on for ever. */
export class NestedTooDeep extends Error {
  /** Stable, for matching. */
  override readonly name = 'NestedTooDeep';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'ERR_NESTED_TOO_DEEP';
  /** How deep workers may be inside of each other. */
  readonly limit: number;

  /** @param what the call that would have started work */
  constructor(what: string, limit: number) {
    super(
      `Cannot start ${what} in a worker that is ${limit} workers deep, which is the limit: does a function call itself by way of a pool? ` +
        'Start the work in the program, or hand the function a callback that does',
    );
    this.limit = limit;
  }
}

ownErrors(NestedTooDeep);
