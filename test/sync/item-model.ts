/**
 * What queues and channels should do, as three lists: the model that random runs of the real ones are compared with.
 *
 * @module
 */
import { type Settled, select, type Task } from 'skein';
import { idle } from 'skein/testing';
import { expect } from 'vitest';
import type { QueueLike } from '../contract/queue-kind.ts';
import { begun } from './support.ts';

/** What can happen. Indexes count round among those it can happen to. */
export type Step =
  | { readonly do: 'put' | 'select put' | 'tryPut'; readonly item: number }
  | { readonly do: 'get' | 'select get' | 'next' | 'tryGet' | 'idle' }
  | { readonly do: 'cancel'; readonly index: number }
  | { readonly do: 'close'; readonly failing: boolean };

type End = 'closed' | 'broken' | 'cancelled' | 'put' | { readonly item: number };

/** The model. */
export class ItemModel {
  readonly items: number[] = [];
  readonly putters: { readonly id: number; readonly item: number }[] = [];
  readonly getters: number[] = [];
  readonly ends: Map<number, End> = new Map();
  closed: 'closed' | 'broken' | undefined;
  readonly #capacity: number;
  readonly #insert: (items: number[], item: number) => void;

  /** @param insert puts an item where it belongs; the first one comes out first */
  constructor(
    capacity: number,
    insert: (items: number[], item: number) => void = (items, item) => void items.push(item),
  ) {
    this.#capacity = capacity;
    this.#insert = insert;
  }

  tryPut(item: number): boolean {
    const getter = this.getters.shift();
    if (getter !== undefined) this.ends.set(getter, { item });
    else if (this.items.length < this.#capacity) this.#insert(this.items, item);
    else return false;
    return true;
  }

  put(id: number, item: number): void {
    if (this.closed !== undefined) this.ends.set(id, 'closed');
    else if (this.tryPut(item)) this.ends.set(id, 'put');
    else this.putters.push({ id, item });
  }

  tryGet(): number | undefined {
    const item = this.items.shift();
    const putter = this.putters.shift();
    if (putter === undefined) return item;
    this.ends.set(putter.id, 'put');
    if (item === undefined) return putter.item;
    this.#insert(this.items, putter.item);
    return item;
  }

  get(id: number): void {
    const item = this.tryGet();
    if (item !== undefined) this.ends.set(id, { item });
    else if (this.closed !== undefined) this.ends.set(id, this.closed);
    else this.getters.push(id);
  }

  /** Only who waits can be cancelled; for all others it comes too late. */
  cancel(id: number): void {
    const putter = this.putters.findIndex((each) => each.id === id);
    const getter = this.getters.indexOf(id);
    if (putter >= 0) this.putters.splice(putter, 1);
    if (getter >= 0) this.getters.splice(getter, 1);
    if (putter >= 0 || getter >= 0) this.ends.set(id, 'cancelled');
  }

  close(failing: boolean): void {
    if (this.closed !== undefined) return;
    this.closed = failing ? 'broken' : 'closed';
    for (const { id } of this.putters.splice(0)) this.ends.set(id, 'closed');
    for (const id of this.getters.splice(0)) this.ends.set(id, this.closed);
  }
}

const broken = new Error('broken');

function endOf(settled: Settled<unknown>): End {
  if (settled.status === 'cancelled') return 'cancelled';
  if (settled.status === 'failed') return settled.error === broken ? 'broken' : 'closed';
  return settled.value as End;
}

/** The waiting operations: each gives what the model calls its end. */
const operations = {
  put: async (queue: QueueLike, item: number): Promise<End> => {
    await queue.put(item);
    return 'put';
  },
  'select put': async (queue: QueueLike, item: number): Promise<End> => {
    await select({ it: queue.putting(item) });
    return 'put';
  },
  get: async (queue: QueueLike): Promise<End> => ({ item: (await queue.get()) as number }),
  'select get': async (queue: QueueLike): Promise<End> => ({
    item: (await select({ it: queue.got })).value as number,
  }),
  next: async (queue: QueueLike): Promise<End> => {
    const next = await queue[Symbol.asyncIterator]().next();
    return next.done === true ? 'closed' : { item: next.value as number };
  },
};

/** Does all steps to both, and compares them after each. */
export async function compareItems(
  model: ItemModel,
  real: QueueLike,
  steps: readonly Step[],
): Promise<void> {
  const tasks: Task<End>[] = [];
  const start = async (operation: keyof typeof operations, item = 0): Promise<void> => {
    tasks.push((await begun(() => operations[operation](real, item))).task);
  };
  for (const step of steps) {
    const id = tasks.length;
    if (step.do === 'put' || step.do === 'select put') {
      model.put(id, step.item);
      await start(step.do, step.item);
    } else if (step.do === 'get' || step.do === 'select get' || step.do === 'next') {
      model.get(id);
      await start(step.do);
    } else if (step.do === 'tryPut' && model.closed === undefined) {
      expect(real.tryPut(step.item)).toBe(model.tryPut(step.item));
    } else if (step.do === 'tryGet') {
      expect(real.tryGet()?.value).toBe(model.tryGet());
    } else if (step.do === 'cancel' && id > 0) {
      model.cancel(step.index % id);
      tasks[step.index % id]?.cancel();
    } else if (step.do === 'close') {
      model.close(step.failing);
      real.close(step.failing ? broken : undefined);
    } else {
      await idle();
    }
    expect([real.putters, real.getters]).toEqual([model.putters.length, model.getters.length]);
  }
  tasks.forEach((task, id) => {
    model.cancel(id);
    task.cancel();
  });
  for (const [id, task] of tasks.entries()) {
    expect([id, endOf(await task.settled())]).toEqual([id, model.ends.get(id)]);
  }
  const left: unknown[] = [];
  for (let next = real.tryGet(); next !== undefined; next = real.tryGet()) left.push(next.value);
  expect(left).toEqual(model.items);
}
