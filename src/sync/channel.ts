/**
 * Channels: a queue with two ends that can be handed out and closed apart.
 *
 * @module
 */
import type { NamesOf } from '../core/known-options.ts';
import { Ring } from '../core/ring.ts';
import { Conduit, type Overflow, requireRoom } from './conduit.ts';
import { labelOf } from './named.ts';
import { Pipe } from './pipe.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';

/** How a channel is made. */
export interface ChannelOptions {
  /** What `send` does when it is full: wait (the default), drop the new or the oldest item, or throw `WouldBlock`. */
  readonly overflow?: Overflow | undefined;
  /** What errors and the task tree call it. Default `channel`. */
  readonly name?: string | undefined;
}

const NAMES: NamesOf<ChannelOptions> = { overflow: true, name: true };

/** The two ends, by name or by position. */
export type Channel<T> = { readonly tx: Sender<T>; readonly rx: Receiver<T> } & readonly [
  Sender<T>,
  Receiver<T>,
];

/**
 * Makes a channel. With capacity 0 every `send` waits until its item has been received; otherwise up to `capacity` items are held between
 * the ends. Items arrive in the order in which they were sent, each at one receiver; senders and receivers that wait are served first
 * come, first served.
 *
 * Each end can be cloned. When the last sender is closed, receivers get what is left and then the end; when the last receiver is closed,
 * `send` throws and what is left is dropped. So neither side waits for somebody who has gone.
 *
 * @param capacity items held, from 0; -1 or Infinity: any number. Default 0
 * @throws TypeError or RangeError when `capacity` or `overflow` is out of range; dropping needs a capacity of at least 1
 *
 * @example
 * ```ts
 * import { channel, scope } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const { tx, rx } = channel<number>();
 * const seen: number[] = [];
 * await scope(async (s) => {
 *   s.spawn(async () => {
 *     for await (const n of rx) seen.push(n);
 *   });
 *   await tx.send(1);
 *   await tx.send(2);
 *   tx.close();
 * });
 * assert.deepEqual(seen, [1, 2]);
 * ```
 */
export function channel<T>(capacity = 0, options: ChannelOptions = {}): Channel<T> {
  const label = labelOf('channel', options, NAMES);
  const { overflow = 'wait' } = options;
  const room = requireRoom(capacity, 'capacity', overflow);
  const conduit = new Conduit<T>(label, room, overflow, new Ring<T>());
  const pipe = new Pipe(conduit);
  const tx = new Sender<T>(pipe);
  const rx = new Receiver<T>(pipe);
  return Object.assign([tx, rx] as const, { tx, rx });
}
