/**
 * What locks and limiters should do, as a list and a number: the model that random runs of the real ones are compared with.
 *
 * @module
 */
import type { Lease, LimiterStats, Task } from 'skein';
import { idle } from 'skein/testing';
import { expect } from 'vitest';
import { begun } from './support.ts';

/** What can happen. Indexes count round among those it can happen to. */
export type Step =
  | { readonly do: 'acquire' | 'try'; readonly ask: number; readonly late: boolean }
  | { readonly do: 'release' | 'cancel'; readonly index: number }
  | { readonly do: 'resize'; readonly to: number }
  | { readonly do: 'idle' };

interface Waiting {
  readonly id: number;
  readonly ask: number;
  /** Everybody who is not late precedes it. */
  readonly late: boolean;
}

/** The model. */
export class PermitModel {
  free: number;
  size: number;
  readonly waiting: Waiting[] = [];
  readonly held: Map<number, number> = new Map();
  readonly ends: Map<number, 'done' | 'cancelled'> = new Map();

  constructor(size: number) {
    this.free = size;
    this.size = size;
  }

  #fits(ask: number, late: boolean): boolean {
    return ask <= this.free && !this.waiting.some((other) => late || !other.late);
  }

  #grant(id: number, ask: number): void {
    this.free -= ask;
    this.held.set(id, ask);
    this.ends.set(id, 'done');
  }

  acquire(id: number, ask: number, late: boolean): void {
    if (this.#fits(ask, late)) this.#grant(id, ask);
    else this.waiting.push({ id, ask, late });
  }

  tryAcquire(id: number, ask: number, late: boolean): boolean {
    const fits = this.#fits(ask, late);
    if (fits) this.#grant(id, ask);
    return fits;
  }

  release(id: number): void {
    this.free += this.held.get(id) ?? 0;
    this.held.delete(id);
    this.#serve();
  }

  /** Only who waits can be cancelled; for all others it comes too late. */
  cancel(id: number): void {
    const at = this.waiting.findIndex((each) => each.id === id);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    this.ends.set(id, 'cancelled');
    this.#serve();
  }

  resize(to: number): void {
    this.free += to - this.size;
    this.size = to;
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const next = this.waiting.find(({ late }) => !late) ?? this.waiting[0];
      if (next === undefined || next.ask > this.free) return;
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.#grant(next.id, next.ask);
    }
  }
}

/** The real thing, under the names of the model. */
export interface Real {
  acquire(ask: number, late: boolean): Promise<Lease>;
  tryAcquire(ask: number, late: boolean): Lease | undefined;
  stats(): LimiterStats;
  resize?(to: number): void;
  /** Free permits, as far as they can be seen. */
  free(): unknown;
}

/** Does all steps to both, and compares them after each. */
export async function compare(
  model: PermitModel,
  real: Real,
  steps: readonly Step[],
  seen: (model: PermitModel) => unknown = ({ free }) => free,
): Promise<void> {
  const tasks = new Map<number, Task<Lease>>();
  const leases = new Map<number, Lease>();
  let id = 0;
  const release = async (which: number): Promise<void> => {
    const task = tasks.get(which);
    const lease = leases.get(which) ?? (task === undefined ? undefined : await task);
    model.release(which);
    lease?.release();
  };
  for (const step of steps) {
    if (step.do === 'acquire') {
      const { ask, late } = step;
      model.acquire(++id, ask, late);
      tasks.set(id, (await begun(() => real.acquire(ask, late))).task);
    } else if (step.do === 'try') {
      const lease = real.tryAcquire(step.ask, step.late);
      expect(lease !== undefined).toBe(model.tryAcquire(++id, step.ask, step.late));
      if (lease !== undefined) leases.set(id, lease);
    } else if (step.do === 'release' && model.held.size > 0) {
      await release([...model.held.keys()][step.index % model.held.size] as number);
    } else if (step.do === 'cancel' && id > 0) {
      const which = 1 + (step.index % id);
      model.cancel(which);
      tasks.get(which)?.cancel();
    } else if (step.do === 'resize' && real.resize !== undefined) {
      model.resize(step.to);
      real.resize(step.to);
    } else {
      await idle();
    }
    expect([real.free(), real.stats().waiting]).toEqual([seen(model), model.waiting.length]);
  }
  for (const { id: which } of [...model.waiting]) {
    model.cancel(which);
    tasks.get(which)?.cancel();
  }
  for (const which of [...model.held.keys()]) await release(which);
  for (const [which, task] of tasks) {
    expect([which, (await task.settled()).status]).toEqual([which, model.ends.get(which)]);
  }
  expect([real.free(), real.stats().waiting]).toEqual([seen(model), 0]);
  expect(model.free).toBe(model.size);
}
