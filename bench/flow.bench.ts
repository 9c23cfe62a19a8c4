/**
 * Flows: what an item costs, what a stream and a list hold in memory, and whether the cost grows.
 *
 * @module
 */
import { arrayOf, type Case, type Contender, numbersTo, type Work } from './case.ts';
import { lanes, serialStream, unlimited } from './floors.ts';
import { boundedMaps, LIMIT, noop } from './peers.ts';
import { aheadOfPeers, atMostFloorTimes, below, flatWithin, rowOf } from './pledges.ts';

const MILLION = 1_000_000;
const echo = async (value: number): Promise<number> => value;

async function count(stream: AsyncIterable<unknown>): Promise<number> {
  let items = 0;
  for await (const _ of stream) items++;
  return items;
}

async function boundedMap(): Promise<Work> {
  const { map } = await import('../src/index.ts');
  return async (input) => (await map(input, noop, { concurrency: LIMIT })).length;
}

async function handWrittenLanes(): Promise<Work> {
  return async (input) => (await lanes(input, noop, LIMIT)).length;
}

const bounded: Omit<Case, 'name' | 'input'> = {
  measure: 'time',
  per: 'item',
  items: MILLION,
  repeat: 1,
  warmUp: { items: 100_000, repeat: 8 },
  contenders: [
    { name: 'skein map', role: 'ours', load: boundedMap },
    { name: 'floor: lanes of then', role: 'floor', load: handWrittenLanes },
    ...boundedMaps,
  ],
  promises: [atMostFloorTimes(1.5), aheadOfPeers()],
};

async function idle(): Promise<Work> {
  await import('../src/index.ts');
  return async (_, items) => items;
}

async function stream(): Promise<Work> {
  const { mapStream } = await import('../src/index.ts');
  return (input) => count(mapStream(input, echo, { concurrency: LIMIT }));
}

async function pMapIterable(): Promise<Work> {
  const peer = await import('p-map');
  return (input) => count(peer.pMapIterable(input, echo, { concurrency: LIMIT }));
}

async function collectThunks(): Promise<Work> {
  const { collect } = await import('../src/index.ts');
  return async (input) => (await collect(thunks(input), { workers: 1024 })).length;
}

function* thunks(input: Iterable<number>): Generator<() => Promise<void>> {
  for (const _ of input) yield noop;
}

async function reversedMap(): Promise<Work> {
  const { map } = await import('../src/index.ts');
  return async (input, items) =>
    (await map(input, lastFirst(items), { concurrency: Number.POSITIVE_INFINITY })).length;
}

async function reversedStream(): Promise<Work> {
  const { mapStream } = await import('../src/index.ts');
  return (input, items) =>
    count(mapStream(input, lastFirst(items), { concurrency: Number.POSITIVE_INFINITY }));
}

async function promiseAll(): Promise<Work> {
  return async (input, items) => (await unlimited(input, lastFirst(items))).length;
}

async function boundedReversed(): Promise<Work> {
  const { map } = await import('../src/index.ts');
  return async (input) => (await map(input, lastFirst(LIMIT), { concurrency: LIMIT })).length;
}

async function lanesReversed(): Promise<Work> {
  return async (input) => (await lanes(input, lastFirst(LIMIT), LIMIT)).length;
}

/** A function whose results come when the last item has started, the last item's first. */
function lastFirst(items: number): (item: number) => Promise<number> {
  const settle: (() => void)[] = [];
  const settleAll = (): void => {
    for (const call of settle.splice(0).reverse()) call();
  };
  return (item) =>
    new Promise((resolve) => {
      settle.push(() => resolve(item));
      if (settle.length === items) setImmediate(settleAll);
    });
}

function atAllSizes(name: string, role: Contender['role'], load: Contender['load']): Contender[] {
  return [10_000, 100_000, MILLION].map((items) => ({
    name: `${name}, ${items.toLocaleString('en')} items`,
    role,
    load,
    items,
    repeat: MILLION / items,
  }));
}

const growth: Omit<Case, 'name' | 'contenders'> = {
  measure: 'time',
  per: 'item',
  items: MILLION,
  repeat: 1,
  warmUp: { items: 10_000, repeat: 100 },
  input: numbersTo,
  promises: [flatWithin(1.2)],
};
/** What flows promise. */
export const cases: readonly Case[] = [
  { ...bounded, name: 'What does an item of a bounded map cost, from an array?', input: arrayOf },
  {
    ...bounded,
    name: 'What does an item of a bounded map cost, from a generator?',
    input: numbersTo,
  },
  {
    name: 'How much memory does an unbuffered stream of 10,000,000 items need?',
    measure: 'time',
    per: 'item',
    items: 10 * MILLION,
    repeat: 1,
    input: numbersTo,
    contenders: [
      { name: 'skein mapStream', role: 'ours', load: stream },
      { name: 'idle: imports skein only', role: 'idle', load: idle },
      {
        name: 'floor: async generator, serial',
        role: 'floor',
        load: async () => (input) => count(serialStream(input, echo)),
      },
      { name: 'p-map pMapIterable', role: 'peer', load: pMapIterable, items: MILLION },
    ],
    promises: [below(40, 'MB above idle', (own, rows) => own.peakMb - rowOf(rows, 'idle').idleMb)],
  },
  {
    name: 'What does `collect` of 1,000,000 functions with 1,024 workers need?',
    measure: 'time',
    per: 'item',
    items: MILLION,
    repeat: 1,
    input: numbersTo,
    contenders: [
      { name: 'skein collect', role: 'ours', load: collectThunks },
      {
        name: 'floor: lanes of then',
        role: 'floor',
        load: async () => async (input) =>
          (await lanes(thunks(input), (thunk) => thunk(), 1024)).length,
      },
    ],
    recorded: [{ name: 'aioextensions collect, Python (recorded)', cpuNs: 36_000, peakMb: 160 }],
    promises: [below(3, 's', (own) => own.wallSeconds), below(200, 'MB', (own) => own.peakMb)],
  },
  {
    ...growth,
    name: 'Does the cost of a bounded map grow with the number of items?',
    input: arrayOf,
    contenders: [
      ...atAllSizes('skein map', 'ours', boundedMap),
      ...atAllSizes('lanes of then', 'context', handWrittenLanes),
    ],
  },
  {
    ...growth,
    name: 'Does the cost of a bounded map grow when, of those at work, the last ends first?',
    input: arrayOf,
    contenders: [
      ...atAllSizes('skein map', 'ours', boundedReversed),
      ...atAllSizes('lanes of then', 'context', lanesReversed),
    ],
  },
  {
    ...growth,
    name: 'Does the cost of an unlimited map grow when the last item ends first?',
    contenders: [
      ...atAllSizes('skein map', 'ours', reversedMap),
      ...atAllSizes('Promise.all', 'context', promiseAll),
    ],
  },
  {
    ...growth,
    name: 'Does the cost of an unlimited stream grow when the last item ends first?',
    contenders: [
      ...atAllSizes('skein mapStream', 'ours', reversedStream),
      ...atAllSizes('Promise.all', 'context', promiseAll),
    ],
  },
];
