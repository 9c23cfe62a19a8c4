/**
 * Looks for seeds whose programs end as they should not.
 *
 * @module
 */
import { drawProgram } from './draw.ts';
import type { Program } from './model.ts';
import { print } from './print.ts';
import { runProgram } from './run-program.ts';
import { shrink } from './shrink.ts';
import type { Watchdog } from './watchdog.ts';
import type { Violation } from './world.ts';

/** A seed and what is wrong with its program. */
export interface Finding {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

/** Runs the programs of so many seeds, from the first one on; gives those that were wrong. */
export async function* find(
  first: number,
  count: number,
  watchdog?: Watchdog,
): AsyncGenerator<Finding> {
  for (let seed = first; seed < first + count; seed++) {
    watchdog?.watch(seed);
    const violations = await runProgram(drawProgram(seed));
    if (violations.length > 0) yield { seed, violations };
  }
  watchdog?.rest();
}

/** The kind of a fault: what is left of it when names and numbers are taken away. */
export function kindOf({ rule, where, what }: Violation): string {
  const [last = ''] = where.split(' > ').slice(-1);
  const text = what.split('\n')[0] ?? '';
  const plain = text
    .replace(/moveOnAfter( > \w+( \d+)?: \w+| > \w+)*/g, 'a part')
    .replace(/[\d-]+/g, 'N');
  return `${rule} | ${last.replace(/ \d+/, '')} | ${plain}`;
}

/** Tells of a finding: the program as it was drawn, made as small as it fails, and what is wrong with that. */
export async function tell({ seed, violations }: Finding): Promise<string> {
  const [first] = violations as [Violation];
  const kind = kindOf(first);
  const fails = async (program: Program): Promise<boolean> =>
    (await runProgram(program)).some((each) => kindOf(each) === kind);
  const small = await shrink(drawProgram(seed), fails);
  const wrong = (await runProgram(small)).slice(0, 5);
  return [
    `seed ${seed}: node --conditions=@skein/source scripts/random-programs.ts --seed ${seed}`,
    indented(print(small)),
    ...wrong.map(({ rule, where, what }) => `  ${rule}: ${where}\n    ${what}`),
  ].join('\n');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
