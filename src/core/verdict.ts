/**
 * What the caller of a scope gets in the end: rules S3 and S5.
 *
 * @module
 */
import { warn } from '../runtime/runtime.ts';
import { countOf } from './arguments.ts';
import { type Cancelled, StuckTasks } from './errors.ts';
import { isLeftBehind } from './left-behind.ts';
import type { ScopeOptions } from './scope.ts';
import type { Token } from './token.ts';

/** How the body ended; undefined when it was left behind. */
export type BodyEnd<R> = { readonly value: R } | { readonly error: unknown } | undefined;

/** What a scope knows when all in it has ended. */
export interface Ending {
  readonly errors: unknown[];
  readonly options: ScopeOptions;
  readonly token: Token;
  /** The cancellation that held when all had ended. One that comes while clean-ups run is none of the scope's. */
  readonly cancelled: Cancelled | undefined;
  /** Whether it started here. */
  readonly isOwn: boolean;
  /** A cancellation of this scope, or of one around it, cut a task short: the value of the body is not the whole. */
  readonly cutShort: boolean;
}

/** The value of the body, or throws what the scope ends with. */
export function verdict<R>(end: BodyEnd<R>, ending: Ending): R {
  const { errors, token, options, cancelled, isOwn } = ending;
  if (errors.length > 0) {
    const error = errorOf(errors, options, token.name);
    if (!isLeftBehind(token)) tellOfStuck(errors, error);
    throw error;
  }
  const byItsSignal = isOwn && isAbortOf(options.signal, cancelled);
  if (end !== undefined && 'value' in end) {
    const cancelledHere = isOwn && !byItsSignal;
    if (cancelledHere || !ending.cutShort) return end.value;
  }
  // The option is the caller's: it gets its own reason back, as from fetch.
  throw byItsSignal ? options.signal?.reason : cancelled;
}

/** Whether a cancellation is the abort of this signal. */
export function isAbortOf(
  signal: AbortSignal | undefined,
  cancelled: Cancelled | undefined,
): boolean {
  return signal?.aborted === true && cancelled !== undefined && cancelled.reason === signal.reason;
}

/** Work that was left behind while another error is thrown: `errors` of the scope has it, but who looks there? */
function tellOfStuck(errors: readonly unknown[], thrown: unknown): void {
  if (thrown instanceof AggregateError) return;
  for (const error of errors) if (error instanceof StuckTasks && error !== thrown) warn(error);
}

/** The errors as the option `errors` wants them. */
export function errorOf(errors: readonly unknown[], options: ScopeOptions, name: string): unknown {
  return options.errors === 'aggregate'
    ? new AggregateError(errors, `${countOf(errors.length, 'error')} in ${name}`)
    : errors[0];
}
