/**
 * The messages between a pool and a worker thread, where shared memory is not enough. Each is an array that begins with its kind.
 *
 * @module
 */

/** What a message is. */
export const TO_WORKER = {
  /** Then functions, if there are some that are new or can be forgotten; then position and order, for each of any number of calls. */
  calls: 0,
  /** Then position, and the reason as `encodeThrown` wrote it. */
  stop: 1,
  /** Then position, and the message on the line of that call. */
  line: 2,
  /** The worker has nothing to do: it brings out what was written to the console. */
  rest: 3,
  /** The worker, which has nothing to do, ends. */
  end: 4,
} as const;

/** What a message is. */
export const TO_POOL = {
  /** Then position, 1 for a value or 0 for what was thrown, and that. */
  outcome: 0,
  /** Then position, and the message on the line of that call. */
  line: 1,
  /** The worker holds more memory than it should. */
  swollen: 2,
  /** All that was written has been brought out. */
  rested: 3,
  /** Then key and text of a warning. */
  warned: 4,
  /** Then the position of a call that could not be run, because what the worker was told of it could not be read. */
  unread: 5,
  /** Then what nobody caught, as `encodeThrown` wrote it, and the function that began it and has ended; undefined: the worker dies of it. */
  uncaught: 6,
} as const;

/** What a worker is started with. */
export interface ThreadData {
  readonly skein: 'thread';
  readonly memory: SharedArrayBuffer;
  readonly port: import('node:worker_threads').MessagePort;
  readonly init: unknown;
  /** Bytes of heap, above which the worker is to be replaced. */
  readonly heap: number | undefined;
  /** How many workers it is inside of. */
  readonly depth: number;
}
