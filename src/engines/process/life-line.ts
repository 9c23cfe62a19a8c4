/**
 * The parent's end of the socket to the watcher of a child.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { hostModule } from '../../runtime/runtime.ts';
import { forged } from '../pool/forged.ts';
import { FD } from './protocol.ts';
import { NO_RECALL } from './recalls.ts';
import { open } from './seal.ts';

type V8 = typeof import('node:v8');

/** What the watcher says: calls that it took back, and the number of the recall that this answers, or `NO_RECALL`. */
export type Returned = readonly [seqs: unknown, recall: unknown];

/** Characters of the longest line: some thousand numbers take far less. */
const LONGEST: number = 2 ** 20;

/** Who listens. */
export interface LifeEvents {
  returned(...message: Returned): void;
  /** Something was said that no watcher says. */
  forged(error: unknown): void;
  /** The other end is closed. */
  closed(): void;
}

/** Speaks to the watcher of one child. It hears what was said before it listened. */
export class LifeLine {
  readonly #v8 = hostModule<V8>('node:v8') as V8;
  readonly #socket: Socket | undefined;
  readonly #events: LifeEvents;
  #rest = '';
  #isHeard = false;

  constructor(child: ChildProcess, events: LifeEvents) {
    this.#events = events;
    // Undefined where the child could not be started.
    const stdio = child.stdio as ChildProcess['stdio'] | undefined;
    const socket = stdio?.[FD.life] as Socket | null | undefined;
    if (typeof socket?.write !== 'function') return;
    this.#socket = socket;
    // That it is gone is told by its exit.
    socket.on('error', () => undefined);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('close', () => events.closed());
    (socket as { unref?(): void }).unref?.();
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() as string;
    try {
      if (this.#rest.length > LONGEST) throw forged('a line without an end');
      for (const line of lines) this.#hear(line);
    } catch (error) {
      this.#events.forged(error);
    }
  }

  #hear(line: string): void {
    const message = open(Buffer.from(line, 'base64'));
    if (!Array.isArray(message)) throw forged('a line that is no message');
    // The first gives nothing back: it says that the watcher listens.
    this.#isHeard = true;
    this.#events.returned(message[0], message[1]);
  }

  /** Whether the watcher listens. */
  get isHeard(): boolean {
    return this.#isHeard && this.#socket?.writable === true;
  }

  recall(seqs: readonly number[], recall: number): void {
    this.#say([seqs, recall]);
  }

  stop(seq: number, reason: unknown): void {
    this.#say([undefined, NO_RECALL, seq, reason]);
  }

  #say(message: unknown): void {
    if (this.#socket?.writable === true)
      this.#socket.write(`${this.#v8.serialize(message).toString('base64')}\n`);
  }

  close(): void {
    this.#socket?.destroy();
  }
}
