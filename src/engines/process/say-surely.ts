/**
 * What a pool has to say to a worker whatever its own stack looks like: whoever aborts a signal may be deep in a recursion.
 *
 * @module
 */

/** Calls `say`, and once more with an empty stack if that has failed. Never throws: `failed` is told why the second time failed. */
export function saySurely(say: () => void, failed: (error: unknown) => void): void {
  try {
    say();
  } catch {
    queueMicrotask(() => {
      try {
        say();
      } catch (error) {
        failed(error);
      }
    });
  }
}
