/**
 * Queues, channels and subscriptions as sources.
 *
 * @module
 */
import { Broadcast, channel, detached, Queue } from 'skein';
import { feed } from './feed.ts';
import type { Maker, Making } from './making.ts';

type Give = ReturnType<Maker>;

const WAITED_FOR = 'somebody still waits for an item';

export function queue(making: Making): Give {
  const items = new Queue<unknown>();
  feed(
    making,
    (item) => items.tryPut(item),
    (error) => items.close(error),
  );
  return { source: items, left: () => (items.stats().waitingGet > 0 ? WAITED_FOR : undefined) };
}

export function channelOf(making: Making): Give {
  const { tx, rx } = channel<unknown>(Infinity);
  feed(
    making,
    (item) => void detached(() => tx.send(item)),
    (error) => tx.close(error),
  );
  return { source: rx, left: () => (rx.stats().waitingReceive > 0 ? WAITED_FOR : undefined) };
}

export function broadcast(making: Making): Give {
  const news = new Broadcast<unknown>({ capacity: -1 });
  const rx = news.subscribe();
  feed(
    making,
    (item) => void detached(() => news.publish(item)),
    () => news.close(),
  );
  return { source: rx, left: () => (rx.stats().waitingReceive > 0 ? WAITED_FOR : undefined) };
}
