/**
 * Closing what is lent, from a worker: twice, at once, and while something is asked for. Each is told when it is over.
 *
 * @module
 */
import { Broadcast, ChannelClosed, channel, Queue } from 'skein';
import { describe, expect, it } from 'vitest';
import { Boundary, call, failure, turns } from './boundary.ts';

/** A source whose closing takes some turns, and what happened to it. */
function slowToClose(log: string[]): AsyncGenerator<number> {
  return (async function* source() {
    try {
      for (let n = 1; ; n++) yield n;
    } finally {
      await turns(3);
      log.push('closed');
    }
  })();
}

describe('an iterator in a worker', () => {
  it('is left by two at once: both wait until the source is closed, once', async () => {
    const log: string[] = [];
    await call([slowToClose(log)], async (there) => {
      await there.next();

      const ends = [there.return(undefined), there[Symbol.asyncDispose]()];
      const seen = ends.map((end) => Promise.resolve(end).then(() => [...log]));

      expect(await Promise.all(seen)).toEqual([['closed'], ['closed']]);

      expect(await there.return(undefined)).toEqual({ value: undefined, done: true });
    });
    expect(log).toEqual(['closed']);
  });

  it('is left by two though its source does not close well: the first is told', async () => {
    const source: AsyncIterableIterator<number> = {
      [Symbol.asyncIterator]: () => source,
      next: async () => ({ value: 1, done: false }),
      return: async () => {
        await turns(2);
        throw new RangeError('stuck lid');
      },
    };
    await call([source], async (there) => {
      await there.next();

      const ends = [failure(there.return?.() as Promise<unknown>), there.return?.()];

      expect(await ends[0]).toMatchObject({ message: 'stuck lid' });
      expect(await ends[1]).toEqual({ value: undefined, done: true });
    });
  });

  it('is left while a request is out: the request is answered first, where the source answers in order', async () => {
    const log: string[] = [];
    await call([slowToClose(log)], async (there) => {
      const pending = there.next();
      const end = there.return(undefined);

      expect(await pending).toEqual({ value: 1, done: false });
      await end;
      expect(log).toEqual(['closed']);
    });
  });

  it('is not closed again at the end of the call', async () => {
    const log: string[] = [];
    const source = slowToClose(log);
    await call([source], async (there) => {
      await there.next();
      void there.return(undefined);
    });
    await turns(10);
    expect(log).toEqual(['closed']);
  });
});

describe('a queue in a worker', () => {
  it('is closed twice at once, while somebody waits for an item', async () => {
    const queue = new Queue<number>();
    await call([queue], async (there) => {
      const waiting = failure(there.get());
      await turns(3);

      await Promise.all([there.close(), there.close()]);

      expect(queue.closed).toBe(true);
      expect(await waiting).toBeInstanceOf(ChannelClosed);
    });
  });

  it('is closed while somebody waits for room: the item was not taken in', async () => {
    const queue = new Queue<number>({ max: 1 });
    await queue.put(1);
    await call([queue], async (there) => {
      const waiting = failure(there.put(2));
      await turns(3);

      await there.close();

      expect(await waiting).toBeInstanceOf(ChannelClosed);
    });
    expect(queue.size).toBe(1);
  });
});

describe('an end of a channel in a worker', () => {
  it('is closed by two at once: both are told when it is', async () => {
    const [sender, receiver] = channel<number>(1);
    const boundary = new Boundary(() => 3);
    await call(
      [sender, receiver],
      async (to, from) => {
        for (const [there, here] of [
          [to, sender],
          [from, receiver],
        ] as const) {
          const ends = [there.close(), there.close(), there[Symbol.asyncDispose]()];
          expect(there.closed).toBe(true);
          const seen = ends.map((end) => Promise.resolve(end).then(() => here.closed));

          expect(await Promise.all(seen)).toEqual([true, true, true]);
        }
      },
      boundary,
    );
  });

  it('is closed while somebody waits at it', async () => {
    const full = channel<number>(0);
    const empty = channel<number>(0);
    await call([full[0], empty[1]], async (to, from) => {
      const waiting = [failure(to.send(1)), failure(from.receive())];
      await turns(3);

      await Promise.all([to.close(), from.close()]);

      for (const each of waiting) expect(await each).toBeInstanceOf(ChannelClosed);
    });
  });

  it('a further handle is closed apart, twice', async () => {
    const [sender, receiver] = channel<number>(1);
    await call([sender], async (to) => {
      const other = to.clone();
      await Promise.all([other.close(), other.close()]);
      expect(receiver.stats().senders).toBe(1);
      await to.send(1);
    });
    expect(await receiver.receive()).toBe(1);
  });
});

it('a broadcast in a worker is closed twice at once, while somebody publishes', async () => {
  const broadcast = new Broadcast<number>({ capacity: 1 });
  const receiver = broadcast.subscribe();
  await call([broadcast], async (there) => {
    await there.publish(1);
    const publishing = failure(there.publish(2));
    await turns(3);

    await Promise.all([there.close(), there.close()]);

    expect(await publishing).toBeInstanceOf(ChannelClosed);
  });
  expect(await receiver.receive()).toBe(1);
  receiver.close();
});
