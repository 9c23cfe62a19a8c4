/**
 * The contract of queues, run against everything that can be one.
 *
 * @module
 */
import { Broadcast, channel, LifoQueue, PriorityQueue, Queue } from 'skein';
import { describe } from 'vitest';
import { takingContract } from '../contract/item-taking.ts';
import { overflowContract } from '../contract/overflow.ts';
import { queueContract } from '../contract/queue-like.ts';
import { fromChannel, fromQueue } from './queue-kinds.ts';

/** The sending end of no use. */
const dead = channel<unknown>().tx;

const falling = {
  // Numbers from the greatest to the least; everything else is equal.
  compare: (a: unknown, b: unknown) =>
    typeof a === 'number' && typeof b === 'number' ? b - a || 0 : 0,
};

for (const capacity of [1, 2, Number.POSITIVE_INFINITY]) {
  queueContract({
    name: `Queue of ${capacity}`,
    capacity,
    make: () => fromQueue(new Queue({ max: capacity })),
  });
}
queueContract({
  name: 'LifoQueue of 1',
  capacity: 1,
  make: () => fromQueue(new LifoQueue({ max: 1 })),
});
queueContract({
  name: 'PriorityQueue of 1',
  capacity: 1,
  make: () => fromQueue(new PriorityQueue({ max: 1, ...falling })),
});
for (const capacity of [0, 1, 16, Number.POSITIVE_INFINITY]) {
  queueContract({
    name: `channel of ${capacity}`,
    capacity,
    make: () => fromChannel(channel(capacity)),
  });
}

for (const capacity of [0, 1, 16, Number.POSITIVE_INFINITY]) {
  describe(`a subscription of a Broadcast of ${capacity}`, () => {
    takingContract(() => {
      const broadcast = new Broadcast<unknown>({ capacity });
      const rx = broadcast.subscribe();
      return {
        source: fromChannel(Object.assign([dead, rx] as const, { tx: dead, rx })),
        put: (item) => broadcast.publish(item),
        close: () => broadcast.close(),
      };
    });
  });
}

overflowContract('Queue', 'oldest too', (max, overflow) => fromQueue(new Queue({ max, overflow })));
overflowContract('channel', 'oldest too', (capacity, overflow) =>
  fromChannel(channel(capacity, { overflow })),
);
overflowContract('LifoQueue', 'no oldest', (max, overflow) =>
  fromQueue(new LifoQueue({ max, overflow: overflow as never })),
);
overflowContract('PriorityQueue', 'no oldest', (max, overflow) =>
  fromQueue(new PriorityQueue({ max, overflow: overflow as never, ...falling })),
);
