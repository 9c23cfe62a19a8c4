/**
 * The two engines with workers, for tests that hold for both.
 *
 * @module
 */
import { type Engine, type PoolOptions, processes, sleep, threads } from 'skein';
import { afterEach, beforeEach, expect } from 'vitest';
import { kernel } from '../../src/core/kernel.ts';
import { Journal } from '../../src/testing/engine/journal.ts';

/** A kind of pool. */
export interface Pool {
  readonly name: 'threads' | 'processes';
  make(options?: PoolOptions): Engine;
}

/** Both. */
export const POOLS: readonly Pool[] = [
  { name: 'threads', make: threads },
  { name: 'processes', make: processes },
];

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What a pool says of itself. */
export interface Stats {
  readonly workers: number;
  readonly running: number;
}

export function statsOf(engine: Engine): Stats {
  return (engine as Engine & { readonly stats: Stats }).stats;
}

/** Has the pool learn that a function is tiny, so that its calls travel together: 6,000 calls. */
export async function learn(
  engine: Engine,
  submit: (n: number) => Promise<unknown>,
): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await Promise.all(Array.from({ length: 500 }, (_, n) => submit(n)));
  }
  expect(statsOf(engine).running).toBe(0);
}

/** Has each test of a file end with as many waits that only the outside can end as it began with. */
export function expectNothingOutside(): void {
  let outside = 0;
  beforeEach(() => {
    outside = kernel.outside;
  });
  afterEach(() => {
    expect(kernel.outside).toBe(outside);
  });
}

/** Runs a test with a new pool and a journal, which it cleans up. No body is killed, however slow the machine, but by a grace that the test gives. */
export async function withPool<T>(
  pool: Pool,
  options: PoolOptions,
  body: (engine: Engine, journal: Journal) => Promise<T>,
): Promise<T> {
  using journal = Journal.open();
  const engine = pool.make({ grace: Number.POSITIVE_INFINITY, ...options });
  try {
    return await body(engine, journal);
  } finally {
    journal.release();
    await engine[Symbol.asyncDispose]();
  }
}

/** Runs a test with the pool that all share, whose workers are there already, and a journal. */
export async function withSharedPool<T>(
  pool: Pool,
  body: (engine: Engine, journal: Journal) => Promise<T>,
): Promise<T> {
  using journal = Journal.open();
  return await body(pool.make(), journal);
}

/** The error a promise ends with. */
export async function thrown(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a rejection: got ${String(value)}`);
    },
    (error: Error & Record<string, unknown>) => error,
  );
}

/** Whether a promise is still pending after so long: a pool that were over at once would have said so. */
export async function isPendingFor(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, sleep(ms).then(() => pending)])) === pending;
}

/** How many workers an engine has. */
export function workersOf(engine: Engine): number {
  return statsOf(engine).workers;
}
