/**
 * The everyday limiter: calls that wait by the million, and a server whose callers come and go.
 *
 * @module
 */
import { type Case, type Contender, numbersTo, type Work } from './case.ts';
import { noop } from './peers.ts';
import { aheadOfPeers, below } from './pledges.ts';

const LIMIT = 100;

/** Runs one function through a limiter. */
type Submit = (fn: () => Promise<void>) => Promise<unknown>;

async function skein(): Promise<Submit> {
  const { limiter } = await import('../src/index.ts');
  return limiter(LIMIT);
}

async function skeinRun(): Promise<Submit> {
  const { limiter } = await import('../src/index.ts');
  const limit = limiter(LIMIT);
  return (fn) => limit.run(fn, { priority: 1 });
}

async function direct(): Promise<Submit> {
  return (fn) => fn();
}

async function pLimit(): Promise<Submit> {
  const { default: limit } = await import('p-limit');
  return limit(LIMIT);
}

async function pQueue(): Promise<Submit> {
  const { default: Queue } = await import('p-queue');
  const queue = new Queue({ concurrency: LIMIT });
  return (fn) => queue.add(fn);
}

async function asyncQueue(): Promise<Submit> {
  const { queue } = await import('async');
  const line = queue(async (fn: () => Promise<void>) => fn(), LIMIT);
  return (fn) => line.pushAsync(fn);
}

async function fastq(): Promise<Submit> {
  const { default: make } = await import('fastq');
  const line = make.promise((fn: () => Promise<void>) => fn(), LIMIT);
  return (fn) => line.push(fn);
}

async function asyncSema(): Promise<Submit> {
  const { Sema } = await import('async-sema');
  const sema = new Sema(LIMIT);
  return async (fn) => {
    await sema.acquire();
    try {
      return await fn();
    } finally {
      sema.release();
    }
  };
}

async function bottleneck(): Promise<Submit> {
  const { default: Bottleneck } = await import('bottleneck');
  const line = new Bottleneck({ maxConcurrent: LIMIT });
  return (fn) => line.schedule(fn);
}

/** All calls at once: all but the first hundred wait. */
function atOnce(making: () => Promise<Submit>): () => Promise<Work> {
  return async () => {
    const submit = await making();
    return async (_, items) => {
      let open = items;
      await new Promise<void>((resolve, reject) => {
        const done = (): void => {
          if (--open === 0) resolve();
        };
        for (let i = 0; i < items; i++) submit(noop).then(done, reject);
      });
      return items;
    };
  };
}

/** So many callers, each with one call at a time. */
function callers(count: number): (making: () => Promise<Submit>) => () => Promise<Work> {
  return (making) => async () => {
    const submit = await making();
    return async (_, items) => {
      let begun = 0;
      let done = 0;
      const caller = async (): Promise<void> => {
        while (begun++ < items) {
          await submit(noop);
          done++;
        }
      };
      await Promise.all(Array.from({ length: count }, caller));
      return done;
    };
  };
}

type Arrange = (making: () => Promise<Submit>) => () => Promise<Work>;

function contenders(arrange: Arrange): Contender[] {
  return [
    { name: 'skein limiter', role: 'ours', load: arrange(skein) },
    { name: 'skein limiter.run, priority', role: 'context', load: arrange(skeinRun) },
    { name: 'floor: call fn directly', role: 'floor', load: arrange(direct) },
    { name: 'p-limit', role: 'peer', load: arrange(pLimit) },
    { name: 'p-queue', role: 'peer', load: arrange(pQueue) },
    { name: 'async.queue (loses the context)', role: 'peer', load: arrange(asyncQueue) },
    { name: 'fastq (loses the context)', role: 'peer', load: arrange(fastq) },
    { name: 'async-sema (starts at once)', role: 'peer', load: arrange(asyncSema) },
  ];
}

/** It takes more than two milliseconds a call. */
const slow: Contender = {
  name: 'bottleneck',
  role: 'peer',
  load: atOnce(bottleneck),
  items: 2000,
};

const common: Omit<Case, 'name' | 'contenders' | 'promises' | 'items' | 'repeat'> = {
  measure: 'time',
  per: 'item',
  input: numbersTo,
};

const steady = { ...common, items: 100_000, repeat: 10, warmUp: { items: 20_000, repeat: 5 } };

/** What limiters promise. */
export const cases: readonly Case[] = [
  {
    ...common,
    name: 'What do a million calls cost that all wait at a limit of 100?',
    items: 1_000_000,
    repeat: 1,
    contenders: [...contenders(atOnce), slow],
    promises: [
      below(0.5, 'x the time of p-limit', (own, rows) => own.cpuNs / peer(rows).cpuNs),
      below(
        0.6,
        'x the memory of p-limit',
        (own, rows) => (own.peakMb - own.idleMb) / (peer(rows).peakMb - peer(rows).idleMb),
      ),
      aheadOfPeers(),
    ],
  },
  {
    ...steady,
    name: 'What does a call cost when 50 callers use a limit of 100?',
    contenders: contenders(callers(50)),
    promises: [
      below(0.25, 'x the time of p-limit', (own, rows) => own.cpuNs / peer(rows).cpuNs),
      aheadOfPeers(),
    ],
  },
  {
    ...steady,
    name: 'What does a call cost when 200 callers use a limit of 100?',
    contenders: contenders(callers(200)),
    promises: [aheadOfPeers()],
  },
];

function peer<R extends { readonly name: string }>(rows: readonly R[]): R {
  const row = rows.find(({ name }) => name === 'p-limit');
  if (row === undefined) throw new Error('No row of p-limit');
  return row;
}
