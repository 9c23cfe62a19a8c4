/**
 * The state that every wait in the library passes: the two hooks that `skein/testing` replaces (the clock, and the scheduler that
 * decides when a settled wait resumes) and four counters from which the virtual clock knows whether anything can still happen.
 *
 * @module
 */
import { nextTurn } from '../runtime/runtime.ts';
import { type Clock, realClock } from './clock.ts';

/** Decides when work that has become ready goes on. Without one it goes on at once. */
export interface Scheduler {
  /** @param label what became ready, for traces: `worker:sleep` */
  ready(label: string, resume: () => void): void;
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
};

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
