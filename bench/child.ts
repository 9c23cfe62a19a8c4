/**
 * The process that measures one contender once, and prints one JSON line:
 * `node bench/child.ts <area> <case> <contender> <smoke|full>`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { accuracyOf } from './accuracy.ts';
import { areas, isArea } from './areas.ts';
import type { Case, Contender, Delay, Loaded, Sample } from './case.ts';

/** A multiple of the limit of the bounded maps: some wait until so many are at work. */
const SMOKE_ITEMS = 200;
const MEGABYTE = 2 ** 20;
/** Lets the compiler and the collector finish what the imports gave them to do in other threads. */
const SETTLE_MS = 30;
const KEEP_ALIVE_MS = 60_000;

const NOTHING: Sample = {
  cpuNs: 0,
  wallNs: 0,
  wallSeconds: 0,
  peakMb: 0,
  idleMb: 0,
  keptBytes: 0,
};

/** How often, and how many items each time. */
interface Load {
  readonly items: number;
  readonly repeat: number;
}

async function main([area = '', position, name, mode]: readonly string[]): Promise<void> {
  if (!isArea(area)) throw new Error(`No area ${area}`);
  const asked = (await areas[area]())[Number(position)];
  const contender = asked?.contenders.find((candidate) => candidate.name === name);
  if (asked === undefined || contender === undefined) throw new Error(`No contender ${name}`);
  const smoke = mode === 'smoke';
  setInterval(() => {}, KEEP_ALIVE_MS); // Some pools do not hold the process while they work.
  const { repeat = asked.repeat, items = asked.items } = contender;
  const measured = reduced({ items, repeat }, smoke);
  const warmUp = asked.warmUp && reduced(asked.warmUp, smoke);
  const measure = { time, retention, accuracy, delay: delays }[asked.measure];
  const sample = await measure(asked, contender, measured, warmUp);
  process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit());
}

function reduced(load: Load, smoke: boolean): Load {
  return smoke ? { items: Math.min(load.items, SMOKE_ITEMS), repeat: 1 } : load;
}

async function time(
  asked: Case,
  contender: Contender,
  measured: Load,
  warmUp: Load | undefined,
): Promise<Sample> {
  const work = await contender.load();
  if ('wallNs' in work) return { ...NOTHING, wallNs: await work.wallNs(measured.items) };
  if (warmUp !== undefined) await perform(asked, work, warmUp);
  const runs = await prepare(asked, work, measured);
  if (asked.collect === true) await heapAfterCollection(2);
  await delay(SETTLE_MS);
  const idleMb = process.memoryUsage.rss() / MEGABYTE;
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  await performAll(runs, measured);
  const wall = Number(process.hrtime.bigint() - start);
  const used = process.cpuUsage(cpu);
  const total = measured.items * measured.repeat;
  await tearDown(work);
  return {
    cpuNs: ((used.user + used.system) * 1000) / total,
    wallNs: wall / total,
    wallSeconds: wall / 1e9,
    peakMb: peakMegabytes(),
    idleMb,
    keptBytes: 0,
  };
}

async function retention(
  asked: Case,
  contender: Contender,
  measured: Load,
  warmUp: Load | undefined,
): Promise<Sample> {
  const work = await contender.load();
  const idleMb = process.memoryUsage.rss() / MEGABYTE;
  if (warmUp !== undefined) await perform(asked, work, warmUp);
  const before = await heapAfterCollection();
  const start = process.hrtime.bigint();
  await perform(asked, work, measured);
  const wall = Number(process.hrtime.bigint() - start);
  const after = await heapAfterCollection();
  await perform(asked, work, { items: 1, repeat: 1 }); // The long-lived thing was alive until now.
  const keptBytes = (after - before) / (measured.items * measured.repeat);
  return {
    cpuNs: 0,
    wallNs: 0,
    wallSeconds: wall / 1e9,
    peakMb: peakMegabytes(),
    idleMb,
    keptBytes,
  };
}

async function accuracy(asked: Case, contender: Contender, measured: Load): Promise<Sample> {
  const paced = await contender.load();
  if (!('fresh' in paced) || asked.rate === undefined) {
    throw new Error(`Accuracy needs a rate and fresh limits: ${contender.name}`);
  }
  const start = process.hrtime.bigint();
  const seen = await accuracyOf(paced, asked.rate, measured);
  return {
    cpuNs: 0,
    wallNs: 0,
    wallSeconds: Number(process.hrtime.bigint() - start) / 1e9,
    peakMb: peakMegabytes(),
    idleMb: 0,
    keptBytes: 0,
    accuracy: seen,
  };
}

async function delays(_: Case, contender: Contender, { repeat }: Load): Promise<Sample> {
  const work = await contender.load();
  if (!('delay' in work)) throw new Error(`Nothing waits: ${contender.name}`);
  const seen: Delay[] = [];
  for (let run = 0; run < repeat; run++) seen.push(await work.delay());
  await tearDown(work);
  const sorted = seen.toSorted((a, b) => a.ms - b.ms);
  const [middle, worst] = [sorted[sorted.length >> 1], sorted.at(-1)];
  if (middle === undefined || worst === undefined) throw new Error('No runs');
  return { ...NOTHING, peakMb: peakMegabytes(), delay: { ...middle, worstMs: worst.ms } };
}

async function tearDown(work: Loaded): Promise<void> {
  if ('tearDown' in work) await work.tearDown?.();
}

/** All repetitions, ready to be measured. */
async function prepare(
  asked: Case,
  work: Loaded,
  { items, repeat }: Load,
): Promise<(() => Promise<number>)[]> {
  const runs: (() => Promise<number>)[] = [];
  for (let repetition = 0; repetition < repeat; repetition++) {
    if (typeof work === 'function') {
      const input = asked.input(items);
      runs.push(() => work(input, items));
    } else if ('setUp' in work) {
      runs.push(await work.setUp(items));
    } else {
      throw new Error('Only its accuracy can be measured');
    }
  }
  return runs;
}

async function perform(asked: Case, work: Loaded, load: Load): Promise<void> {
  await performAll(await prepare(asked, work, load), load);
}

async function performAll(runs: (() => Promise<number>)[], { items }: Load): Promise<void> {
  for (const run of runs) {
    const finished = await run();
    if (finished !== items) throw new Error(`Finished ${finished} of ${items} items`);
  }
}

async function heapAfterCollection(collections = 6): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('To collect needs --expose-gc');
  for (let turns = 0; turns < collections; turns++) {
    await nextTurn();
    gc();
  }
  return process.memoryUsage().heapUsed;
}

/** On Linux `maxRSS` includes what the parent had before `exec`; the kernel's mark does not. */
function peakMegabytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

await main(process.argv.slice(2));
