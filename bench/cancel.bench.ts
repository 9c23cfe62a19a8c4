/**
 * Cancelled waits: whether leaving a line costs more when the line is longer. The clock starts when all are in line; then one in ten
 * is cancelled on its own, from the middle on and far from the one before; it stops when their errors have arrived. In all rows a
 * million wait, in one line or in many, and the same are cancelled in the same order: the collector and the caches have the same to
 * do, and only the length of the line differs.
 *
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Lock } from '../src/index.ts';
import { type Case, type Contender, numbersTo, type Staged } from './case.ts';
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

/** How many wait in a line. */
type Length = number;

/** The line of each waiter; a new one whenever the last is as long as asked. */
function* linesOf<L>(waiters: number, length: Length, newLine: () => L): Generator<L> {
  for (let first = 0; first < waiters; first += length) {
    const line = newLine();
    for (let each = first; each < Math.min(first + length, waiters); each++) yield line;
  }
}

/** The cheapest waiter that can be cancelled alone: a task. */
async function cancelTasks(length: Length): Promise<Staged> {
  const { checkpoint, Lock, openScope } = await import('../src/index.ts');
  const heldLock = (): Lock => {
    const lock = new Lock();
    lock.tryAcquire();
    return lock;
  };
  return {
    setUp: async (items) => {
      const s = openScope();
      const tasks = chosen(
        Array.from(linesOf(items * IN_LINE, length, heldLock), (lock) =>
          s.spawn(() => lock.acquire()),
        ),
      );
      await checkpoint();
      return async () => {
        await cancelEach(tasks, (task) => task.cancel());
        return tasks.filter(({ done }) => done).length;
      };
    },
  };
}

/** What code outside any scope does: a signal for each. */
async function cancelSignals(length: Length): Promise<Staged> {
  const { Semaphore } = await import('../src/index.ts');
  return {
    setUp: async (items) => {
      let left = 0;
      const leave = (): void => {
        left++;
      };
      const controllers = chosen(
        Array.from(
          linesOf(items * IN_LINE, length, () => new Semaphore(0)),
          (semaphore) => {
            const controller = new AbortController();
            semaphore.acquire(1, { signal: controller.signal }).catch(leave);
            return controller;
          },
        ),
      );
      return async () => {
        await cancelEach(controllers, (controller) => controller.abort('enough'));
        return left;
      };
    },
  };
}

function cancelPlaces(Line: new () => LinkedLine | ArrayLine): (length: Length) => Promise<Staged> {
  return async (length) => ({
    setUp: async (items) => {
      let left = 0;
      const leave = (): void => {
        left++;
      };
      const places = chosen(
        Array.from(
          linesOf(items * IN_LINE, length, () => new Line()),
          (line) => {
            const place = newPlace();
            line.join(place);
            place.left.catch(leave);
            return { line, place };
          },
        ),
      );
      const error = new Error('Cancelled');
      return async () => {
        await cancelEach(places, ({ line, place }) => line.leave(place, error));
        return left;
      };
    },
  });
}

function inLines(
  name: string,
  role: Contender['role'],
  load: (length: Length) => Promise<Staged>,
  lengths: readonly Length[] = [10_000, 100_000, MILLION],
): Contender[] {
  return lengths.map((length) => ({
    name: `${name}, ${length.toLocaleString('en')} in line`,
    role,
    load: () => load(length),
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
    warmUp: { items: 10_000, repeat: 3 },
    collect: true,
    rounds: 2,
    input: numbersTo,
    contenders: [
      ...inLines('skein Lock, tasks', 'ours', cancelTasks),
      ...inLines('floor: linked list', 'floor', cancelPlaces(LinkedLine)),
      ...inLines('skein Semaphore, a signal each', 'context', cancelSignals, [10_000, MILLION]),
      ...inLines('array, splice', 'context', cancelPlaces(ArrayLine), [10_000, 100_000]),
    ],
    promises: [flatWithin(1.2, 'floor')],
  },
];
