/**
 * Which of the library's classes are lent, and what lent objects can be asked, kind by kind.
 *
 * @module
 */
import { AsyncEvent } from '../../sync/async-event.ts';
import { Barrier } from '../../sync/barrier.ts';
import { Broadcast } from '../../sync/broadcast.ts';
import { Condition } from '../../sync/condition.ts';
import { Deferred } from '../../sync/deferred.ts';
import { DirectSeat } from '../../sync/items-seat.ts';
import { KeyedLock } from '../../sync/keyed-lock.ts';
import { Queue } from '../../sync/queue.ts';
import { ReadWriteLock } from '../../sync/read-write-lock.ts';
import { Receiver } from '../../sync/receiver.ts';
import { Sender } from '../../sync/sender.ts';
import { WaitGroup } from '../../sync/wait-group.ts';
import { type Kind, lendAs, refuseToLend } from './kinds.ts';
import type { Lent, Operation } from './lent.ts';
import { LentItems } from './lent-items.ts';
import { LentIterator } from './lent-iterator.ts';
import { LentRunner } from './lent-runner.ts';
import { LentSignal } from './lent-signal.ts';
import { LentSteps, type Steps } from './lent-steps.ts';
import { thrownElsewhere } from './thrown.ts';

lendAs(Queue, 'queue');
lendAs(Sender, 'sender');
lendAs(Receiver, 'receiver');
lendAs(Broadcast, 'broadcast');
lendAs(AsyncEvent, 'event');
lendAs(DirectSeat, 'items');
for (const type of [Barrier, Condition, Deferred, KeyedLock, ReadWriteLock, WaitGroup]) {
  refuseToLend(type);
}

/** Sends something to the proxy without having been asked. */
export type Notify = (what: unknown) => void;

type AnyFunction = (...args: unknown[]) => unknown;

/** An error that may or may not have been given. */
export function errorIn(args: readonly unknown[]): [] | [unknown] {
  return args.length === 0 ? [] : [thrownElsewhere(args[0])];
}

type Asks<O extends object> = Readonly<Record<string, Operation<O>>>;

const callback: Asks<AnyFunction> = {
  call: { run: (fn, args, about) => about.inContext(() => fn(...args)) },
};

const queue: Asks<Queue<unknown>> = {
  put: { run: (it, [item]) => it.put(item) },
  get: { run: (it) => it.get(), takeBack: (it, item) => it.putBack(item) },
  taskDone: { run: (it) => it.taskDone() },
  join: { run: (it) => it.join() },
  close: { run: (it, args) => it.close(...errorIn(args)) },
  stats: { run: (it) => it.stats() },
};

const sender: Asks<Sender<unknown>> = {
  put: { run: (it, [item]) => it.send(item) },
  close: { run: (it, args) => it.close(...errorIn(args)) },
};

const receiver: Asks<Receiver<unknown>> = {
  get: { run: (it) => it.receive(), takeBack: (it, item) => it.putBack(item) },
  close: { run: (it) => it.close() },
  stats: { run: (it) => it.stats() },
};

const broadcast: Asks<Broadcast<unknown>> = {
  put: { run: (it, [item]) => it.publish(item) },
  close: { run: (it) => it.close() },
};

const event: Asks<AsyncEvent> = {
  set: { run: (it) => it.set() },
  reset: { run: (it) => it.reset() },
  wait: { run: (it) => it.wait() },
};

/** An object that keeps nothing for its call: it can be asked, and has copies that the worker has made. */
class LentPlain implements Lent {
  readonly object: object;
  readonly asks: Asks<never>;

  constructor(object: object, asks: Asks<never>) {
    this.object = object;
    this.asks = asks;
  }

  tell(method: string, [item]: readonly unknown[]): void {
    if (method === 'putBack') (this.object as Queue<unknown>).putBack(item);
  }
}

/** A handle that was made by order of the worker: it is closed with its call. */
class LentHandle extends LentPlain {
  end(): void {
    (this.object as { close(): void }).close();
  }
}

/** Keeps an object for a call. */
export function lentAs(kind: Kind, object: object, notify: Notify): Lent {
  switch (kind) {
    case 'signal':
      return new LentSignal(object as AbortSignal, notify);
    case 'callback':
      return new LentPlain(object, callback as Asks<never>);
    case 'queue':
      return new LentPlain(object, queue as Asks<never>);
    case 'sender':
      return new LentPlain(object, sender as Asks<never>);
    case 'receiver':
      return new LentPlain(object, receiver as Asks<never>);
    case 'broadcast':
      return new LentPlain(object, broadcast as Asks<never>);
    case 'event':
      return new LentPlain(object, event as Asks<never>);
    case 'limiter':
    case 'runner':
      return new LentRunner(object, notify);
    case 'iterator':
      return new LentIterator(object);
    case 'items':
      return new LentItems(object as DirectSeat<unknown>, notify);
    case 'steps':
      return new LentSteps(object as Steps, notify);
  }
}

/** A further handle of an object, made by order of the worker: another end of a channel, or a subscription. */
export function handleOf(lent: Lent): Lent {
  if (lent.asks === broadcast) {
    return new LentHandle((lent.object as Broadcast<unknown>).subscribe(), receiver as Asks<never>);
  }
  const { object } = lent as { readonly object: Sender<unknown> | Receiver<unknown> };
  return object.closed ? lent : new LentHandle(object.clone(), lent.asks);
}
