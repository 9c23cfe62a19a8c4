/**
 * The parent's end of the socket to the watcher of a child.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { hostModule } from '../../runtime/runtime.ts';
import { FD } from './protocol.ts';
import { NO_RECALL } from './recalls.ts';

type V8 = typeof import('node:v8');

/** What the watcher says: calls that it took back, and the number of the recall that this answers, or `NO_RECALL`. */
export type Returned = readonly [seqs: readonly number[], recall: number];

/** Speaks to the watcher of one child. It hears what was said before it listened. */
export class LifeLine {
  readonly #v8 = hostModule<V8>('node:v8') as V8;
  readonly #socket: Socket | undefined;
  #rest = '';
  #isHeard = false;

  constructor(child: ChildProcess, returned: (message: Returned) => void) {
    // Undefined where the child could not be started.
    const stdio = child.stdio as ChildProcess['stdio'] | undefined;
    const socket = stdio?.[FD.life] as Socket | null | undefined;
    if (typeof socket?.write !== 'function') return;
    this.#socket = socket;
    // That it is gone is told by its exit.
    socket.on('error', () => undefined);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() as string;
      for (const line of lines) this.#hear(line, returned);
    });
    (socket as { unref?(): void }).unref?.();
  }

  #hear(line: string, returned: (message: Returned) => void): void {
    const message = this.#v8.deserialize(Buffer.from(line, 'base64')) as Returned;
    const isFirst = !this.#isHeard;
    this.#isHeard = true;
    // The first only says that it listens.
    if (!isFirst) returned(message);
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
