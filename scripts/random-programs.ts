/**
 * Random programs of flows, scopes, limiters, queues and sources, in virtual time, by the hundred thousand: see test/random.
 *
 * `npm run soak:random -- [seeds] [first seed]`, `npm run soak:random -- --seed 17` for one of them, made as small as it fails
 *
 * @module
 */
import { drawProgram } from '../test/random/draw.ts';
import { type Finding, find, kindOf, tell } from '../test/random/find.ts';
import { print } from '../test/random/print.ts';
import { runProgram } from '../test/random/run-program.ts';
import { Watchdog } from '../test/random/watchdog.ts';

/** So many kinds of faults are told of in full. */
const MOST_TOLD = 20;

async function one(seed: number): Promise<boolean> {
  const program = drawProgram(seed);
  console.log(print(program));
  const violations = await runProgram(program);
  for (const { rule, where, what } of violations) console.log(`  ${rule}: ${where}\n    ${what}`);
  if (violations.length > 0) console.log(`\nmade small:\n${await tell({ seed, violations })}`);
  return violations.length === 0;
}

async function many(seeds: number, first: number): Promise<boolean> {
  const kinds = new Map<string, Finding[]>();
  const since = performance.now();
  let wrong = 0;
  for await (const finding of find(first, seeds, new Watchdog())) {
    wrong++;
    for (const kind of new Set(finding.violations.map(kindOf))) {
      kinds.set(kind, [...(kinds.get(kind) ?? []), finding]);
    }
  }
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(
    `${seeds} programs from seed ${first} on in ${seconds} s: ${wrong} end as they should not`,
  );
  const sorted = [...kinds].sort(([, a], [, b]) => b.length - a.length);
  for (const [kind, findings] of sorted) {
    console.log(`${findings.length} x ${kind}: ${findings.slice(0, 5).map(({ seed }) => seed)}`);
  }
  const told = new Set<number>();
  for (const [, findings] of sorted.slice(0, MOST_TOLD)) {
    const finding = findings.find(({ seed }) => !told.has(seed));
    if (finding === undefined) continue;
    told.add(finding.seed);
    console.log(`\n${await tell(finding)}`);
  }
  return wrong === 0;
}

const [, , first = '200000', second = '2000'] = process.argv;
const fine =
  first === '--seed' ? await one(Number(second)) : await many(Number(first), Number(second));
process.exitCode = fine ? 0 : 1;
