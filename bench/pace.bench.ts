/**
 * Rate limits: whether they keep what they promise, what a free slot costs, and what a call that waits takes.
 *
 * @module
 */
import { type Case, type Contender, numbersTo, type Paced, type Work } from './case.ts';
import {
  asyncSema,
  bottleneck,
  byHand,
  limiter,
  type MakeThrottle,
  pQueue,
  pQueueStrict,
  pThrottle,
  pThrottleStrict,
  skein,
  skeinBucket,
  skeinKeyed,
} from './paces.ts';
import { noop } from './peers.ts';
import { aheadOfPeers, atMostFloorTimes, below, exact, onTime } from './pledges.ts';

type Make = () => Promise<MakeThrottle>;

const RATE = { maxCalls: 100, period: 500 };

function accurately(make: Make): () => Promise<Paced> {
  return async () => {
    const throttle = await make();
    return { fresh: () => throttle(RATE.maxCalls, RATE.period) };
  };
}

/** More than can be started: nobody ever waits. */
function freely(make: Make): () => Promise<Work> {
  return async () => {
    const throttle = (await make())(1_000_000, 250);
    return async (_, items) => {
      for (let item = 0; item < items; item++) await throttle(noop);
      return items;
    };
  };
}

/** All but the first wait; none is served before the process ends. */
function inLine(make: Make): () => Promise<Work> {
  return async () => {
    const throttle = (await make())(1, 3_600_000);
    return async (_, items) => {
      for (let item = 0; item < items; item++) Promise.resolve(throttle(noop)).catch(() => {});
      return items;
    };
  };
}

const others: readonly (readonly [string, Make])[] = [
  ['p-throttle', pThrottle],
  ['p-throttle strict', pThrottleStrict],
  ['p-queue', pQueue],
  ['p-queue strict', pQueueStrict],
  ['bottleneck reservoir', bottleneck],
  ['limiter RateLimiter', limiter],
  ['async-sema RateLimit', asyncSema],
];

function peers(arrange: (make: Make) => Contender['load']): Contender[] {
  return others.map(([name, make]) => ({ name, role: 'peer', load: arrange(make) }));
}

/** The slow ones with fewer items. */
const SLOW: Readonly<Record<string, number>> = { 'bottleneck reservoir': 1000 };

function reduced(contenders: readonly Contender[]): Contender[] {
  return contenders.map((each) => {
    const items = SLOW[each.name];
    return items === undefined ? each : { ...each, items, repeat: 1 };
  });
}

const accuracy = (busy: boolean): Case => ({
  name: `Does 100 per 500 ms hold for 200 calls at once, ${busy ? 'in a process that is blocked now and then' : 'in a calm process'}?`,
  measure: 'accuracy',
  per: 'item',
  items: 200,
  repeat: 20,
  rounds: 1,
  rate: { ...RATE, busy },
  input: numbersTo,
  contenders: [
    { name: 'skein RateLimiter', role: 'ours', load: accurately(skein) },
    ...peers(accurately),
  ],
  recorded: [
    {
      name: 'aioextensions rate_limited, Python (recorded)',
      seen: 'after a cancelled call, the next at 0.11 s of a window of 1 s',
    },
  ],
  promises: [exact(), onTime(1.01)],
});

/** What rate limits promise. */
export const cases: readonly Case[] = [
  accuracy(false),
  accuracy(true),
  {
    name: 'What does a rate limit cost while it has free slots?',
    measure: 'time',
    per: 'item',
    items: 100_000,
    repeat: 5,
    rounds: 3,
    warmUp: { items: 1_000, repeat: 2 },
    input: numbersTo,
    contenders: [
      { name: 'skein RateLimiter', role: 'ours', load: freely(skein) },
      { name: 'skein RateLimiter, with a key', role: 'context', load: freely(skeinKeyed) },
      { name: 'skein TokenBucket', role: 'context', load: freely(skeinBucket) },
      { name: 'floor: a sliding log', role: 'floor', load: freely(byHand) },
      ...reduced(peers(freely)),
    ],
    promises: [atMostFloorTimes(1.3), aheadOfPeers()],
  },
  {
    name: 'What do 1,000,000 calls take that wait for their turn?',
    measure: 'time',
    per: 'item',
    items: 1_000_000,
    repeat: 1,
    rounds: 3,
    input: numbersTo,
    contenders: [
      { name: 'skein RateLimiter', role: 'ours', load: inLine(skein) },
      { name: 'skein RateLimiter, 10,000', role: 'context', load: inLine(skein), items: 10_000 },
      { name: 'floor: a sliding log', role: 'floor', load: inLine(byHand) },
      ...reduced(peers(inLine)),
    ],
    promises: [
      below(500, 'MB above idle', ({ peakMb, idleMb }) => peakMb - idleMb),
      aheadOfPeers(),
    ],
  },
];
