/**
 * The options of an exploration: their defaults and bounds.
 *
 * @module
 */
import { describe, requireInteger, requireOneOf } from '../../core/arguments.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import { newSeed } from './prng.ts';
import { DepthFirst } from './strategies/depth-first.ts';
import { PriorityWalk } from './strategies/pct.ts';
import { RandomWalk } from './strategies/random.ts';
import { Reduced } from './strategies/reduced.ts';
import type { Strategy } from './strategy.ts';

/** How schedules are chosen. */
export type StrategyName = 'exhaustive' | 'random' | 'pct' | 'delay-bounded';

/** What is explored, and how far. */
export interface ExploreOptions {
  /**
   * `exhaustive` (the default): all schedules, depth first. `delay-bounded`: all that pass over at most `depth` ready tasks. `random`:
   * any is as likely as any other at each point. `pct`: random priorities with `depth - 1` changes, for bugs that a random walk
   * rarely meets.
   */
  readonly strategy?: StrategyName | undefined;
  /** Most schedules to run. Default 10 000, for `random` and `pct` 1000. */
  readonly runs?: number | undefined;
  /** For `pct` the number of ordering constraints of a bug, from 1, default 3; for `delay-bounded` the number of delays, default 2. */
  readonly depth?: number | undefined;
  /** What `random` and `pct` start from. Default: a new one, which a failure reports. */
  readonly seed?: number | string | undefined;
  /** Also cancel a task, one in a run: any at any point, save `main`. Default false. */
  readonly cancelAnywhere?: boolean | undefined;
  /** Steps after which a run is taken for a live-lock. Default 10 000. */
  readonly maxSteps?: number | undefined;
  /**
   * For `exhaustive`: leave out schedules that differ from one that was run only in the order of steps which used different locks,
   * queues and the like. It assumes that those guard *all* that tasks share: a variable guarded by the wrong lock is not found.
   * Default false.
   */
  readonly reduce?: boolean | undefined;
}

const NAMES: NamesOf<ExploreOptions> = {
  strategy: true,
  runs: true,
  depth: true,
  seed: true,
  cancelAnywhere: true,
  maxSteps: true,
  reduce: true,
};

/** Options with their defaults filled in. */
export interface Plan {
  readonly name: StrategyName;
  readonly runs: number;
  readonly seed: number | string | undefined;
  readonly cancelAnywhere: boolean;
  readonly maxSteps: number;
  /** A new strategy, that has run nothing. */
  strategy(): Strategy;
}

/** Default of `maxSteps`. */
export const MAX_STEPS = 10_000;

const RUNS = { exhaustive: 10_000, 'delay-bounded': 10_000, random: 1000, pct: 1000 } as const;

/**
 * Checks the options.
 * @throws TypeError or RangeError that names the wrong one
 */
export function planOf(options: ExploreOptions, owner: string): Plan {
  requireOptions(options, NAMES, owner);
  const { strategy: name = 'exhaustive' } = options;
  requireOneOf(name, 'strategy', Object.keys(RUNS));
  const chance = name === 'random' || name === 'pct';
  const { runs = RUNS[name], depth = name === 'pct' ? 3 : 2, maxSteps = MAX_STEPS } = options;
  const { cancelAnywhere = false, reduce = false } = options;
  requireInteger(runs, 'runs', 1);
  requireInteger(depth, 'depth', name === 'pct' ? 1 : 0);
  requireInteger(maxSteps, 'maxSteps', 1);
  requireBoolean(cancelAnywhere, 'cancelAnywhere');
  requireBoolean(reduce, 'reduce');
  const seed = seedOf(options.seed, chance);
  const strategy = (): Strategy => {
    if (name === 'random') return new RandomWalk(seed as number | string);
    if (name === 'pct') return new PriorityWalk(seed as number | string, depth);
    if (name === 'delay-bounded') return new DepthFirst(depth);
    return reduce ? new Reduced() : new DepthFirst(Number.POSITIVE_INFINITY);
  };
  return { name, runs, seed, cancelAnywhere, maxSteps, strategy };
}

function seedOf(seed: unknown, chance: boolean): number | string | undefined {
  if (seed !== undefined && typeof seed !== 'string') {
    const expected = 'Expected seed to be a finite number or text';
    if (typeof seed !== 'number') throw new TypeError(`${expected}: got ${describe(seed)}`);
    if (!Number.isFinite(seed)) throw new RangeError(`${expected}: got ${seed}`);
  }
  return chance ? (seed ?? newSeed()) : undefined;
}

function requireBoolean(value: unknown, name: string): void {
  if (typeof value !== 'boolean') {
    throw new TypeError(`Expected ${name} to be true or false: got ${describe(value)}`);
  }
}
