/**
 * Queues and the ends of channels, as a worker sees them.
 *
 * @module
 */
import type { WaitBounds } from '../../core/bounds.ts';
import type { Broadcast } from '../../sync/broadcast.ts';
import type { Queue, QueueStats } from '../../sync/queue.ts';
import type { ChannelStats, Receiver } from '../../sync/receiver.ts';
import type { Sender } from '../../sync/sender.ts';
import { lendAs } from './kinds.ts';
import { encodedError, ItemLoop, RemoteObject } from './remote-object.ts';

/** What a type of the library looks like from a worker: what answers at once throws, or gives a promise. */
type Here<T, Methods extends keyof T> = Pick<T, Methods>;

/** A queue. What cannot be known at once is awaited: `await queue.stats()`. */
export class RemoteQueue<T>
  extends RemoteObject
  implements Here<Queue<T>, 'put' | 'get' | 'taskDone' | 'join' | 'close' | 'tryPut' | 'tryGet'>
{
  protected readonly label: string = 'queue';

  put(item: T, bounds?: WaitBounds): Promise<void> {
    return this.decided('put', [item], bounds);
  }

  get(bounds?: WaitBounds): Promise<T> {
    return this.decided('get', [], bounds);
  }

  taskDone(): Promise<void> {
    return this.done('taskDone', []);
  }

  join(bounds?: WaitBounds): Promise<void> {
    return this.awaited('join', [], bounds);
  }

  close(error?: unknown): Promise<void> {
    return this.done('close', encodedError(error));
  }

  stats(): Promise<QueueStats> {
    return this.done('stats', []);
  }

  /** An item comes back that was lent further and did not arrive there. */
  putBack(item: T): void {
    this.borrower.tell(this.id, 'putBack', [item]);
  }

  tryPut(): boolean {
    return this.cannot('tryPut', 'await put(item)');
  }

  tryGet(): undefined {
    return this.cannot('tryGet', 'await get()');
  }

  get size(): number {
    return this.cannot('size', '(await stats()).size');
  }

  get unfinished(): number {
    return this.cannot('unfinished', '(await stats()).unfinished');
  }

  get full(): boolean {
    return this.cannot('full', 'await stats()');
  }

  get closed(): boolean {
    return this.cannot('closed', 'get() or a loop, which end when it is closed');
  }

  get got(): never {
    return this.cannot('got', 'get()');
  }

  putting(): never {
    return this.cannot('putting', 'put()');
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new ItemLoop((bounds) => this.get(bounds));
  }
}

/** An end of a channel: closed apart from others. */
abstract class RemoteEnd extends RemoteObject {
  #closing: Promise<void> | undefined;

  get closed(): boolean {
    return this.#closing !== undefined
      ? true
      : this.cannot('closed', 'the operation itself, which throws');
  }

  close(error?: unknown): Promise<void> {
    this.#closing ??= this.done<void>('close', encodedError(error));
    return this.#closing;
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The end that items go into. */
export class RemoteSender<T>
  extends RemoteEnd
  implements Here<Sender<T>, 'send' | 'trySend' | 'close'>
{
  protected readonly label: string = 'sender';

  send(item: T, bounds?: WaitBounds): Promise<void> {
    return this.decided('put', [item], bounds);
  }

  trySend(): boolean {
    return this.cannot('trySend', 'await send(item)');
  }

  /** Another sender, closed apart: at the end of the call at the latest. */
  clone(): RemoteSender<T> {
    this.borrower.requireOpen('clone a sender');
    return new RemoteSender(this.borrower, this.borrower.handle(this.id));
  }
}

/** The end that items come out of. */
export class RemoteReceiver<T>
  extends RemoteEnd
  implements Here<Receiver<T>, 'receive' | 'tryReceive' | 'close'>
{
  protected readonly label: string = 'receiver';

  receive(bounds?: WaitBounds): Promise<T> {
    return this.decided('get', [], bounds);
  }

  tryReceive(): undefined {
    return this.cannot('tryReceive', 'await receive()');
  }

  stats(): Promise<ChannelStats> {
    return this.done('stats', []);
  }

  /** An item comes back that was lent further and did not arrive there. */
  putBack(item: T): void {
    this.borrower.tell(this.id, 'putBack', [item]);
  }

  /** Another receiver, closed apart: at the end of the call at the latest. */
  clone(): RemoteReceiver<T> {
    this.borrower.requireOpen('clone a receiver');
    return new RemoteReceiver(this.borrower, this.borrower.handle(this.id));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new ItemLoop((bounds) => this.receive(bounds));
  }
}

/** A broadcast. */
export class RemoteBroadcast<T>
  extends RemoteObject
  implements Here<Broadcast<T>, 'publish' | 'close'>
{
  protected readonly label: string = 'broadcast';

  publish(item: T, bounds?: WaitBounds): Promise<void> {
    return this.decided('put', [item], bounds);
  }

  /** A subscription from now on, closed at the end of the call at the latest. */
  subscribe(): RemoteReceiver<T> {
    this.borrower.requireOpen('subscribe to a broadcast');
    return new RemoteReceiver(this.borrower, this.borrower.handle(this.id));
  }

  close(): Promise<void> {
    return this.done('close', []);
  }
}

// A worker can lend what was lent to it.
lendAs(RemoteQueue, 'queue');
lendAs(RemoteSender, 'sender');
lendAs(RemoteReceiver, 'receiver');
lendAs(RemoteBroadcast, 'broadcast');
