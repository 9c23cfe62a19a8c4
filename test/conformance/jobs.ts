/**
 * What the conformance cases are written in: units of time, jobs that log, sources that count.
 *
 * @module
 */
import { sleep, type Thunk } from 'skein';

/** One unit of time of the cases, in milliseconds of the virtual clock. */
export const u = 1000;

/** The numbers from 0 to `count` - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Waits `units` and gives `i`, or throws `error`. */
export function job(i: number, units: number, error?: Error): Thunk<number> {
  return new Log().job(i, units, error);
}

/** Passes anything off as a function: for inputs that must be refused. */
export function notAThunk(value: unknown): Thunk<number> {
  return value as Thunk<number>;
}

/** What jobs did, in order: `s` started, `e` ended, `x` saw cancellation, `?` broke off for another reason. */
export class Log {
  readonly entries: string[] = [];
  /** Jobs at work now. */
  running = 0;
  /** The most that were ever at work at once. */
  most = 0;

  /** How many entries are of this kind. */
  count(kind: 's' | 'e' | 'x'): number {
    return this.entries.filter((entry) => entry.startsWith(kind)).length;
  }

  /** Where an entry is; fails when it is not there. */
  at(entry: string): number {
    const index = this.entries.indexOf(entry);
    if (index < 0) throw new Error(`Expected ${entry} in the log: got ${this.entries.join(' ')}`);
    return index;
  }

  /** Logs its start, waits `units`, logs its end, and gives `i` or throws `error`. */
  job(i: number, units: number, error?: Error): Thunk<number> {
    return async ({ signal }) => {
      this.entries.push(`s${i}`);
      this.running++;
      this.most = Math.max(this.most, this.running);
      try {
        await sleep(units * u);
        this.entries.push(`e${i}`);
      } catch (broken) {
        this.entries.push(signal.aborted ? `x${i}` : `?${i}`);
        throw broken;
      } finally {
        this.running--;
      }
      if (error !== undefined) throw error;
      return i;
    };
  }
}

/** A generator as a source that counts what was taken from it, and may break at the end. */
export class Inputs<T> implements Iterable<T> {
  pulled = 0;
  /** How often its cleanup has run. */
  closed = 0;
  readonly #count: number;
  readonly #make: (i: number) => T;
  readonly #failure: Error | undefined;

  constructor(count: number, make: (i: number) => T, failure?: Error) {
    this.#count = count;
    this.#make = make;
    this.#failure = failure;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    try {
      for (let i = 0; i < this.#count; i++) {
        this.pulled++;
        yield this.#make(i);
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.closed++;
    }
  }
}

/** Reads to the end: the values and what it ended with; undefined for a normal end. */
export async function drain<T>(
  source: AsyncIterable<T>,
): Promise<{ readonly values: T[]; readonly error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of source) values.push(value);
  } catch (error) {
    return { values, error };
  }
  return { values, error: undefined };
}

/** Gives what `action` rejects with; fails when it does not. */
export async function caught(action: () => PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await action();
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a failure: got ${String(value)}`);
}
