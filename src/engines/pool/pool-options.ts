/**
 * The options of a pool of workers.
 *
 * @module
 */
import { describe, requireInteger } from '../../core/arguments.ts';
import { type Duration, toMilliseconds } from '../../core/duration.ts';
import { type NamesOf, requireOptions } from '../../core/known-options.ts';
import { ownOptions } from '../../core/own-options.ts';
import { availableCores } from '../../runtime/runtime.ts';
import { cloneBehind, findUnclonable, Unclonable } from '../../shipping/unclonable.ts';
import { lookAtCopied } from '../shared/copied.ts';

/** How many cores this process may use: what affinity and container leave, not what is installed. */
export const CPU_CORES: number = availableCores();

/** Options of `threads` and `processes`. */
export interface PoolOptions {
  /** How many workers at the most: an integer from 1. Default `CPU_CORES`. They start one by one, as calls need them. */
  readonly size?: number | undefined;
  /** A worker that has had nothing to do for so long ends. Default one minute; Infinity: never. */
  readonly idle?: Duration | undefined;
  /** A worker is replaced after so many calls: an integer from 1. Default, and at the most: 2 ** 30. */
  readonly maxTasks?: number | undefined;
  /**
   * Megabytes of heap, from 1: a worker that holds more between two calls is replaced, and one that grows to twice as much within a call
   * dies of it. Default: never replaced, and the limit of the runtime.
   */
  readonly memory?: number | undefined;
  /** Data for the workers, which `initData()` gives there; it is cloned once for each. */
  readonly init?: unknown;
  /** What a body gets to stop in before its worker is killed, where the call does not say. Default two seconds. */
  readonly grace?: Duration | undefined;
  /** The file that a worker starts with, for a program that was bundled without it. Default: found, or the text of it. */
  readonly entry?: string | URL | undefined;
}

const NAMES: NamesOf<PoolOptions> = {
  size: true,
  idle: true,
  maxTasks: true,
  memory: true,
  init: true,
  grace: true,
  entry: true,
};

/** The same, checked. Times in milliseconds. */
export interface PoolPlan {
  readonly size: number;
  readonly idle: number;
  readonly maxTasks: number;
  readonly memory: number | undefined;
  readonly init: unknown;
  readonly grace: number;
  readonly entry: string | URL | undefined;
}

/** A worker numbers its calls with 31 bits: it is replaced in time. */
const MOST_TASKS: number = 2 ** 30;

/** What a body gets to stop in before its worker is killed: less than a scope waits before it reports what is stuck. */
const KILL_GRACE = 2000;

/** Checks the options of a pool. */
export function planPool(given: PoolOptions, owner: string): PoolPlan {
  requireOptions(given, NAMES, owner);
  const options = ownOptions(given);
  const { size = CPU_CORES, idle = 60_000, maxTasks, memory, init, entry } = options;
  const { grace = KILL_GRACE } = options;
  requireInteger(size, 'size', 1);
  if (maxTasks !== undefined) requireInteger(maxTasks, 'maxTasks', 1);
  if (memory !== undefined) requireInteger(memory, 'memory', 1);
  if (init !== undefined) requireClonable(init, owner);
  if (entry !== undefined && typeof entry !== 'string' && !(entry instanceof URL)) {
    throw new TypeError(`Expected entry to be a path or a URL: got ${describe(entry)}`);
  }
  return {
    size,
    idle: toMilliseconds(idle, 'idle'),
    maxTasks: Math.min(maxTasks ?? MOST_TASKS, MOST_TASKS),
    memory,
    init,
    grace: toMilliseconds(grace, 'grace'),
    entry,
  };
}

function requireClonable(init: unknown, owner: string): void {
  try {
    structuredClone(init);
  } catch (error) {
    throw unclonableInit(init, error);
  }
  lookAtCopied([init], 'init', owner, 'which cannot be shared by all workers: make it an argument');
}

/** Says what of `init` is in the way. */
export function unclonableInit(init: unknown, cause: unknown): Unclonable {
  return new Unclonable('init to a worker', findUnclonable(init, 'init', cloneBehind(cause)), {
    cause,
  });
}
