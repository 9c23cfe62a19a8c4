/**
 * The flow of aio.tasks: results in completion order, errors wrapped, so that a failure of a body cannot be taken for one of the
 * source or for a value.
 *
 * @module
 */
import { countOf, describe, textOf } from '../core/arguments.ts';
import { loopCapacity } from '../core/engine.ts';
import { ownErrors } from '../core/error-classes.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { requireSource, type Source } from '../core/source.ts';
import type { ValueOf } from './adopt.ts';
import { type Flow, PumpedFlow } from './flow.ts';
import { type AnyThunk, callThunk, isRefusal, refuseNonFunction } from './inputs.ts';
import { FLOW_NAMES, type FlowOptions, planFlow } from './options.ts';

/** An error of `concurrent`; the original is its `cause`. */
export class ConcurrentError extends Error {
  /** Stable, for matching. */
  override readonly name: string = 'ConcurrentError';
  /** Stable, and the same on the other side of a thread. */
  readonly code: string = 'ERR_CONCURRENT';
  /** Position of the input. */
  readonly index: number;

  /** @param cause the original error */
  constructor(message: string, index: number, cause: unknown) {
    super(message, { cause });
    this.index = index;
  }
}

/** The source failed, after `index` inputs. Raised even with `yieldErrors`. */
export class ConcurrentIteratorError extends ConcurrentError {
  /** Stable, for matching. */
  override readonly name = 'ConcurrentIteratorError';
  /** Stable, and the same on the other side of a thread. */
  override readonly code = 'ERR_CONCURRENT_ITERATOR';
}

/** The function at `index` failed, or was none. */
export class ConcurrentExecutionError extends ConcurrentError {
  /** Stable, for matching. */
  override readonly name = 'ConcurrentExecutionError';
  /** Stable, and the same on the other side of a thread. */
  override readonly code = 'ERR_CONCURRENT_EXECUTION';
}

ownErrors(ConcurrentError, ConcurrentIteratorError, ConcurrentExecutionError);

/** The options of `concurrent`. */
export interface ConcurrentOptions extends Omit<FlowOptions, 'concurrency'> {
  /** Functions at work at once. From 1; -1 or Infinity: no limit. Default min(32, cores + 4). */
  readonly limit?: number | undefined;
  /** Gives errors of functions as values, instead of throwing the first. Default false. */
  readonly yieldErrors?: boolean | undefined;
}

const CONCURRENT_NAMES: NamesOf<ConcurrentOptions> = {
  limit: true,
  buffer: true,
  yieldErrors: true,
  ...FLOW_NAMES,
};

/**
 * Calls functions, `limit` at a time, and streams their results in completion order. One input is kept pulled while all places
 * are taken, so a source that fails is noticed while work is in progress.
 *
 * @throws ConcurrentExecutionError the first failure of a function, with the original as `cause`
 * @throws ConcurrentIteratorError when the source fails, or is not iterable
 * @throws RangeError, TypeError at the call when `limit` is out of its bounds
 *
 * @example
 * ```ts
 * import { concurrent, sleep } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const jobs = [20, 1].map((ms) => () => sleep(ms).then(() => ms));
 * const seen: number[] = [];
 * for await (const ms of concurrent(jobs, { limit: 2 })) seen.push(ms);
 * assert.deepEqual(seen, [1, 20]);
 * ```
 */
export function concurrent<F extends AnyThunk>(
  thunks: Source<F>,
  options?: ConcurrentOptions & { readonly yieldErrors?: false },
): Flow<ValueOf<F>>;
/** The same, with errors as values. */
export function concurrent<F extends AnyThunk>(
  thunks: Source<F>,
  options: ConcurrentOptions & { readonly yieldErrors: boolean },
): Flow<ValueOf<F> | ConcurrentError>;
export function concurrent<F extends AnyThunk>(
  thunks: Source<F>,
  options: ConcurrentOptions = {},
): Flow<ValueOf<F> | ConcurrentError> {
  requireOptions(options, CONCURRENT_NAMES, 'concurrent');
  const { limit = loopCapacity(), yieldErrors = false, ...rest } = options;
  if (typeof yieldErrors !== 'boolean') {
    throw new TypeError(`Expected yieldErrors to be a boolean: got ${describe(yieldErrors)}`);
  }
  const plan = planFlow(
    { ...rest, signal: options.signal, concurrency: limit },
    'concurrent',
    'limit',
  );
  let pulled = 0;
  try {
    requireSource(thunks, 'thunks');
  } catch (error) {
    throw sourceError(error, 0);
  }
  return new PumpedFlow<F, ValueOf<F> | ConcurrentError>(
    plan,
    {
      source: thunks,
      body: callThunk,
      pullsAhead: true,
      check(item, index) {
        pulled = index + 1;
        refuseNonFunction(item, index);
      },
      sourceError: (error) => sourceError(error, pulled),
      bodyError: (error, index) =>
        new ConcurrentExecutionError(
          isRefusal(error) ? error.message : `Could not run input ${index}: ${messageOf(error)}`,
          index,
          error,
        ),
    },
    { order: 'completion', as: yieldErrors ? 'errors' : 'values' },
  );
}

function sourceError(error: unknown, pulled: number): ConcurrentIteratorError {
  const after = pulled === 0 ? '' : ` after ${countOf(pulled, 'input')}`;
  const message = `Could not read the source${after}: ${messageOf(error)}`;
  return new ConcurrentIteratorError(message, pulled, error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? textOf(error) : describe(error);
}
