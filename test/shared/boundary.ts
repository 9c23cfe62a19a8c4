/**
 * Both sides of one call in one process, over a real structured clone: what a pool does with lines, without a worker.
 *
 * @module
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Outbox } from '../../src/engines/pool/outbox.ts';
import { Borrower } from '../../src/engines/shared/borrower.ts';
import { Lender } from '../../src/engines/shared/lender.ts';
import type { Line } from '../../src/engines/shared/line.ts';
import { pack, unpack } from '../../src/engines/shared/pack.ts';

/**
 * One end: the messages of a turn leave together, as those of a pool do, and are delivered in order, after as many turns of the event loop as
 * `delay` says.
 */
class PortLine implements Line {
  receive: (message: unknown) => void = () => {};
  readonly #port: MessagePort;
  readonly #delay: () => number;
  readonly #inbox: unknown[] = [];
  #delivering = false;
  readonly #outbox: Outbox;
  #open = true;
  sent = 0;

  /** @param atOnce so many messages of a turn are posted by themselves */
  constructor(port: MessagePort, delay: () => number, atOnce: number) {
    this.#port = port;
    this.#delay = delay;
    this.#outbox = new Outbox((messages, transfer = []) => this.#post(messages, transfer), atOnce);
    port.on('message', (messages: readonly unknown[]) => {
      this.#inbox.push(...messages);
      if (!this.#delivering) this.#deliver();
    });
  }

  #deliver(): void {
    this.#delivering = true;
    let turns = this.#delay();
    const step = (): void => {
      if (turns-- > 0) setImmediate(step);
      else {
        this.#delivering = false;
        for (const message of this.#inbox.splice(0)) if (this.#open) this.receive(message);
      }
    };
    step();
  }

  send(message: readonly unknown[], transfer?: readonly unknown[]): void {
    this.#outbox.send(message, transfer);
  }

  #post(messages: readonly unknown[], transfer: readonly unknown[]): void {
    if (!this.#open) return;
    this.#port.postMessage(messages, transfer as []);
    this.sent += messages.length;
  }

  /** Posts what waits for the end of the turn. */
  leave(): void {
    this.#outbox.flush();
  }

  /** Delivers at once what the other side had sent. */
  flush(): void {
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; ) {
      this.#inbox.push(...(next.message as unknown[]));
      next = receiveMessageOnPort(this.#port);
    }
    for (const message of this.#inbox.splice(0)) this.receive(message);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#port.close();
  }
}

/** A call from the outside in. */
export class Boundary {
  readonly lender: Lender = new Lender('body');
  readonly borrower: Borrower;
  readonly owner: PortLine;
  readonly worker: PortLine;

  /** @param delay turns of the event loop that a message takes */
  constructor(delay: () => number = () => 0) {
    const { port1, port2 } = new MessageChannel();
    this.owner = new PortLine(port1, delay, 0);
    this.worker = new PortLine(port2, delay, 2);
    this.borrower = new Borrower(this.worker, 'body');
  }

  /** What the body gets for these arguments. */
  cross<A extends readonly unknown[]>(...args: A): A {
    const packed = pack(args, 'args', () => this.lender, 'body');
    this.lender.connect(this.owner);
    return unpack(structuredClone(packed), () => this.borrower) as unknown as A;
  }

  /** The body has ended; what it said before arrives before its result. */
  async finish(): Promise<void> {
    this.borrower.finish();
    this.worker.leave();
    await turns(5);
    this.#end();
  }

  /** The worker dies: nothing arrives there any more; what it had sent still arrives, and then the news. */
  die(): void {
    this.owner.flush();
    this.#end();
    this.borrower.finish();
  }

  #end(): void {
    this.lender.end();
    this.owner.close();
    this.worker.close();
  }
}

/** The arguments as a body sees them. */
type Given<A extends readonly unknown[]> = { -readonly [K in keyof A]: A[K] };

/** Runs a body on the other side. */
export async function call<const A extends readonly unknown[], R>(
  args: A,
  body: (...args: Given<A>) => Promise<R>,
  boundary: Boundary = new Boundary(),
): Promise<R> {
  try {
    return await body(...(boundary.cross(...args) as Given<A>));
  } finally {
    await boundary.finish();
  }
}

/** Waits for so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error as Error,
  );
}

/** Everything that can be iterated. */
export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
