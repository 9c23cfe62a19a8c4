/**
 * How long to wait before another attempt: how the waits grow, and how they are drawn.
 *
 * Waits that only grow keep the clients of a server in step: all that failed together come back together. Drawing from the whole span
 * ("full" jitter), or from a span that starts at the last draw ("decorrelated"), ends that.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (Brooker, 2015)
 * @module
 */
import { requireOneOf } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { kernel } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';

/** How the waits between attempts grow. */
export interface BackoffOptions {
  /**
   * How the waits grow: `exponential` (default), `linear`, a fixed duration, or a function of the failed attempt (1 for the first)
   * and its error.
   */
  readonly backoff?:
    | undefined
    | 'exponential'
    | 'linear'
    | Duration
    | ((attempt: number, error: unknown) => Duration);
  /** The first wait of a growing backoff; finite. Default 100 ms. */
  readonly base?: Duration | undefined;
  /** The longest wait that the backoff asks for. Default 30 s for growing backoffs, none for those of your own. */
  readonly max?: Duration | undefined;
  /**
   * `full` (default for growing backoffs) draws a wait between 0 and its length; `decorrelated` between `base` and three times
   * the last one, instead of growing by the attempt; `none` takes it as it is.
   */
  readonly jitter?: 'full' | 'decorrelated' | 'none' | undefined;
}

/** Their names. */
export const BACKOFF_NAMES: NamesOf<BackoffOptions> = {
  backoff: true,
  base: true,
  max: true,
  jitter: true,
};

/** Milliseconds to wait after a failed attempt; `last` is what it gave before, 0 at first. */
export type Backoff = (attempt: number, error: unknown, last: number) => number;

/** An explorer must find the same waits each time. */
const draw = (): number => (kernel.scheduler === undefined ? Math.random() : 0.5);

/** Checks the options; `prefix` is what comes before their names in an error. */
export function backoffOf(
  options: BackoffOptions,
  prefix: string,
  random: () => number = draw,
): Backoff {
  const { backoff = 'exponential', base: first = 100 } = options;
  const base = toMilliseconds(first, `${prefix}base`);
  if (base === Number.POSITIVE_INFINITY) {
    throw new RangeError(`Expected ${prefix}base to be finite: got ${base}`);
  }
  const grows = backoff === 'exponential' || backoff === 'linear';
  const { max: longest = grows ? 30_000 : Number.POSITIVE_INFINITY } = options;
  const max = toMilliseconds(longest, `${prefix}max`);
  const { jitter = grows ? 'full' : 'none' } = options;
  requireOneOf(jitter, `${prefix}jitter`, ['full', 'decorrelated', 'none']);
  const length = lengthOf(backoff, base, `${prefix}backoff`);
  if (jitter === 'decorrelated') {
    if (backoff !== 'exponential') {
      throw new RangeError(
        `Expected ${prefix}jitter to be 'full' or 'none' with a ${prefix}backoff of its own: got 'decorrelated'`,
      );
    }
    return (_attempt, _error, last) => {
      const span = Math.max(base, last) * 3 - base;
      return Math.min(max, base + random() * span);
    };
  }
  return (attempt, error) => {
    const wait = Math.min(max, length(attempt, error));
    return jitter === 'full' ? random() * wait : wait;
  };
}

function lengthOf(
  backoff: NonNullable<BackoffOptions['backoff']>,
  base: number,
  name: string,
): (attempt: number, error: unknown) => number {
  // 2 ** 1024 is Infinity, and 0 times that is NaN.
  if (backoff === 'exponential') return (attempt) => base * 2 ** Math.min(attempt - 1, 100);
  if (backoff === 'linear') return (attempt) => base * attempt;
  if (typeof backoff === 'function') {
    return (attempt, error) => toMilliseconds(backoff(attempt, error), name);
  }
  const fixed = toMilliseconds(backoff, name);
  return () => fixed;
}
