/**
 * What the two sides of `runSync` say to each other in messages.
 *
 * @module
 */
import type { EncodedThrown } from '../../shipping/error-codec.ts';
import type { Shipment } from '../../shipping/shipment.ts';

/** What the worker is started with. */
export interface RunSyncStart {
  readonly port: import('node:worker_threads').MessagePort;
  /** Held by the worker while it lives, and used for nothing: the other end is closed when the worker is gone. */
  readonly life: import('node:worker_threads').MessagePort;
  /** Of the SyncWords. */
  readonly memory: SharedArrayBuffer;
  /** How many workers it is inside of. */
  readonly depth: number;
}

/** A call: the number of a function, its arguments, and the function itself the first time. */
export type RunSyncCall = readonly [
  id: number,
  args: readonly unknown[],
  shipment?: Shipment | undefined,
];

/** What a call came to. */
export type RunSyncAnswer =
  | readonly ['value', unknown, warning?: readonly [key: string, text: string] | undefined]
  | readonly ['thrown', EncodedThrown]
  /** The last word of a worker that ends. */
  | readonly ['exit', code: number, uncaught: EncodedThrown | undefined];

/** Sent in the place of a call that is in shared memory, to a worker that may be asleep in its event loop. */
export const WAKE = 0;
