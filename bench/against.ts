/**
 * Compares two commits: `HEAD` and another. Both are checked out into folders of their own, so that both run in the same way and nobody's work in the
 * meantime is measured. Each row of ours is measured in pairs, one commit right after the other, in fresh processes; what the machine does beside it
 * strikes both. Each commit runs its own bench, because what they call may have another name; rows belong together by question and name.
 *
 * @module
 */
import type { Area } from './areas.ts';
import type { Case, Contender, Sample } from './case.ts';
import {
  type Checkout,
  checkOut,
  commitOf,
  differingBenches,
  requireCommitted,
} from './checkout.ts';
import { CONFIDENCE, ratioOf, TOLERANCE, verdictOf } from './ratio.ts';
import { cost, number, table } from './report.ts';
import { sampleOf } from './sample.ts';

/** The fewest pairs of a row. */
export const LEAST_PAIRS = 10;

/** What is compared. */
export interface Comparison {
  readonly against: string;
  readonly pairs: number;
  readonly areas: readonly Area[];
  /** Whether they need the built package. */
  readonly built: boolean;
  /** Ends it; the folders are taken away. */
  readonly signal: AbortSignal;
}

/** Where a row is in the bench of one commit. */
interface Place {
  readonly bench: URL;
  readonly area: Area;
  readonly position: number;
  readonly asked: Case;
  readonly contender: Contender;
}

/** The same row of both commits. */
interface Twin {
  readonly before: Place;
  readonly after: Place;
  readonly costs: (readonly [before: number, after: number])[];
}

/** Prints what the rows of ours cost now, against then; true if none of them has become worse. */
export async function compare(comparison: Comparison): Promise<boolean> {
  const { against, areas, built, pairs, signal } = comparison;
  const hash = await commitOf(against);
  await requireCommitted();
  const checkouts: Checkout[] = [];
  try {
    for (const each of [hash, await commitOf('HEAD')]) {
      signal.throwIfAborted();
      checkouts.push(await checkOut(each));
    }
    const [before, after] = checkouts as [Checkout, Checkout];
    await describe(before, after, pairs);
    if (built) for (const each of checkouts) await buildOf(each, signal);
    const worse: string[] = [];
    for (const area of areas) {
      const [old, now] = [await placesOf(before, area), await placesOf(after, area)];
      for (const rows of Map.groupBy(now, ({ position }) => position).values()) {
        worse.push(...(await compareCase(rows, old, comparison)));
      }
      for (const { asked, contender } of old.filter((row) => !now.some(isTwinOf(row))))
        print(`Not compared, as HEAD does not have it: ${contender.name}. ${asked.name}`);
    }
    for (const row of worse) print(`Worse by more than 5 %: ${row}`);
    return worse.length === 0;
  } finally {
    for (const { remove } of checkouts) await remove();
  }
}

async function describe(before: Checkout, after: Checkout, pairs: number): Promise<void> {
  print(`before: ${before.title}`);
  print(`after:  ${after.title}`);
  print(
    `${pairs} pairs a row. new/old is the estimate of Hodges and Lehmann, with its interval of at least ${CONFIDENCE * 100} % by Wilcoxon's signed ranks.`,
  );
  print(`A row is worse if the whole interval is above ${TOLERANCE}, unclear if a part of it is.`);
  const differing = await differingBenches(before.hash, after.hash);
  if (differing.length > 0)
    print(
      `The benches differ too, and with them perhaps what is measured: ${differing.join(', ')}`,
    );
  print('');
}

/** Builds the package of a commit as its own bench does. */
async function buildOf({ bench, title }: Checkout, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await (await importOf(bench, 'built.ts')).buildPackage();
  } catch (error) {
    throw new Error(`Cannot build ${title}: ${String(error)}`, { cause: error });
  }
}

async function importOf<Name extends keyof Modules>(
  bench: URL,
  name: Name,
): Promise<Modules[Name]> {
  return import(new URL(name, bench).href);
}

interface Modules {
  readonly 'built.ts': typeof import('./built.ts');
  readonly 'areas.ts': typeof import('./areas.ts');
}

