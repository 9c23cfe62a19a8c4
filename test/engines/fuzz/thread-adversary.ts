/**
 * A worker thread that is none: it has the port and the shared memory of one, does to the end of each call what a worker does, and says, and
 * writes, many other things before that. It runs in this thread, so that thousands of such workers can be ended in a second.
 *
 * @module
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { WorkerEnd } from '../../../src/engines/pool/link.ts';
import type { Order } from '../../../src/engines/pool/order.ts';
import { ASK, CANCEL, TELL } from '../../../src/engines/shared/protocol.ts';
import { STEP } from '../../../src/engines/shared/steps.ts';
import { type Board, BY_MESSAGE, CLAIM, HEAD } from '../../../src/engines/thread/layout.ts';
import { TO_POOL, TO_WORKER } from '../../../src/engines/thread/protocol.ts';
import type { Thread } from '../../../src/engines/thread/start-thread.ts';
import { encodeThrown } from '../../../src/shipping/error-codec.ts';
import { junk, mutated, type Random } from './thread-mutations.ts';

/** What all of them share. */
export interface Malice {
  readonly random: Random;
  /** No malice: all are what they should be. */
  isQuiet: boolean;
  /** How many messages were forged, and words of memory. */
  messages: number;
  words: number;
}

/** The slot of a call, and the words of its memory. */
const SLOT = { first: 16, words: 16 };

/** One of them. */
export class Adversary implements Thread {
  readonly #channel = new MessageChannel();
  readonly port: MessagePort = this.#channel.port1;
  readonly #board: Board;
  readonly #malice: Malice;
  readonly #orders = new Map<number, Order | readonly unknown[]>();
  /** What it has said, to say it again. */
  readonly #said: unknown[] = [];
  #exited: (end: WorkerEnd) => void = () => undefined;
  #next = 0;
  /** Of the generator at work: its number, and what it has been asked for. */
  #steps: { readonly seq: number; readonly id: number; left: number } | undefined;
  #question = 0;
  /** The first argument of the call at work. */
  #first: unknown;
  #isOver = false;

  constructor(board: Board, malice: Malice) {
    this.#board = board;
    this.#malice = malice;
    setImmediate(() => {
      board.store(HEAD.ready, 1);
      board.ring(HEAD.toPool);
      this.#turn();
    });
  }

  onExit(exited: (end: WorkerEnd) => void): void {
    this.#exited = exited;
  }

  ref(): void {
    // It is no thread.
  }

  unref(): void {
    // It is no thread.
  }

  terminate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    setImmediate(() => this.#exited({ exitCode: 1 }));
  }

