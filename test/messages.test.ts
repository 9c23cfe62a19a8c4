import {
  asCompleted,
  type Cancelled,
  Condition,
  collect,
  concurrent,
  concurrently,
  currentScope,
  gather,
  Lock,
  limiter,
  map,
  mapStream,
  moveOnAfter,
  openScope,
  Queue,
  race,
  retry,
  schedule,
  scope,
  select,
  shield,
  sleep,
  sleepForever,
  TimedOut,
  timeout,
} from 'skein';
import { virtual } from 'skein/testing';
import { describe, expect, it } from 'vitest';

// Wrong on purpose: what a caller without types can do.
const any = (value: unknown): never => value as never;
const fail = (): never => {
  throw new Error('no such page');
};

async function failure(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected a failure');
}

/** What a wait in a body is told whose time is over. */
async function toldInside(
  limited: (body: () => Promise<void>) => Promise<unknown>,
): Promise<Error> {
  let told: Error | undefined;
  await limited(() =>
    sleepForever().catch((error: Error) => {
      told = error;
      throw error;
    }),
  ).catch(() => undefined);
  return told as Error;
}

async function heldDoor(use: (door: Lock) => unknown): Promise<void> {
  const door = new Lock({ name: 'door' });
  const holder = schedule(() => door.with(() => sleepForever()));
  await sleep(0);
  try {
    await use(door);
  } finally {
    holder.cancel();
  }
}

/** A few words that are said twice; empty where there are none. */
function saidTwice(message: string): string[] {
  const words = message.toLowerCase().match(/[\w'.[\]()]+/g) ?? [];
  const seen = new Set<string>();
  return words.flatMap((_, at) => {
    const three = words.slice(at, at + 3).join(' ');
    if (at + 3 > words.length || !seen.has(three)) {
      seen.add(three);
      return [];
    }
    return [three];
  });
}

const iterate = async (flow: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of flow);
};

describe('a message names what could not be done once, and what the user knows', () => {
  it.each<readonly [string, () => unknown]>([
    ['Timed out after 50 ms', () => timeout('50ms', sleepForever)],
    [
      'Could not finish main within 50 ms',
      () => scope({ name: 'main', timeout: 50 }, sleepForever),
    ],
    ['Could not finish shield within 1.5 ms', () => shield(sleepForever, { timeout: 1.5 })],
    [
      'Could not finish map(sleepForever)[0] within 50 ms',
      () => map([1], sleepForever, { timeout: 50 }),
    ],
    [
      'Could not finish retry sleepForever within 50 ms',
      () => retry(sleepForever, { retries: 1, totalTimeout: 50 }),
    ],
    [
      'Could not finish asCompleted within 50 ms',
      () => iterate(asCompleted([sleepForever], { timeout: 50 })),
    ],
    [
      'Could not finish waiting for lock door within 50 ms',
      () => heldDoor((door) => door.acquire({ timeout: 50 })),
    ],
    [
      'Could not finish waiting for item of queue jobs within 50 ms',
      () => new Queue({ name: 'jobs' }).get({ timeout: 50 }),
    ],
    ['Could not run input 1: no such page', () => iterate(concurrent([() => 1, fail]))],
    ['Cannot run input 0 as it is not a function: got 5', () => iterate(concurrent([any(5)]))],
    ['Cannot run input 0 as it is not a function: got 5', () => collect([any(5)])],
    ['Could not read the source: Expected thunks to be iterable: got 5', () => concurrent(any(5))],
    [
      'Could not read the source after 1 input: no such page',
      () =>
        iterate(
          concurrent(
            (function* () {
              yield () => 1;
              fail();
            })(),
          ),
        ),
    ],
    ['2 of 2 items failed in map(fail)', () => map([1, 2], fail, { onError: 'continue' })],
    ['1 error in main', () => scope({ name: 'main', errors: 'aggregate' }, fail)],
    ['1 error in the copy of fail: no such page', () => concurrently(1, {}, fail)()],
    ['Expected lock to be a Lock: got 5', () => new Condition(any(5))],
    ['Expected operations to be an object such as { job: queue.got }: got 5', () => select(any(5))],
  ])('%s', (message, call) =>
    virtual(async () => {
      const error = await failure(call);

      expect(error.message).toBe(message);
      expect(saidTwice(message)).toEqual([]);
    }),
  );

  it.each<readonly [string, (body: () => Promise<void>) => Promise<unknown>]>([
    ['Cancelled timeout: its limit was 50 ms', (body) => timeout(50, body)],
    ['Cancelled main: its limit was 50 ms', (body) => scope({ name: 'main', timeout: 50 }, body)],
    ['Cancelled moveOnAfter: its limit was 50 ms', (body) => moveOnAfter(50, body)],
    ['Cancelled map(fn)[0]: its limit was 50 ms', (body) => map([1], body, { timeout: 50 })],
    ['Cancelled race: it has its result', (body) => race([body, () => sleep(1)])],
    ['Cancelled gather: no such page', (body) => gather([body, () => sleep(1).then(fail)])],
    [
      'Cancelled main: it was left without join',
      async (body) => {
        const s = openScope({ name: 'main' });
        s.spawn(body);
        await sleep(1);
        await s[Symbol.asyncDispose]();
      },
    ],
    [
      'Cancelled beat: main has ended',
      (body) =>
        scope({ name: 'main' }, async (s) => {
          s.spawn(body, { name: 'beat', daemon: true });
          await sleep(1);
        }),
    ],
    [
      'Cancelled main by load: no such page',
      (body) =>
        scope({ name: 'main' }, async (s) => {
          s.spawn(() => sleep(1).then(fail), 'load');
          await body();
        }),
    ],
    [
      'Cancelled mapStream(body): the consumer left',
      async (body) => {
        const results = mapStream([0, 1], async (n) => (n === 0 ? undefined : body()), {
          name: 'mapStream(body)',
        });
        for await (const _ of results) break;
      },
    ],
  ])('%s', (message, limited) =>
    virtual(async () => {
      const told = await toldInside(limited);

      expect(told.message).toBe(message);
      expect(saidTwice(message)).toEqual([]);
    }),
  );

  it('of a line that was cleared, and of a scope that somebody else cancels', () =>
    virtual(async () => {
      const limit = limiter({ concurrency: 1, name: 'api' });
      const first = limit(() => sleep(1));
      const second = failure(() => limit(() => 1));
      limit.clear();
      const third = await failure(() =>
        scope({ name: 'outer' }, async () => {
          currentScope().cancel();
          await sleep(1);
        }),
      );

      expect((await second).message).toBe('Cancelled limiter api by main: the line was cleared');
      expect((third as Cancelled).message).toBe('Cancelled outer by main: no reason given');
      await first;
    }));

  it('of a TimedOut that users make', () => {
    expect(new TimedOut(5).message).toBe('Timed out after 5 ms');
    expect(new TimedOut(0.25, 'the upload').message).toBe(
      'Could not finish the upload within 0.25 ms',
    );
  });
});
