/**
 * What the two sides of `runSync` say to each other. Values travel as messages; the words of shared memory only wake the side that sleeps.
 *
 * @module
 */
import type { EncodedThrown } from '../../shipping/error-codec.ts';
import type { Shipment } from '../../shipping/shipment.ts';

/** Word that counts the calls. */
export const CALLS = 0;
/** Word that counts the answers. */
export const ANSWERS = 1;
/** Word that counts the calls that have begun: a call that had not when its worker ended has not run. */
export const BEGUN = 2;

/** What the worker is started with. */
export interface RunSyncStart {
  readonly port: import('node:worker_threads').MessagePort;
  /** Held by the worker while it lives, and used for nothing: the other end is closed when the worker is gone. */
  readonly life: import('node:worker_threads').MessagePort;
  readonly words: Int32Array;
}

/** A call: the number of a function, its arguments, and the function itself the first time. */
export type RunSyncCall = readonly [
  id: number,
  args: readonly unknown[],
  shipment: Shipment | undefined,
];

/** What a call came to. */
export type RunSyncAnswer =
  | readonly ['value', unknown]
  | readonly ['thrown', EncodedThrown]
  /** The last word of a worker that ends. */
  | readonly ['exit', code: number, uncaught: EncodedThrown | undefined];
