/**
 * The line between the two sides of one call: what its shared objects say to each other travels on it.
 *
 * @module
 */

/**
 * One end of the line of one call. Messages arrive in the order in which they were sent, before the result of the call if they were
 * sent before it, and never after it has ended. Those of one turn travel together.
 */
export interface Line {
  /**
   * Sends a message: data that can be cloned. What is in it by reference has been copied when this returns, but for arrays that are directly in it,
   * which are handed over.
   *
   * @throws whatever the clone throws, at once; it was not sent then
   */
  send(message: readonly unknown[], transfer?: readonly unknown[]): void;
  /** Called with each message that arrives. Set by whoever uses the line, before anything can arrive. */
  receive: (message: unknown) => void;
}
