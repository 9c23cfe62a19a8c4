/**
 * A guard for the channel of a child. The host reads it by itself, in an event of its own, where nobody catches what it throws: bytes that
 * are no message, and a message of the host's own kind out of order, would end this process. Bytes that only seem to begin a message would
 * have it wait for the rest, and swallow all that comes after.
 *
 * Only Node needs it: Bun and Deno close a channel with such bytes. Reading it here instead, from a socket, was measured: a message and its
 * answer cost a fifth more of the cores.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { forged } from '../pool/forged.ts';

/** Bytes of the longest message. */
const LONGEST: number = 2 ** 31;

/** A message is its length in four bytes, and then what V8 writes, which begins with this byte. */
const LENGTH = 4;
const FIRST = 0xff;

/** What of the host's handle of a channel is used here. */
interface Channel {
  onread: (this: unknown, chunk: unknown) => void;
}

/**
 * Guards a channel.
 *
 * @param refused told of what cannot be read; may be called again and again
 */
export function guardChannel(child: ChildProcess, refused: (error: Error) => void): void {
  const channel = channelOf(child);
  if (channel === undefined) return;
  // Handles are never passed here, and their listener is one that throws.
  const emitter: EventEmitter = child;
  emitter.removeAllListeners('internalMessage');
  emitter.on('internalMessage', (_, handle?: { close?(): void }) => {
    handle?.close?.();
    refused(forged('a message of the host, or a handle'));
  });
  const frames = new Frames();
  const { onread } = channel;
  channel.onread = function guarded(chunk) {
    try {
      onread.call(this, chunk);
      if (chunk instanceof ArrayBuffer) frames.pass(new Uint8Array(chunk));
    } catch (error) {
      refused(forged('bytes that are no message', { cause: error }));
    }
  };
}

/** It is kept under a symbol of the host's. */
function channelOf(child: ChildProcess): Channel | undefined {
  for (const key of Object.getOwnPropertySymbols(child)) {
    const value = (child as unknown as Record<symbol, unknown>)[key];
    if (isChannel(value)) return value;
  }
  return undefined;
}

function isChannel(value: unknown): value is Channel {
  return (
    typeof value === 'object' &&
    value !== null &&
    'readStart' in value &&
    typeof (value as Partial<Channel>).onread === 'function'
  );
}

/** Follows the bytes of a channel from message to message. */
export class Frames {
  /** Bytes of the message that is there in part: of its beginning, and of its rest. */
  #begun = 0;
  #length = 0;
  #left = 0;

  /** @throws Error where a message should begin, and does not */
  pass(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#begun < LENGTH) {
        this.#length = this.#length * 256 + (bytes[at++] as number);
        if (++this.#begun === LENGTH) this.#begin();
        continue;
      }
      if (this.#left === this.#length && bytes[at] !== FIRST) throw new Error('No message');
      const passed = Math.min(this.#left, bytes.length - at);
      this.#left -= passed;
      at += passed;
      if (this.#left === 0) {
        this.#begun = 0;
        this.#length = 0;
      }
    }
  }

  #begin(): void {
    if (this.#length === 0 || this.#length > LONGEST) {
      throw new RangeError(`A message of ${this.#length} bytes`);
    }
    this.#left = this.#length;
  }
}
