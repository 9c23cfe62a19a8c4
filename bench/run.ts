/**
 * The one command: `node bench/run.ts [area...] [--rounds 5] [--smoke]`.
 *
 * Each contender runs in a fresh process, once a round; the order is rotated from round to round. A
 * run that has all areas of a block rewrites its results in `bench/README.md`; `--smoke` runs
 * everything with few items, once, and writes nothing.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Area, areas, blocks, isArea } from './areas.ts';
import { buildPackage } from './built.ts';
import type { Case, Sample } from './case.ts';
import { caseTable, document, judge, type Result, rowsOf, writeResults } from './report.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const README = fileURLToPath(new URL('./README.md', import.meta.url));
const CHILD_TIMEOUT = 120_000;
/** For pools of others, some of which lose a result now and then and would wait for ever. */
const POOL_TIMEOUT = 40_000;
const TRIES = 2;
/** Of a peer that never ended. */
const NONE: Sample = {
  cpuNs: Number.NaN,
  wallNs: Number.NaN,
  wallSeconds: Number.NaN,
  peakMb: Number.NaN,
  idleMb: Number.NaN,
  keptBytes: Number.NaN,
};
const run = promisify(execFile);

interface Plan {
  readonly asked: readonly Area[];
  readonly rounds: number;
  readonly smoke: boolean;
}

function readPlan(): Plan {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const rounds = values.smoke ? 1 : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError(`Expected --rounds to be an integer from 1: got ${values.rounds}`);
  const known = Object.keys(areas).filter(isArea);
  for (const name of positionals)
    if (!isArea(name)) throw new RangeError(`Expected an area, ${known.join(', ')}: got ${name}`);
  const asked = known.filter((area) => positionals.length === 0 || positionals.includes(area));
  return { asked, rounds, smoke: values.smoke };
}

async function measureCase(area: Area, position: number, asked: Case, plan: Plan): Promise<Result> {
  const [before = 0] = loadavg();
  const samples: Sample[][] = asked.contenders.map(() => []);
  const failed = asked.contenders.map(() => 0);
  const rounds = Math.min(plan.rounds, asked.rounds ?? plan.rounds);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < samples.length; turn++) {
      const contender = (turn + round) % samples.length;
      const { name = '', role } = asked.contenders[contender] ?? {};
      const flags = asked.measure === 'retention' || asked.collect ? ['--expose-gc'] : [];
      const mode = plan.smoke ? 'smoke' : 'full';
      const args = [...flags, CHILD, area, String(position), name, mode];
      const isPool = role !== 'ours' && (asked.byWall === true || asked.measure === 'delay');
      const { sample, failures } = isPool
        ? await sampleOf(args, TRIES, POOL_TIMEOUT)
        : await sampleOf(args, 1, CHILD_TIMEOUT);
      samples[contender]?.push(sample ?? NONE);
      failed[contender] = (failed[contender] ?? 0) + failures;
    }
  }
  const [after = 0] = loadavg();
  return { asked, rows: rowsOf(asked, samples, failed), load: [before, after] };
}

/** Some peers do not always end. That is told with their figures, and must not end the whole run; ours has one try. */
async function sampleOf(
  args: readonly string[],
  tries: number,
  timeout: number,
): Promise<{ readonly sample?: Sample; readonly failures: number }> {
  for (let failures = 0; ; failures++) {
    try {
      const { stdout } = await run(process.execPath, args, { timeout });
      return { sample: JSON.parse(stdout) as Sample, failures };
    } catch (error) {
      if (tries === 1) throw error;
      if (failures + 1 === tries) return { failures: tries };
    }
  }
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

async function main(): Promise<void> {
  const plan = readPlan();
  if (plan.asked.some((area) => blocks['workers']?.includes(area))) await buildPackage();
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
