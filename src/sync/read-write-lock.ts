/**
 * Many readers or one writer.
 *
 * @module
 */

import { requireOneOf } from '../core/arguments.ts';
import type { WaitBounds } from '../core/bounds.ts';
import { touch } from '../core/kernel.ts';
import type { NamesOf } from '../core/known-options.ts';
import type { Lease, Op } from '../core/limiter.ts';
import { show } from '../core/shown.ts';
import { nameOf } from './circle.ts';
import { labelOf } from './named.ts';
import { type Demand, demandFor, type LimiterStats, UNLIMITED } from './permit.ts';
import { Permits } from './permits.ts';

/** How a read-write lock is made. */
export interface ReadWriteLockOptions {
  /**
   * Who goes first of those who wait: in the order in which they came (`'fifo'`, the default, in which nobody starves), writers before readers, or
   * readers before writers.
   */
  readonly prefer?: 'fifo' | 'writer' | 'reader' | undefined;
  /** What errors and the task tree call it. Default `read-write lock`. */
  readonly name?: string | undefined;
}

const NAMES: NamesOf<ReadWriteLockOptions> = { prefer: true, name: true };

/** A reader takes one permit, a writer all of them. */
const ALL = UNLIMITED;

/**
 * Lets in many readers or one writer. A reader cannot become a writer: release first. A task that wants to write while it holds the lock,
 * in either way, gets a `Deadlock`, as with `Lock`.
 *
 * @example
 * ```ts
 * import { ReadWriteLock } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const lock = new ReadWriteLock();
 * const readers = [await lock.read(), await lock.read()];
 * assert.equal(lock.tryWrite(), undefined);
 * for (const reader of readers) reader.release();
 * const writer = await lock.write();
 * assert.equal(lock.writing, true);
 * writer.release();
 * ```
 */
export class ReadWriteLock {
  readonly #permits: Permits;
  readonly #reading: Demand;
  readonly #writing: Demand;

  constructor(options: ReadWriteLockOptions = {}) {
    const label = labelOf('read-write lock', options, NAMES);
    const { prefer = 'fifo' } = options;
    requireOneOf(prefer, 'prefer', ['fifo', 'writer', 'reader']);
    this.#permits = new Permits(label, ALL, { tracked: true, circle: 'any' });
    this.#reading = demandFor(1, prefer === 'writer');
    this.#writing = demandFor(ALL, prefer === 'reader');
  }

  /**
   * Waits until it may read.
   *
   * @throws Deadlock when the task writes, or a writer waits for this task
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  read(bounds?: WaitBounds): Promise<Lease> {
    return this.#permits.take(this.#reading, bounds);
  }

  /**
   * Waits until it may write.
   *
   * @throws Deadlock when the task reads or writes already, or one who does waits for this task
   * @throws Cancelled, TimedOut, the reason of `signal`
   */
  write(bounds?: WaitBounds): Promise<Lease> {
    return this.#permits.take(this.#writing, bounds);
  }

  /** The right to read, if that needs no waiting. */
  tryRead(): Lease | undefined {
    return this.#permits.tryTake(this.#reading);
  }

  /** The right to write, if that needs no waiting. */
  tryWrite(): Lease | undefined {
    return this.#permits.tryTake(this.#writing);
  }

  /** Reading, as a case of `select`. */
  get readable(): Op<Lease> {
    return this.#permits.operation(this.#reading);
  }

  /** Writing, as a case of `select`. */
  get writable(): Op<Lease> {
    return this.#permits.operation(this.#writing);
  }

  /** How many read. */
  get readers(): number {
    touch(this.#permits);
    return this.writing ? 0 : ALL - this.#permits.free;
  }

  /** Whether somebody writes. */
  get writing(): boolean {
    touch(this.#permits);
    return this.#permits.free === 0;
  }

  /** Who holds it and who waits; a writer has all permits, a reader one. */
  stats(): LimiterStats {
    return this.#permits.stats();
  }

  static {
    show(ReadWriteLock.prototype, (lock) => {
      const { label, holder, waiting } = lock.#permits;
      const by = lock.writing ? 'written' : 'read';
      return {
        what: label,
        state: holder === undefined ? 'free' : by,
        readers: lock.readers || undefined,
        by: lock.writing && holder !== undefined ? nameOf(holder.holder) : undefined,
        waiting,
      };
    });
  }
}
