/**
 * The one command: `node bench/run.ts [area...] [--rounds 5] [--smoke] [--against commit [--pairs 10]]`.
 *
 * Each contender runs in a fresh process, once a round; the order is rotated from round to round. A
 * run that has all areas of a block rewrites its results in `bench/README.md`; `--smoke` runs
 * everything with few items, once, and writes nothing. `--against` compares `HEAD` with another commit, and writes nothing either.
 *
 * @module
 */
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, LEAST_PAIRS } from './against.ts';
import { type Area, areas, blocks, isArea } from './areas.ts';
import { buildPackage } from './built.ts';
import type { Case, Sample } from './case.ts';
import { caseTable, document, judge, type Result, rowsOf, writeResults } from './report.ts';
import { sampleOf } from './sample.ts';

const HERE = new URL('./', import.meta.url);
const README = fileURLToPath(new URL('./README.md', import.meta.url));
/** Of a peer that never ended. */
const NONE: Sample = {
  cpuNs: Number.NaN,
  wallNs: Number.NaN,
  wallSeconds: Number.NaN,
  peakMb: Number.NaN,
  idleMb: Number.NaN,
  keptBytes: Number.NaN,
};

interface Plan {
  readonly asked: readonly Area[];
  readonly rounds: number;
  readonly smoke: boolean;
  /** The commit to compare with, and how often. */
  readonly against?: { readonly commit: string; readonly pairs: number };
}

function readPlan(): Plan {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      against: { type: 'string' },
      pairs: { type: 'string' },
    },
  });
  const known = Object.keys(areas).filter(isArea);
  for (const name of positionals)
    if (!isArea(name)) throw new RangeError(`Expected an area, ${known.join(', ')}: got ${name}`);
  const asked = known.filter((area) => positionals.length === 0 || positionals.includes(area));
  const { smoke, against: commit } = values;
  const rounds = countOf('--rounds', values.rounds ?? '5', 1);
  const pairs = countOf('--pairs', values.pairs ?? String(LEAST_PAIRS), LEAST_PAIRS);
  if (commit === undefined) {
    if (values.pairs !== undefined) throw new TypeError('Expected --pairs only with --against');
    return { asked, rounds: smoke ? 1 : rounds, smoke };
  }
  if (smoke || values.rounds !== undefined)
    throw new TypeError('Expected --against without --smoke and --rounds: it has --pairs');
  return { asked, rounds, smoke, against: { commit, pairs } };
}

function countOf(option: string, text: string, least: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < least)
    throw new RangeError(`Expected ${option} to be an integer from ${least}: got ${text}`);
  return count;
}

async function measureCase(area: Area, position: number, asked: Case, plan: Plan): Promise<Result> {
  const [before = 0] = loadavg();
  const samples: Sample[][] = asked.contenders.map(() => []);
  const failed = asked.contenders.map(() => 0);
  const rounds = Math.min(plan.rounds, asked.rounds ?? plan.rounds);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < samples.length; turn++) {
      const contender = (turn + round) % samples.length;
      const row = asked.contenders[contender];
      if (row === undefined) continue;
      const place = { bench: HERE, area, position, asked, contender: row };
      const { sample, failures } = await sampleOf({ ...place, smoke: plan.smoke });
      samples[contender]?.push(sample ?? NONE);
      failed[contender] = (failed[contender] ?? 0) + failures;
    }
  }
  const [after = 0] = loadavg();
  return { asked, rows: rowsOf(asked, samples, failed), load: [before, after] };
}

function header(rounds: number, loadBefore: number, seconds: number): string[] {
  const [load = 0] = loadavg();
  const cpu = cpus();
  return [
    `- date: ${new Date().toISOString().slice(0, 10)}`,
    `- Node ${process.version}, ${process.platform} ${process.arch}`,
    `- CPU: ${cpu.length} x ${cpu[0]?.model.trim() || 'unknown'}`,
    `- load (1 minute): ${loadBefore.toFixed(2)} before, ${load.toFixed(2)} after`,
    `- command: \`node bench/run.ts --rounds ${rounds}\`, ${Math.round(seconds / 60)} minutes`,
  ];
}

function needBuilt(asked: readonly Area[]): boolean {
  return asked.some((area) => blocks['workers']?.includes(area));
}

async function main(): Promise<void> {
  let plan: Plan;
  try {
    plan = readPlan();
  } catch (error) {
    return refuse(error);
  }
  if (plan.against === undefined) await measureAll(plan);
  else await compareAll(plan.asked, plan.against);
}

/** Says why nothing was measured. */
function refuse(error: unknown): void {
  process.exitCode = 2;
  process.stderr.write(`${String(error)}\n`);
}

/** The exit code is 1 if a row has become worse, 2 if they could not be compared. */
async function compareAll(
  asked: readonly Area[],
  { commit, pairs }: NonNullable<Plan['against']>,
): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  const { signal } = interrupted;
  const comparison = { against: commit, pairs, areas: asked, built: needBuilt(asked), signal };
  try {
    process.exitCode = (await compare(comparison)) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) return refuse(error);
    process.exitCode = 130;
  }
}

async function measureAll(plan: Plan): Promise<void> {
  if (needBuilt(plan.asked)) await buildPackage();
  const [load = 0] = loadavg();
  const start = performance.now();
  const results = new Map<Area, Result[]>();
  for (const area of plan.asked) {
    for (const [position, asked] of (await areas[area]()).entries()) {
      const result = await measureCase(area, position, asked, plan);
      results.set(area, [...(results.get(area) ?? []), result]);
      const ran = `ran: ${asked.contenders.length} contenders of ${JSON.stringify(asked.name)}\n`;
      process.stdout.write(plan.smoke ? ran : `${caseTable(result)}\n\n`);
    }
  }
  if (plan.smoke) return;
  const broken = judge([...results.values()].flat()).filter(({ kept }) => !kept);
  for (const { question, text, figure } of broken)
    process.stdout.write(`Not kept: ${text} (${figure}). ${question}\n`);
  const seconds = (performance.now() - start) / 1000;
  for (const [block, asked] of Object.entries(blocks)) {
    if (!asked.every((area) => results.has(area))) continue;
    const rows = asked.flatMap((area) => results.get(area) ?? []);
    writeResults(README, block, document(header(plan.rounds, load, seconds), rows));
  }
}

await main();
