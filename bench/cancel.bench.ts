/**
 * Cancelled waits: whether leaving a line costs more when the line is longer. Of those in line one in ten is cancelled on its own,
 * from the middle on and far from the one before. The clock starts when all are in line and stops when the errors have arrived.
 * In all rows a million wait, in one line or in many, and the errors of equally many arrive at a time: so the collector has the
 * same to do, and only the length of the line differs.
 *
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Case, type Contender, numbersTo, type Staged } from './case.ts';
import { noop } from './peers.ts';
import { flatWithin } from './pledges.ts';
import { ArrayLine, LinkedLine, newPlace } from './sync-floors.ts';

const MILLION = 1_000_000;
/** Those in line for each that is cancelled. */
const IN_LINE = 10;
/** How many are cancelled in one go. */
const AT_ONCE = 1000;
/** Coprime to all sizes, so that steps of this length come to no place twice. */
const STRIDE = 7919;

/** One in ten, scattered. */
function chosen<T>(all: readonly T[]): T[] {
  const middle = all.length >> 1;
  return Array.from(
    { length: all.length / IN_LINE },
    (_, step) => all[(middle + step * STRIDE) % all.length] as T,
  );
}

async function cancelEach<T>(all: readonly T[], cancel: (one: T) => void): Promise<void> {
  for (let first = 0; first < all.length; first += AT_ONCE) {
    for (const one of all.slice(first, first + AT_ONCE)) cancel(one);
    await nextTurn();
  }
}

/** The cheapest waiter that can be cancelled alone: a task. */
async function cancelTasks(): Promise<Staged> {
  const { checkpoint, Lock, openScope } = await import('../src/index.ts');
  return {
    setUp: async (items) => {
      const lock = new Lock();
      lock.tryAcquire();
      const s = openScope();
      const inLine = { length: items * IN_LINE };
      const tasks = chosen(Array.from(inLine, () => s.spawn(() => lock.acquire())));
      await checkpoint();
      return async () => {
        await cancelEach(tasks, (task) => task.cancel());
        return tasks.filter(({ done }) => done).length;
      };
    },
  };
}

/** What code outside any scope does: a signal for each. */
async function cancelSignals(): Promise<Staged> {
  const { Semaphore } = await import('../src/index.ts');
  return {
    setUp: async (items) => {
      const semaphore = new Semaphore(1);
      semaphore.tryAcquire();
      let left = 0;
      const leave = (): void => {
        left++;
      };
      const controllers = chosen(
        Array.from({ length: items * IN_LINE }, () => {
          const controller = new AbortController();
          semaphore.acquire(1, { signal: controller.signal }).catch(leave);
          return controller;
        }),
      );
      return async () => {
        await cancelEach(controllers, (controller) => controller.abort('enough'));
        return left;
      };
    },
  };
}

function cancelPlaces(Line: new () => LinkedLine | ArrayLine): () => Promise<Staged> {
  return async () => ({
    setUp: async (items) => {
      const line = new Line();
      const all = Array.from({ length: items * IN_LINE }, newPlace);
      for (const place of all) {
        line.join(place);
        place.left.catch(noop);
      }
      const places = chosen(all);
      const error = new Error('Cancelled');
      return async () => {
        await cancelEach(places, (place) => line.leave(place, error));
        return all.length - line.length;
      };
    },
  });
}

function inLines(
  name: string,
  role: Contender['role'],
  load: Contender['load'],
  lengths: readonly number[] = [10_000, 100_000, MILLION],
): Contender[] {
  return lengths.map((length) => ({
    name: `${name}, ${length.toLocaleString('en')} in line`,
    role,
    load,
    items: length / IN_LINE,
    repeat: MILLION / length,
  }));
}

/** What cancelled waits promise. */
export const cases: readonly Case[] = [
  {
    name: 'Does it cost more to cancel one of many waiters when the line is longer?',
    measure: 'time',
    per: 'item',
    items: MILLION / IN_LINE,
    repeat: 1,
    warmUp: { items: 1000, repeat: 30 },
    input: numbersTo,
    contenders: [
      ...inLines('skein Lock, tasks', 'ours', cancelTasks),
      ...inLines('floor: linked list', 'floor', cancelPlaces(LinkedLine)),
      ...inLines('skein Semaphore, a signal each', 'context', cancelSignals),
      ...inLines('array, splice', 'context', cancelPlaces(ArrayLine), [10_000, 100_000]),
    ],
    promises: [flatWithin(1.2, 'floor')],
  },
];
