/**
 * Makes a failing schedule as near to the default one as a bounded number of runs allows: what is left of its choices is what the
 * failure needs, and the report is read by people.
 *
 * @module
 */
import { type Choice, isDefault, withoutDefaults } from './schedule-trace.ts';
import type { Run } from './strategy.ts';

const MOST_RUNS = 300;
/** A live-lock of ten thousand steps is not worth three million of them. */
const MOST_STEPS = 200_000;

/** Shrinks a failing run. Gives the smallest failing one found, or undefined when the run did not even fail again. */
export async function shrink(
  failed: Run,
  attempt: (choices: readonly Choice[]) => Promise<Run>,
): Promise<Run | undefined> {
  let runs = 0;
  let steps = 0;
  const spent = (): boolean => runs >= MOST_RUNS || steps >= MOST_STEPS;
  let best: Run | undefined;
  const fails = async (choices: readonly Choice[]): Promise<boolean> => {
    if (spent()) return false;
    const run = await attempt(choices);
    runs++;
    steps += run.steps.length;
    if (!sameFailure(run, failed)) return false;
    // What really happened counts: a choice that fitted nowhere is gone.
    if (best === undefined || smaller(run.choices, best.choices)) best = run;
    return true;
  };
  if (!(await fails(failed.choices))) return undefined;
  for (let before: Run | undefined; before !== best && !spent(); ) {
    before = best;
    await dropTail(() => withoutDefaults((best as Run).choices), fails);
    await cancelEarlier(() => withoutDefaults((best as Run).choices), fails);
    await lower(() => withoutDefaults((best as Run).choices), fails);
  }
  return best;
}

type Fails = (choices: readonly Choice[]) => Promise<boolean>;

/** Keeps ever shorter beginnings. */
async function dropTail(choices: () => readonly Choice[], fails: Fails): Promise<void> {
  for (let part = choices().length; part >= 1; part = part >> 1) {
    for (let now = choices(); now.length >= part; now = choices()) {
      if (!(await fails(now.slice(0, now.length - part)))) break;
      if (choices().length >= now.length) break;
    }
  }
}

/** Moves the cancellation nearer to the start: what comes before it has to be read. */
async function cancelEarlier(choices: () => readonly Choice[], fails: Fails): Promise<void> {
  const now = choices();
  const at = now.findIndex(({ kind }) => kind === 'cancel');
  for (let gone = at; gone > 0; gone--) {
    if (await fails(now.toSpliced(at - gone, gone))) return;
  }
}

/** Puts the default in the place of each choice, or failing that a lower index. */
async function lower(choices: () => readonly Choice[], fails: Fails): Promise<void> {
  for (let at = 0; at < choices().length; at++) {
    const choice = choices()[at] as Choice;
    if (isDefault(choice)) continue;
    const kind = choice.kind === 'cancel' ? 'entry' : choice.kind;
    const candidates: Choice[] = [{ kind, index: 0, forced: false }];
    for (let index = 0; index < Math.min(choice.index, 8); index++) {
      if (choice.kind === 'cancel' || index > 0) candidates.push({ ...choice, index });
    }
    for (const candidate of candidates) if (await fails(choices().with(at, candidate))) break;
  }
}

function sameFailure(a: Run, b: Run): boolean {
  return a.failure !== undefined && kindOf(a.failure.error) === kindOf(b.failure?.error);
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function smaller(a: readonly Choice[], b: readonly Choice[]): boolean {
  const [left, right] = [weight(a), weight(b)];
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i]) return (left[i] as number) < (right[i] as number);
  }
  return false;
}

/** Fewer choices against the default first, then a shorter trace, then lower indices. */
function weight(choices: readonly Choice[]): readonly number[] {
  const against = choices.filter((choice) => !isDefault(choice));
  return [
    against.length,
    withoutDefaults(choices).length,
    against.reduce((sum, { index }) => sum + index, 0),
  ];
}
