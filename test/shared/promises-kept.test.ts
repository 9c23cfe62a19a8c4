import { deserialize, serialize } from 'node:v8';
import {
  Broadcast,
  CapacityLimiter,
  channel,
  limiter,
  map,
  Queue,
  RateLimiter,
  Semaphore,
  scope,
  sleep,
} from 'skein';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../src/engines/shared/pack.ts';
import { shareItems } from '../../src/sync/items-hub.ts';
import { Boundary, call, failure, turns } from './boundary.ts';

/** A worker that dies while an item is on its way to it. */
async function deathOnTheWay<T extends object>(
  object: T,
  get: (there: T) => Promise<unknown>,
  meanwhile: () => void,
): Promise<void> {
  const boundary = new Boundary(() => 3);
  const [there] = boundary.cross(object);
  const lost = failure(get(there));
  await turns(6);
  meanwhile();
  await turns(1);
  boundary.die();
  expect((await lost).code).toBe('ERR_CALL_ENDED');
}

describe('an item that comes back', () => {
  it('does so also into a queue that was closed, and over its size', async () => {
    const queue = new Queue<number>({ max: 1 });
    await deathOnTheWay(
      queue,
      (there) => there.get(),
      () => {
        queue.tryPut(1);
        queue.tryPut(2);
        queue.close();
      },
    );
    expect(queue.stats()).toMatchObject({ size: 2, unfinished: 2 });
    expect([await queue.get(), await queue.get()]).toEqual([1, 2]);
    expect((await failure(queue.get())).code).toBe('ERR_CHANNEL_CLOSED');
  });

  it('goes to whoever waits for one', async () => {
    const queue = new Queue<number>();
    let waiting: Promise<number> | undefined;
    await deathOnTheWay(
      queue,
      (there) => there.get(),
      () => {
        queue.tryPut(1);
        waiting = queue.get();
      },
    );
    expect(await waiting).toBe(1);
  });

  it('is counted as dropped where the last receiver was closed', async () => {
    const { tx, rx } = channel<number>(2);
    await deathOnTheWay(
      rx,
      (there) => there.receive(),
      () => {
        tx.trySend(1);
        rx.close();
      },
    );
    expect(rx.stats()).toMatchObject({ buffered: 0, dropped: 1 });
  });

  it('goes back to the subscription it was of', async () => {
    const news = new Broadcast<number>();
    const subscription = news.subscribe();
    await deathOnTheWay(
      subscription,
      (there) => there.receive(),
      () => void news.publish(1),
    );
    expect(await subscription.receive()).toBe(1);
  });
});

describe('limiters', () => {
  it('that repeat do not repeat what died, and are free again', async () => {
    const limit = limiter({ concurrency: 1, retry: { retries: 3, backoff: 1 } });
    const boundary = new Boundary();
    const [there] = boundary.cross(limit);
    let [calls, end] = [0, (): void => undefined];
    const lost = failure(
      there(() => {
        calls++;
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      }),
    );
    while (calls === 0) await turns(1);
    boundary.die();
    expect((await lost).code).toBe('ERR_CALL_ENDED');
    await limit.idle();
    expect([calls, limit.active, limit.waiting]).toEqual([1, 0, 0]);
    end();
  });

  it('are the pace of a flow in the worker', async () => {
    const pace = new RateLimiter({ maxCalls: 100, period: '1h' });
    const doubled = await call([pace], (there) =>
      map([1, 2, 3], async (n) => 2 * n, { pace: there }),
    );
    expect([doubled, pace.stats().waiting]).toEqual([[2, 4, 6], 0]);
  });

  it.each([
    ['throws', { name: 'RangeError', message: 'mine' }],
    ['returns', 'value'],
    ['waits', expect.objectContaining({ name: 'AbortError' })],
  ])(
    'behave as in one memory when the scope of a function that %s is cancelled',
    async (how, expected) => {
      const outcome = (semaphore: Semaphore): Promise<unknown> =>
        scope(async (s) =>
          semaphore.run(async () => {
            s.cancel('stop');
            await turns(3);
            if (how === 'throws') throw new RangeError('mine');
            if (how === 'waits') await sleep('1h');
            return 'value';
          }),
        ).catch(({ name, message }: Error) => ({ name, message: message.replace(/\d+/gu, '') }));
      const here = await outcome(new Semaphore(1));
      expect(here).toEqual(expected);
      const semaphore = new Semaphore(1);
      await call([semaphore], async (there) => {
        expect(await outcome(there)).toEqual(here);
        expect(await there.run(async () => 'free')).toBe('free');
      });
      expect(semaphore.available).toBe(1);
    },
  );

  it('refuse options that cannot be sent', async () => {
    await call([limiter(1)], async (there) => {
      const options = { name: () => 'a function' } as object;
      expect((await failure(there.run(async () => 1, options))).code).toBe('ERR_UNCLONABLE');
    });
  });

  it('refuse keys whose copies would not be equal: they would have no limit', async () => {
    const pace = new RateLimiter({ maxCalls: 1, period: '1h' });
    await call([pace, new CapacityLimiter(1)], async (rate, capacity) => {
      const user = { id: 1 };
      const error = await failure((rate as RateLimiter).run(async () => 1, { key: user }));
      expect([error instanceof TypeError, error.message]).toEqual([
        true,
        expect.stringContaining('Expected key to be a primitive'),
      ]);
      const borrowed = (capacity as CapacityLimiter).acquire({ onBehalfOf: user });
      expect((await failure(borrowed)).message).toContain('Expected onBehalfOf to be a primitive');
    });
    expect(pace.stats().keys).toBe(0);
  });
});

it('what is packed survives the serialization of processes, in maps and sets too', () => {
  const queue = new Queue();
  const value = new Map<unknown, unknown>([[queue, new Set([queue, { queue }])]]);
  const packed = pack([value], 'args', () => ({ lend: () => ({ id: 0 }) }), 'f');
  const there: unknown = deserialize(serialize(packed));
  const [map] = unpack(there as typeof packed, () => ({ borrow: () => 'proxy' }));
  expect(map).toEqual(new Map([['proxy', new Set(['proxy', { queue: 'proxy' }])]]));
});

it('a copy that blocks keeps others waiting for its batch only as long as it blocks', async () => {
  const hub = shareItems(Array.from({ length: 400 }, (_, n) => n));
  const [blocked, other] = [hub.join(), hub.join()];
  const [a, b] = [new Boundary(), new Boundary()];
  const [there] = a.cross(blocked as AsyncIterableIterator<number>);
  const [fast] = b.cross(other as AsyncIterableIterator<number>);
  const seen: number[] = [];
  while (seen.length < 100) seen.push((await there.next()).value as number);
  // It answers nothing.
  const answer = a.worker.receive;
  const unheard: unknown[] = [];
  a.worker.receive = (message) => void unheard.push(message);
  let done = false;
  const rest = (async () => {
    for await (const n of fast) seen.push(n);
    done = true;
  })();
  while (unheard.length === 0) await turns(1);
  await turns(10);
  expect(done).toBe(false);
  a.worker.receive = answer;
  for (const message of unheard) answer(message);
  await rest;
  expect(seen.sort((x, y) => x - y)).toEqual(Array.from({ length: 400 }, (_, n) => n));
  for (const boundary of [a, b]) await boundary.finish();
  await hub.close();
});
