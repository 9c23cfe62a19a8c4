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

/** A call: the number of a function, its arguments, and the first time the function itself, and whether all others are to be forgotten. */
export type RunSyncCall = readonly [
  id: number,
  args: readonly unknown[],
  shipment?: Shipment | undefined,
  forgetsOthers?: boolean,
];

/** What a call came to; `call` is its number: an answer to another one is none. */
export type RunSyncAnswer =
  | readonly [
      'value',
      call: number,
      value: unknown,
      warning?: readonly [key: string, text: string] | undefined,
    ]
  | readonly ['thrown', call: number, EncodedThrown]
  /** It could not be read. */
  | readonly ['unread', call: number]
  /** The last word of a worker that ends. */
  | readonly ['exit', code: number, uncaught: EncodedThrown | undefined];

/** Who blocks can answer nobody. */
export const UNSHARED = 'which runSync cannot share: inThread can';

/** Sent in the place of a call that is in shared memory, to a worker that may be asleep in its event loop. */
export const WAKE = 0;
