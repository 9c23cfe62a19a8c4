/**
 * The state that every wait in the library passes: the two hooks that `skein/testing` replaces (the clock, and the scheduler that
 * decides when a settled wait resumes) and four counters from which the virtual clock knows whether anything can still happen.
 *
 * @module
 */
import { nextTurn } from '../runtime/runtime.ts';
import { type Clock, realClock } from './clock.ts';
import type { Token } from './token.ts';

/** Decides when work that has become ready goes on. Without one it goes on at once. */
export interface Scheduler {
  /**
   * Something may go on.
   *
   * @param token whose it is
   * @param label what it waited for
   */
  ready(token: Token, label: string, resume: () => void): void;
  /** The code that runs now has read or changed what others read or change too. */
  touched(thing: object): void;
  /** Picks one of `count` ways to go on that are equally right. */
  choose(count: number): number;
}

interface Kernel {
  clock: Clock;
  scheduler: Scheduler | undefined;
  /** Grows whenever a wait begins or ends: a driver that sees it stand still over one turn of the event loop knows that all is blocked. */
  activity: number;
  /** Tasks at work that are in no library wait: they compute, or they await a promise the library knows nothing of. */
  foreign: number;
  /** The flows at work; each counts its own bodies, because counting them here would cost every item. */
  readonly flows: Set<{ readonly foreign: number }>;
  /** Waits for the outside world (`until`, `cancellable`, `once`): time must not jump past them. */
  outside: number;
  /** Turns of the event loop that the library itself has asked for. */
  turns: number;
  /** In a worker: reads what has been sent to a body that does not leave its turn, so that it can see that it should stop. */
  poll: (() => void) | undefined;
}

/** The one kernel. */
export const kernel: Kernel = {
  clock: realClock,
  scheduler: undefined,
  activity: 0,
  foreign: 0,
  flows: new Set(),
  outside: 0,
  turns: 0,
  poll: undefined,
};

/**
 * Tells an explorer that the code at work uses `thing`: only steps that use a thing in common can depend on their order. A primitive
 * calls it wherever it reads or changes what others change: in getters too.
 *
 * Core calls it with a task that starts, ends or is looked at, with a token where something concerns all below it (a cancellation),
 * and with a scope when its body or a task in it ends and when it closes: whoever waits for a scope comes after all of these.
 */
export function touch(thing: object): void {
  kernel.scheduler?.touched(thing);
}

/** Milliseconds on the clock in force: virtual inside `virtual()`, monotonic otherwise. */
export function now(): number {
  return kernel.clock.now();
}

/** Calls `fn` in a later turn of the event loop; the virtual clock stands still until then. */
export function afterTurn(fn: () => void): void {
  kernel.turns++;
  nextTurn(() => {
    kernel.turns--;
    kernel.activity++;
    fn();
  });
}

/** Whether any body is at work that is in no library wait. */
export function anyForeign(): boolean {
  if (kernel.foreign > 0) return true;
  for (const flow of kernel.flows) if (flow.foreign > 0) return true;
  return false;
}
