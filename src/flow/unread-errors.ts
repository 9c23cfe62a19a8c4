/**
 * Errors that are told to a handle only, and a handle that nobody asks. They are no errors of the process, but they must not vanish
 * either: they become a warning when it is certain that nobody will ask.
 *
 * @module
 */
import { textOf } from '../core/arguments.ts';
import type { OpenScope } from '../core/open-scope.ts';
import { rootToken } from '../core/token.ts';
import { warn } from '../runtime/runtime.ts';
import type { UnhandledErrors } from './unhandled-errors.ts';

/** What is held for a handle of the root, which has no end: the handle itself is gone by then. */
const forgotten = new FinalizationRegistry<Error>((error) => warn(error));

/**
 * Warns of an error if nobody has asked for it when its scope ends, or, outside any scope, when nobody has the handle any more.
 *
 * @param handle what somebody could still ask
 * @param unread the error, unless somebody has asked
 * @returns a function to call when somebody asks
 */
export function keepForReader(
  scope: OpenScope,
  handle: object,
  unread: () => UnhandledErrors | undefined,
): () => void {
  const error = unread();
  if (error === undefined) return () => undefined;
  if (scope.token === rootToken) {
    forgotten.register(handle, kept(error), handle);
    return () => forgotten.unregister(handle);
  }
  const tell = (): void => {
    const left = unread();
    if (left !== undefined) warn(left);
  };
  if (scope.state === 'closed') tell();
  else scope.defer(tell);
  return () => undefined;
}

/** The error without what it came from: until a stack is made into text it holds the functions that were at work, and they the handle. */
function kept(error: UnhandledErrors): UnhandledErrors {
  for (const each of [error, ...error.errors]) if (each instanceof Error) textOf(each.stack);
  return error;
}
