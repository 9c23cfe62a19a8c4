/**
 * What fails in a worker when no call is there to be told.
 *
 * @module
 */
import { textOf } from '../../core/arguments.ts';
import { ownErrors } from '../../core/error-classes.ts';
import { titleOf } from '../../shipping/errors.ts';

/** What is known of it. */
export interface Lateness {
  /** Name of the engine. */
  readonly engine: string;
  /** Name of the function; empty for one without a name, undefined where none has run. */
  readonly functionName: string | undefined;
  readonly isGuess: boolean;
  /** What was thrown; undefined where a worker has only exited. */
  readonly thrown: { readonly cause: unknown } | undefined;
  readonly exitCode?: number | undefined;
}

/**
 * Says that something failed in a worker after the call had ended that began it: a timer that was forgotten, a promise that nobody awaited,
 * an exit that nobody asked for. No call can be told, so the process is warned (`SKEIN_LATE_ERROR`), and `on('lateError', …)` of the engine
 * hears it. The `cause` is what was thrown.
 */
export class LateError extends Error {
  /** Stable, for matching. */
  override readonly name = 'LateError';
  /** Stable, and the same on the other side of a thread. */
  readonly code = 'LATE_ERROR';
  /** The function whose body began what failed; undefined for one without a name, and where no function has run in that worker. */
  readonly functionName: string | undefined;
  /** Whether nobody can tell which body it was: the function is the one that ran last in that worker. */
  readonly isGuess: boolean;
  /** With which the worker exited, where that is all that is known. */
  readonly exitCode: number | undefined;

  /** @param lateness what is known */
  constructor(lateness: Lateness) {
    super(messageOf(lateness), lateness.thrown);
    this.functionName = lateness.functionName || undefined;
    this.isGuess = lateness.isGuess;
    this.exitCode = lateness.exitCode;
  }
}

ownErrors(LateError);

function messageOf(lateness: Lateness): string {
  const { engine, thrown, exitCode } = lateness;
  const where = `in a worker of ${engine}${whenOf(lateness)}`;
  return thrown === undefined
    ? `Exit with code ${exitCode} ${where}`
    : `Error ${where}: ${textOf(thrown.cause)}`;
}

function whenOf({ functionName, isGuess }: Lateness): string {
  if (functionName === undefined) return ' that has run nothing';
  const title = titleOf(functionName);
  return isGuess
    ? ` that had nothing to do; ${title} ran there last`
    : ` after a call of ${title} had ended`;
}
