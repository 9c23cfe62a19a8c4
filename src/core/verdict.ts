/**
 * What the caller of a scope gets in the end: rules S3 and S5.
 *
 * @module
 */
import { warn } from '../runtime/runtime.ts';
import { countOf } from './arguments.ts';
import { StuckTasks, type TimedOut } from './errors.ts';
import type { ScopeOptions } from './scope.ts';
import type { Token } from './token.ts';

/** How the body ended; undefined when it was left behind. */
export type BodyEnd<R> = { readonly value: R } | { readonly error: unknown } | undefined;

/** What a scope knows when all in it has ended. */
export interface Ending {
  readonly errors: unknown[];
  readonly options: ScopeOptions;
  readonly token: Token;
  readonly timedOut: TimedOut | undefined;
  /** A cancellation of this scope, or of one around it, cut a task short: the value of the body is not the whole. */
  readonly cutShort: boolean;
}

/** The value of the body, or throws what the scope ends with. */
export function verdict<R>(end: BodyEnd<R>, ending: Ending): R {
  const { errors, token, options, timedOut } = ending;
  const returned = end !== undefined && 'value' in end ? end : undefined;
  const whole = returned !== undefined && !ending.cutShort;
  // Everything was finished when the deadline came: it has cancelled nothing.
  if (whole && timedOut !== undefined) errors.splice(errors.indexOf(timedOut), 1);
  if (errors.length > 0) {
    const error = errorOf(errors, options, token.name);
    tellOfStuck(errors, error);
    throw error;
  }
  const cancelledHere = token.own === token.effective && !byItsSignal(options, token);
  if (returned !== undefined && (whole || cancelledHere)) return returned.value;
  throw token.effective;
}

/** Somebody outside cancelled it, though by an option of this scope. */
function byItsSignal({ signal }: ScopeOptions, token: Token): boolean {
  return signal?.aborted === true && token.own?.reason === signal.reason;
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
