/**
 * Queues and channels as the contract knows them.
 *
 * @module
 */
import type { channel, Queue } from 'skein';
import type { QueueLike } from '../contract/queue-kind.ts';

/** A queue. */
export function fromQueue(queue: Queue<unknown>): QueueLike {
  return {
    put: (item, bounds) => queue.put(item, bounds),
    tryPut: (item) => queue.tryPut(item),
    putting: (item) => queue.putting(item),
    get: (bounds) => queue.get(bounds),
    tryGet: () => queue.tryGet(),
    close: (error) => queue.close(error),
    [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
    get got() {
      return queue.got;
    },
    get getters() {
      return queue.stats().waitingGet;
    },
    get putters() {
      return queue.stats().waitingPut;
    },
  };
}

/** A channel is closed by another sender than the one that sends, which may then still ask. */
export function fromChannel({ tx, rx }: ReturnType<typeof channel<unknown>>): QueueLike {
  const closing = tx.clone();
  return {
    put: (item, bounds) => tx.send(item, bounds),
    tryPut: (item) => tx.trySend(item),
    putting: (item) => tx.sending(item),
    get: (bounds) => rx.receive(bounds),
    tryGet: () => rx.tryReceive(),
    close: (error) => {
      if (error === undefined) tx.close();
      closing.close(error);
    },
    [Symbol.asyncIterator]: () => rx[Symbol.asyncIterator](),
    get got() {
      return rx.received;
    },
    get getters() {
      return rx.stats().waitingReceive;
    },
    get putters() {
      return rx.stats().waitingSend;
    },
  };
}