  readonly #turn = (): void => {
    if (this.#isOver) return;
    this.#read();
    if (this.#steps === undefined && this.#board.load(HEAD.written) !== this.#next) this.#run();
    this.#board.ring(HEAD.toPool);
    setImmediate(this.#turn);
  };

  #read(): void {
    for (;;) {
      const got = receiveMessageOnPort(this.#channel.port2);
      if (got === undefined) return;
      const message = got.message as readonly unknown[];
      switch (message[0]) {
        case TO_WORKER.calls:
          for (let i = 2; i < message.length; i += 2) {
            this.#orders.set(message[i] as number, message[i + 1] as Order);
          }
          break;
        case TO_WORKER.stop:
          if (this.#steps?.seq === message[1]) this.#end(message[1] as number);
          break;
        case TO_WORKER.rest:
          this.#post([TO_POOL.rested]);
          break;
        case TO_WORKER.line:
          for (const each of message[2] as (readonly unknown[])[]) {
            if (each[0] === 4 && this.#steps?.id === each[1]) {
              this.#step(each[2] as readonly [number, unknown]);
            }
          }
      }
    }
  }

  #run(): void {
    const board = this.#board;
    const seq = this.#next;
    const argument = board.readArgument(seq);
    const order = this.#orders.get(seq);
    if (argument === BY_MESSAGE && order === undefined) return;
    this.#next = (seq + 1) | 0;
    this.#question = 0;
    this.#orders.delete(seq);
    const values = Array.isArray(order) ? order : (order as Order | undefined)?.values;
    this.#first = values === undefined ? argument : values[0];
    if (!board.take(seq, CLAIM.running)) {
      board.store(HEAD.done, this.#next);
      return;
    }
    const holes = (order !== undefined && 'holes' in order ? order.holes : undefined) ?? [];
    for (const { kind, id } of holes) {
      switch (kind) {
        case 'callback':
          this.#line(seq, [ASK, ++this.#question, id, 'call', [1, { n: 2 }]]);
          break;
        case 'queue':
          this.#line(seq, [ASK, ++this.#question, id, 'put', [{ item: 1 }]]);
          this.#line(seq, [ASK, ++this.#question, id, 'get', []]);
          this.#line(seq, [CANCEL, this.#question]);
          break;
        case 'iterator':
          this.#line(seq, [ASK, ++this.#question, id, 'next', []]);
          break;
        case 'limiter':
          this.#line(seq, [ASK, ++this.#question, id, 'acquire', []]);
          this.#line(seq, [TELL, id, 'release', [this.#question]]);
          this.#line(seq, [ASK, ++this.#question, id, 'run', [{}]]);
          this.#line(seq, [TELL, id, 'ran', [this.#question, encodeThrown(new Error('it'))]]);
          break;
        case 'sender':
          this.#line(seq, [TELL, id, 'handle', [-1]]);
          this.#line(seq, [ASK, ++this.#question, -1, 'put', ['x']]);
          break;
        case 'steps':
          this.#steps = { seq, id, left: 3 };
          this.#line(seq, [TELL, id, 'ready', []]);
          return;
      }
    }
    this.#end(seq);
  }

  #step([kind, value]: readonly [number, unknown]): void {
    const steps = this.#steps;
    if (steps === undefined) return;
    const count = kind === STEP.more ? (value as number) : 1;
    for (let i = 0; i < count && steps.left > 0; i++, steps.left--) {
      if (kind === STEP.return || kind === STEP.throw) steps.left = 1;
      else this.#line(steps.seq, [TELL, steps.id, 'gave', [{ left: steps.left }]]);
    }
    if (steps.left === 0 || kind === STEP.return || kind === STEP.throw) this.#end(steps.seq);
  }

  #end(seq: number): void {
    this.#steps = undefined;
    const { random } = this.#malice;
    this.#write(seq);
    const first = this.#first;
    if (typeof first === 'number') {
      this.#board.writeResult(seq, first + 1);
      this.#board.setClaim(seq, CLAIM.valued);
    } else {
      const isValue = this.#malice.isQuiet ? 1 : random(2);
      const error = new TypeError('thrown', { cause: [new RangeError('cause')] });
      this.#post([TO_POOL.outcome, seq, isValue, isValue === 1 ? { seq } : encodeThrown(error)]);
      this.#board.setClaim(seq, CLAIM.told);
    }
    this.#board.store(HEAD.done, this.#next);
  }

  #line(seq: number, message: readonly unknown[]): void {
    this.#post([TO_POOL.line, seq, [message]]);
  }

  /** Says something, and before that, perhaps, something like it. */
  #post(message: readonly unknown[]): void {
    const { isQuiet, random } = this.#malice;
    if (!isQuiet && random(2) === 0) {
      const forged =
        random(8) === 0 ? this.#said[random(this.#said.length)] : mutated(message, random);
      this.#send(forged);
      this.#malice.messages++;
    }
    if (this.#said.length < 50) this.#said.push(message);
    this.#send(message);
  }

  #send(message: unknown): void {
    try {
      this.#channel.port2.postMessage(message);
    } catch {
      // It is nested so deeply that it cannot even be written.
      this.#channel.port2.postMessage(null);
    }
  }

  /** Writes to memory what no worker writes: to the head, and to the slot of the call at work. */
  #write(seq: number): void {
    const { isQuiet, random } = this.#malice;
    if (isQuiet || random(6) > 0) return;
    const { words } = this.#board;
    const value = [0, 1, 5, -1, 2 ** 31 - 1, random(2 ** 31)][random(6)] as number;
    const inSlot = SLOT.first + (seq & 2047) * SLOT.words + random(SLOT.words);
    words[random(2) === 0 ? random(SLOT.first) : inSlot] = value;
    if (random(8) === 0) this.#board.busy = junkNumber(random);
    this.#malice.words++;
  }
}

function junkNumber(random: Random): number {
  const value = junk(random);
  return typeof value === 'number' ? value : Number.NaN;
}
