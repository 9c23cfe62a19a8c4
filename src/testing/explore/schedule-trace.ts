/**
 * A schedule as text: its choices joined by '.'. A number is the index of the ready entry that went on, `c1` the cancellation of the
 * task with index 1, `s1` the way that a `select` took. Points with a single way are left out, so are zeros at the end: the
 * empty text is the default schedule, first come, first served.
 *
 * A trace without `c` counts no point at which a cancellation would have been the only alternative. One with `c` counts them
 * up to the cancellation. So a trace says by itself how it was made.
 *
 * @module
 */
import { describe } from '../../core/arguments.ts';

/** What was chosen at one point. */
export interface Choice {
  readonly kind: 'entry' | 'cancel' | 'select';
  readonly index: number;
  /** Whether it was a choice only because a task could have been cancelled instead. */
  readonly forced: boolean;
}

/** Writes choices as text. */
export function formatTrace(choices: readonly Choice[]): string {
  const cancelled = choices.some(({ kind }) => kind === 'cancel');
  const counted = cancelled ? choices : choices.filter(({ forced }) => !forced);
  return withoutDefaults(counted).map(formatChoice).join('.');
}

/** Drops the defaults at the end. */
export function withoutDefaults(choices: readonly Choice[]): readonly Choice[] {
  return choices.slice(0, choices.findLastIndex((choice) => !isDefault(choice)) + 1);
}

/** Whether it is what happens when nobody chooses. */
export function isDefault({ kind, index }: Choice): boolean {
  return kind !== 'cancel' && index === 0;
}

const PREFIX = { entry: '', cancel: 'c', select: 's' } as const;

/** Writes one choice. */
export function formatChoice({ kind, index }: Choice): string {
  return `${PREFIX[kind]}${index}`;
}

/**
 * Reads a trace.
 * @throws TypeError when it is no text
 * @throws RangeError when it is no trace
 */
export function parseTrace(trace: unknown): Choice[] {
  const expected = "Expected trace to be choices joined by '.', such as '0.2.c1', or ''";
  if (typeof trace !== 'string') throw new TypeError(`${expected}: got ${describe(trace)}`);
  if (trace === '') return [];
  if (!/^[cs]?\d{1,6}(\.[cs]?\d{1,6})*$/.test(trace) || trace.split('c').length > 2) {
    throw new RangeError(`${expected}, with at most one c: got ${describe(trace)}`);
  }
  return trace.split('.').map((text) => {
    const kind = text.startsWith('c') ? 'cancel' : text.startsWith('s') ? 'select' : 'entry';
    return { kind, index: Number(text.slice(PREFIX[kind].length)), forced: false };
  });
}
