/**
 * What a benchmark is made of: cases that ask a question, and the contenders that answer it.
 *
 * @module
 */

/** Does the work once over `input` and gives the number of items it finished. */
export type Work = (input: Iterable<number>, items: number) => Promise<number>;

/** Work of which only the last part is measured: all repetitions are set up before the clock starts. */
export interface Staged {
  /** Does what is not measured, and gives what is; that gives the number of items it finished. */
  readonly setUp: (items: number) => Promise<() => Promise<number>>;
  /** Ends what holds the process: workers. */
  readonly tearDown?: () => Promise<unknown>;
}

/** A limit on starts: calls the function when its turn has come. */
export type Throttle = (fn: () => Promise<void>) => Promise<unknown>;

/** Work that is judged by when it starts what it was given. */
export interface Paced {
  /** Makes a limit that has seen no call yet. */
  readonly fresh: () => Throttle;
}

/** Work that takes its own time: how long something kept somebody waiting. */
export interface Delayed {
  readonly delay: () => Promise<Delay>;
  readonly tearDown?: () => Promise<unknown>;
}

/** How long somebody waited, in milliseconds. */
export interface Delay {
  readonly ms: number;
  /** What a fair share of the same run would have been, where that is asked. */
  readonly fairMs?: number;
}

/** A program of another language, which measures itself: wall nanoseconds an item. */
export interface Foreign {
  readonly wallNs: (items: number) => Promise<number>;
}

/** What a contender does. */
export type Loaded = Work | Staged | Paced | Delayed | Foreign;

/** What the called saw of a limit, over all runs. */
export interface Accuracy {
  readonly runs: number;
  /** Runs in which some window had more starts than allowed. */
  readonly runsOver: number;
  /** Most starts in any window of any run. */
  readonly most: number;
  /** Median over the runs, in milliseconds. */
  readonly totalMs: number;
  /** Longest total by the ideal total of the same run. */
  readonly worstTotal: number;
}

/** One row of a table. */
export interface Contender {
  readonly name: string;
  /**
   * `ours` is what is promised, `floor` what the ratios refer to, a `peer` must be beaten where
   * that is promised. `context` is only compared. `idle` does nothing, so only its memory counts.
   */
  readonly role: 'ours' | 'floor' | 'peer' | 'context' | 'idle';
  /** Imports what the work needs, in the child that runs it and before the clock starts. */
  readonly load: () => Promise<Loaded>;
  /** Items of one repetition, when they differ from those of the case. */
  readonly items?: number;
  /** Repetitions that are measured together, when they differ from those of the case. */
  readonly repeat?: number;
}

/** A figure from elsewhere, shown but not run again. */
export interface Recorded {
  readonly name: string;
  readonly cpuNs?: number;
  readonly wallNs?: number;
  readonly peakMb?: number;
  /** What was seen, where there are no figures of the same kind. */
  readonly seen?: string;
}

/** One table. */
export interface Case {
  /** The question that the table answers. */
  readonly name: string;
  /**
   * `time`: CPU, wall and memory per item. `retention`: bytes of heap that are kept per item. `accuracy`: how many start in any window,
   * in real time, over `repeat` runs. `delay`: the median and the longest of `repeat` waits.
   */
  readonly measure: 'time' | 'retention' | 'accuracy' | 'delay';
  /** For `accuracy`: so many starts in so many milliseconds, and whether something blocks the thread now and then. */
  readonly rate?: { readonly maxCalls: number; readonly period: number; readonly busy: boolean };
  /** What the columns count: nanoseconds an item or microseconds a task. */
  readonly per: 'item' | 'task';
  /** Items of one repetition. */
  readonly items: number;
  readonly repeat: number;
  /** Repetitions and their items before the measurement; absent: the measurement starts cold. */
  readonly warmUp?: { readonly items: number; readonly repeat: number };
  /** Compares wall times, as work in other processes costs no CPU here, and work in other threads is there to save time. */
  readonly byWall?: boolean;
  /** Collects garbage before the clock starts: so that what is set up is not collected while it runs. */
  readonly collect?: boolean;
  /** Most rounds, where one takes long. */
  readonly rounds?: number;
  /** Makes the input before the clock starts. */
  readonly input: (items: number) => Iterable<number>;
  readonly contenders: readonly Contender[];
  readonly recorded?: readonly Recorded[];
  /** What skein promises here. */
  readonly promises: readonly Pledge[];
}

/** One promise, judged on the finished rows. */
export interface Pledge {
  readonly text: string;
  readonly judge: (rows: readonly Row[]) => Verdict;
}

/** Whether a promise is kept, and the figure that says so. */
export interface Verdict {
  readonly kept: boolean;
  readonly figure: string;
}

/** What one child process measured. */
export interface Sample {
  /** Per item; zero for retention. */
  readonly cpuNs: number;
  /** Per item; zero for retention. */
  readonly wallNs: number;
  readonly wallSeconds: number;
  readonly peakMb: number;
  /** Resident size before the clock starts: after imports, input and warm-up. */
  readonly idleMb: number;
  /** Kept per item; zero for time. */
  readonly keptBytes: number;
  readonly accuracy?: Accuracy;
  /** For `delay`; `worstMs` is the longest of all. */
  readonly delay?: Delay & { readonly worstMs: number };
}

/** A contender with the medians of its samples. */
export interface Row extends Sample {
  readonly name: string;
  readonly role: Contender['role'];
  readonly items: number;
  readonly repeat: number;
  /** Median of the ratios of CPU time to the floor in the same round; NaN without a floor. */
  readonly ratio: number;
  /** The same of wall time. */
  readonly wallRatio: number;
  /** Runs that did not end, or ended with an error, and were repeated. */
  readonly failed: number;
}

/** The numbers from 0, in memory. */
export function arrayOf(items: number): number[] {
  return Array.from({ length: items }, (_, index) => index);
}

/** The numbers from 0, one at a time. */
export function* numbersTo(items: number): Generator<number> {
  for (let index = 0; index < items; index++) yield index;
}
