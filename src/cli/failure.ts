/**
 * Errors on their way to people and files: one line for the terminal, a plain object for a record.
 *
 * @module
 */
import { textOf } from '../core/arguments.ts';

/** Wrong use of the command: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Shown below the message. */
  readonly help: string | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly help?: string } = {}) {
    super(message, { cause: options.cause });
    this.help = options.help;
  }
}

/** Why something never settles. */
export const NOTHING_COMES = 'it waits for what nothing in the process can bring';

/** Says that something waits for what nothing in the process can bring: exit code 70. */
export class NeverSettled extends Error {
  override readonly name = 'NeverSettled';
  readonly code = 'ERR_NEVER_SETTLED';
}

/** The first line of what an error says. */
export function oneLine(error: unknown): string {
  return (textOf(error) || 'an error without a message').split('\n', 1)[0] as string;
}

/** The same of an error of the host, without the code in front and the path behind, which whoever passes it on says by itself. */
export function reasonOf(error: unknown): string {
  return oneLine(error).replace(/^E[A-Z]+: (.*?)(?:, [a-z]+(?: '.*')?)?$/, '$1');
}

/** An error in a record. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly cause?: ErrorRecord;
  readonly errors?: readonly ErrorRecord[];
}

const MOST_CAUSES = 8;

/** Turns whatever was thrown into a record, without its stack. */
export function errorRecord(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error)) return { name: typeof error, message: textOf(error) };
  const { code } = error as { code?: unknown };
  const deeper = depth < MOST_CAUSES;
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(deeper && error.cause !== undefined ? { cause: errorRecord(error.cause, depth + 1) } : {}),
    ...(deeper && error instanceof AggregateError
      ? { errors: error.errors.map((inner) => errorRecord(inner, depth + 1)) }
      : {}),
  };
}
