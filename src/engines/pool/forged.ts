/**
 * What ends a worker that has said what no worker says. A body can reach the channels of its worker and the memory that it shares, and this
 * side must outlive all that comes from there.
 *
 * @module
 */

/** Makes the error: the `cause` of `WorkerDied` then. */
export function forged(what: string, options?: ErrorOptions): Error {
  return new Error(`it said what no worker says: ${what}`, options);
}
