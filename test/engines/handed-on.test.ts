/**
 * Calls that were sent to one worker and run in another, because they were stolen or their worker died before they started: what they
 * share is lent once, whatever was sent before.
 *
 * @module
 */
import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { type CopyContext, concurrently, type Engine, Queue, Semaphore, task } from 'skein';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/testing/engine/journal.ts';
import { type Found, type Shared, useAll } from './fixtures/handed-on.ts';
import { learn, POOLS, thrown, withPool } from './pools.ts';

const COUNT = 24;

function ask(engine: Engine, ...asked: Parameters<typeof useAll>): Promise<Found> {
  return engine.submit(useAll as (...asked: unknown[]) => Promise<Found>, asked, {});
}

/** What the calls of a test share, and what became of it. */
class Things {
  readonly items = new Queue<number>();
  readonly permits = new Semaphore(1);
  readonly controllers = Array.from({ length: COUNT }, () => new AbortController());
  readonly reports: number[] = [];
  opened = 0;
  closed = 0;

  constructor() {
    for (let n = 0; n < COUNT; n++) this.items.tryPut(n);
  }

  async *source(n: number): AsyncGenerator<string> {
    this.opened++;
    try {
      for (let i = 0; ; i++) yield `${n}/${i}`;
    } finally {
      this.closed++;
    }
  }

  /** Submits calls that use all of it. Each has a signal and a source of its own. */
  submit(engine: Engine, { place }: Journal): Promise<Found>[] {
    const { items, permits } = this;
    const report = (n: number): void => void this.reports.push(n);
    return this.controllers.map(({ signal }, n) => {
      const shared = { place, signal, items, permits, source: this.source(n) };
      return ask(engine, 'use', n, shared, report);
    });
  }

  /** Aborts the signal of every second call. */
  abort(): void {
    for (const [n, controller] of this.controllers.entries()) if (n % 2 === 1) controller.abort(n);
  }

  /** Each call has had its part, once, and nothing of it is left. */
  expectAllUsed(found: readonly Found[], journal: Journal): void {
    const numbers = Array.from({ length: COUNT }, (_, n) => n);
    const inOrder = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
    expect(inOrder(journal.names('start').map(Number))).toEqual(numbers);
    expect(inOrder(found.map(({ item }) => item))).toEqual(numbers);
    expect(found.map(({ texts }) => texts)).toEqual(numbers.map((n) => [`${n}/0`, `${n}/1`]));
    expect(found.map(({ aborted }) => aborted)).toEqual(numbers.map((n) => n % 2 === 1));
    expect(inOrder(this.reports)).toEqual(numbers);
    expect([this.opened, this.closed, this.items.size]).toEqual([COUNT, COUNT, 0]);
    expect(this.permits.available).toBe(1);
    for (const { signal } of this.controllers)
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    // Nobody waits for an item any more.
    this.items.tryPut(-1);
    expect(this.items.size).toBe(1);
  }
}

describe.each(POOLS)('shared objects of calls in $name', (pool) => {
  it('that were stolen', () =>
    withPool(pool, { size: 2 }, async (engine, journal) => {
      await learn(engine, (n) => ask(engine, 'nothing', n));
      const things = new Things();
      const spins = ask(engine, 'spin', 0, { place: journal.place } as Shared);
      const calls = things.submit(engine, journal);
      // They are on their way, and lent, when this turn is over.
      await Promise.resolve();
      things.abort();
      const found = await Promise.all(calls);
      journal.release();

      expect(await spins).toBe(0);
      things.expectAllUsed(found, journal);
    }));

  it('whose worker died before they started', () =>
    withPool(pool, { size: 1 }, async (engine, journal) => {
      // A child notes each start of a function that has been fatal.
      await thrown(ask(engine, 'exit', 0));
      await learn(engine, (n) => ask(engine, 'nothing', n));
      const things = new Things();
      const exit = thrown(ask(engine, 'exit', 0));
      const calls = things.submit(engine, journal);
      await Promise.resolve();
      things.abort();

      expect(await exit).toMatchObject({ code: 'ERR_WORKER_DIED', state: 'running' });
      things.expectAllUsed(await Promise.all(calls), journal);
    }));

  it('whose worker died while it loaded their function: a source of copies', () =>
    withPool(pool, { size: 1 }, async (engine, { place }) => {
      const notes = `${place}/notes`;
      process.env.SKEIN_LOADS = notes;
      let closed = 0;
      function* source(): Generator<number> {
        try {
          for (let n = 0; n < 30; n++) yield n;
        } finally {
          closed++;
        }
      }
      const declared = new URL('./fixtures/dies-once.ts', import.meta.url);
      const takeAll = task(declared, (_: CopyContext<number>) => undefined, 'takeAll');
      try {
        await concurrently(1, { engine, source: source() }, takeAll)();
      } finally {
        delete process.env.SKEIN_LOADS;
      }

      const lines = readFileSync(notes, 'utf8').trim().split('\n');
      expect(lines).toEqual(['died', ...Array.from({ length: 30 }, (_, n) => `took ${n}`)]);
      expect(closed).toBe(1);
    }));
});
