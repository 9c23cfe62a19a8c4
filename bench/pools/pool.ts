/**
 * What a pool of workers is to the benches: it runs one of the tasks of `workers/tasks.mjs`, by name.
 *
 * @module
 */

/** What each task is given and gives back. */
export interface Tasks {
  readonly increment: readonly [argument: number, result: number];
  readonly block: readonly [argument: number, result: number];
  readonly primes: readonly [argument: { readonly from: number; readonly to: number }, number];
  readonly lastByte: readonly [argument: ArrayBuffer | SharedArrayBuffer, result: number];
}

/** The name of a task. */
export type TaskName = keyof Tasks;

/** Workers that wait for tasks. */
export interface Pool {
  run<N extends TaskName>(task: N, argument: Tasks[N][0]): Promise<Tasks[N][1]>;
  /** Moves the buffer; absent where the package cannot. */
  move?(task: 'lastByte', buffer: ArrayBuffer): Promise<number>;
  /** Moves the buffer there and back; absent where the package cannot. */
  bounce?(buffer: ArrayBuffer): Promise<ArrayBuffer>;
  /** Runs `increment` on all numbers in the manner that the package has for it; absent where it has none. */
  incrementAll?(items: Iterable<number>): Promise<readonly number[]>;
  close(): Promise<unknown>;
}

/** Makes a pool of so many workers. */
export type OpenPool = (size: number) => Promise<Pool>;

/** The path of a file in `workers`. */
export function workerFile(name: string): URL {
  return new URL(`workers/${name}`, import.meta.url);
}
