/**
 * A guard for the channel of a child. The host reads it by itself, in an event of its own, where nobody catches what it throws: bytes that
 * are no message, and a message of the host's own kind out of order, would end this process. Bytes that only seem to begin a message would
 * have it wait for the rest, and swallow all that comes after.
 *
 * A message that stays unfinished may be one that its child is still at, whose body keeps the turn in which the rest would leave. So the child
 * is asked to say a word, which it does behind all that it has begun to say: whoever says it inside of a message has begun none.
 *
 * Only Node needs it: Bun and Deno close a channel with such bytes. Reading it here instead, from a socket, was measured: a message and its
 * answer cost a fifth more of the cores.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import {
  type HostTimer,
  hostModule,
  LONGEST_WAIT,
  startQuietTimer,
  stopHostTimer,
} from '../../runtime/runtime.ts';
import { forged } from '../pool/forged.ts';

type V8 = typeof import('node:v8');

/** Milliseconds after which a message that is there in part is asked after; then twice as many, and so on. */
const FIRST_WAIT = 1000;

/** Bytes of the longest message. */
const LONGEST: number = 2 ** 31;

/** A message is its length in four bytes, and then what V8 writes, which begins with two bytes that are always the same. */
const LENGTH = 4;
const HEADER = 2;

/** What of the host's handle of a channel is used here. */
interface Channel {
  onread: (this: unknown, chunk: unknown) => void;
}

/** Who listens. */
export interface GuardEvents {
  /** Has the child say this word in a message. */
  ask(word: string): void;
  /** Something cannot be read; may be called again and again. */
  refused(error: Error): void;
}

/**
 * Guards a channel.
 *
 * @returns a function that ends the guard
 */
export function guardChannel(child: ChildProcess, events: GuardEvents): () => void {
  const channel = channelOf(child);
  if (channel === undefined) return () => undefined;
  const refused = (error: Error): void => events.refused(error);
  // Handles are never passed here, and their listener is one that throws.
  const emitter: EventEmitter = child;
  emitter.removeAllListeners('internalMessage');
  emitter.on('internalMessage', (_, handle?: { close?(): void }) => {
    handle?.close?.();
    refused(forged('a message of the host, or a handle'));
  });
  const frames = new Frames();
  const unfinished = new Unfinished((word) => events.ask(word));
  const { onread } = channel;
  channel.onread = function guarded(chunk) {
    try {
      onread.call(this, chunk);
      if (!(chunk instanceof ArrayBuffer)) return;
      const bytes = new Uint8Array(chunk);
      const rest = frames.pass(bytes);
      if (rest === 0) unfinished.stop();
      else unfinished.look(bytes.subarray(bytes.length - rest));
    } catch (error) {
      refused(forged('bytes that are no message', { cause: error }));
    }
  };
  return () => unfinished.stop();
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

  /**
   * Gives how many of these bytes belong to a message that is not complete.
   *
   * @throws Error where a message should begin, and does not
   */
  pass(bytes: Uint8Array): number {
    let at = 0;
    let from = 0;
    while (at < bytes.length) {
      if (this.#begun < LENGTH) {
        this.#length = this.#length * 256 + (bytes[at++] as number);
        if (++this.#begun === LENGTH) this.#begin();
        continue;
      }
      const inside = this.#length - this.#left;
      if (inside < HEADER) {
        if (bytes[at++] !== header()[inside]) throw new Error('No message');
        this.#left--;
        continue;
      }
      const passed = Math.min(this.#left, bytes.length - at);
      this.#left -= passed;
      at += passed;
      if (this.#left > 0) break;
      this.#begun = 0;
      this.#length = 0;
      from = at;
    }
    return at - from;
  }

  #begin(): void {
    if (this.#length <= HEADER || this.#length > LONGEST) {
      throw new RangeError(`A message of ${this.#length} bytes`);
    }
    this.#left = this.#length;
  }
}

/** Asks after a message that stays unfinished. */
class Unfinished {
  readonly #ask: (word: string) => void;
  #word: string | undefined;
  #timer: HostTimer | undefined;
  #wait = FIRST_WAIT;

  constructor(ask: (word: string) => void) {
    this.#ask = ask;
  }

  /** @throws Error when the word is inside of the message */
  look(bytes: Uint8Array): void {
    this.#timer ??= startQuietTimer(this.#late, this.#wait);
    if (this.#word === undefined) return;
    const inside = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (inside.includes(this.#word, 0, 'latin1')) throw new Error('A message without an end');
  }

  readonly #late = (): void => {
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    this.#timer = startQuietTimer(this.#late, this.#wait);
    this.#word = crypto.randomUUID();
    this.#ask(this.#word);
  };

  /** It has been finished. */
  stop(): void {
    if (this.#timer === undefined) return;
    stopHostTimer(this.#timer);
    this.#timer = undefined;
    this.#word = undefined;
    this.#wait = FIRST_WAIT;
  }
}

let ours: Uint8Array | undefined;

/** How all that V8 writes here, and in children of the same host, begins. */
function header(): Uint8Array {
  ours ??= (hostModule<V8>('node:v8') as V8).serialize(undefined).subarray(0, HEADER);
  return ours;
}