/** The rows of ours that tell of speed. */
async function placesOf({ bench, title }: Checkout, area: Area): Promise<Place[]> {
  const { areas } = await importOf(bench, 'areas.ts').catch((error: unknown) => {
    throw new Error(`Cannot load the bench of ${title}: ${String(error)}`, { cause: error });
  });
  const cases = Object.hasOwn(areas, area) ? await areas[area]() : [];
  return cases.flatMap((asked, position) => {
    if (asked.measure !== 'time' && asked.measure !== 'delay') return [];
    const ours = asked.contenders.filter(isOurs);
    return ours.map((contender) => ({ bench, area, position, asked, contender }));
  });
}

/** What is promised, and what is shown beside it. */
function isOurs({ role, name }: Contender): boolean {
  return role === 'ours' || (role === 'context' && name.startsWith('skein '));
}

function isTwinOf({ asked, contender }: Place): (other: Place) => boolean {
  return (other) => other.asked.name === asked.name && other.contender.name === contender.name;
}

/** Measures the rows of one case and prints its table; gives those that have become worse. */
async function compareCase(
  rows: readonly Place[],
  old: readonly Place[],
  { pairs, signal }: Comparison,
): Promise<string[]> {
  const twins: Twin[] = rows.flatMap((after) => {
    const before = old.find(isTwinOf(after));
    return before === undefined ? [] : [{ before, after, costs: [] }];
  });
  const question = rows[0]?.asked.name ?? '';
  for (const { contender } of rows.filter((row) => !old.some(isTwinOf(row))))
    print(`Not compared, as it is new: ${contender.name}. ${question}`);
  for (let pair = 0; pair < pairs; pair++) {
    for (let turn = 0; turn < twins.length; turn++) {
      const twin = twins[(turn + pair) % twins.length];
      if (twin !== undefined) await measurePair(twin, pair % 2 === 1, signal);
    }
  }
  return twins.length === 0 ? [] : printed(question, twins);
}

/** One commit right after the other; which is first changes from pair to pair. */
async function measurePair(
  { before, after, costs }: Twin,
  swap: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (swap) {
    const late = await costOf(after, signal);
    costs.push([await costOf(before, signal), late]);
  } else {
    costs.push([await costOf(before, signal), await costOf(after, signal)]);
  }
}

async function costOf(place: Place, signal: AbortSignal): Promise<number> {
  // With the role of ours it has one try: a row of ours that fails now and then must be seen.
  const contender: Contender = { ...place.contender, role: 'ours' };
  const { sample } = await sampleOf({ ...place, contender, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const row = `${contender.name} in ${place.bench.pathname}`;
    throw new Error(`Cannot measure ${row}: ${String(error)}`, { cause: error });
  });
  return sample === undefined ? Number.NaN : figureOf(place.asked, sample);
}

/** Nanoseconds, or milliseconds of a delay. */
function figureOf({ measure, byWall }: Case, { cpuNs, wallNs, delay }: Sample): number {
  if (measure === 'delay') return delay?.ms ?? Number.NaN;
  return byWall === true ? wallNs : cpuNs;
}

function printed(question: string, twins: readonly Twin[]): string[] {
  const worse: string[] = [];
  const rows = twins.map(({ after: { asked, contender }, costs }) => {
    const ratio = ratioOf(costs);
    const verdict = verdictOf(ratio);
    const middles = [0, 1].map((side) => {
      const sorted = costs.map((pair) => pair[side] ?? Number.NaN).toSorted((a, b) => a - b);
      const middle = sorted[sorted.length >> 1] ?? Number.NaN;
      return asked.measure === 'delay' ? number(middle, 1) : cost(asked, middle);
    });
    if (verdict === 'worse')
      worse.push(`${contender.name}, ${number(ratio.estimate, 3)}. ${question}`);
    const interval = `${number(ratio.low, 3)} to ${number(ratio.high, 3)}`;
    return [contender.name, ...middles, number(ratio.estimate, 3), interval, verdict];
  });
  const asked = twins[0]?.after.asked;
  const unit = asked?.measure === 'delay' ? 'ms' : asked?.per === 'task' ? 'us/task' : 'ns/item';
  const head = ['row', `old ${unit}`, `new ${unit}`, 'new/old', 'interval', 'verdict'];
  print([`### ${question}`, '', ...table(head, rows), ''].join('\n'));
  return worse;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
