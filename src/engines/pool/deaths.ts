/**
 * Counts the workers of one pool that die before they come to work: a pool that goes on trying would start workers for ever. The count is
 * of deaths in a row: it begins anew when a worker has lived to do what the others died before.
 *
 * @module
 */
import type { WorkerEnd } from './link.ts';
import type { Route } from './route.ts';

/** So many such deaths in a row are hopeless. */
const HOPELESS = 3;

/** One that is killed from outside counts as so much of a death: it says little of the next one. */
const KILLED = 0.03;

/** Signals that a process gets for what it did itself. `SIGABRT` is how V8 ends where it has no memory left. */
const OWN_SIGNALS: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
]);

/** The deaths of one pool. Each method that counts one gives whether it is hopeless; the next one of the kind is so, too. */
export class Deaths {
  /** Of workers that have not begun anything. */
  #idle = 0;
  /** Of workers that were loading a function. */
  readonly #loading = new WeakMap<Route, number>();
  /** Nothing has been counted that is not forgotten. */
  #isNone = true;

  /** A worker has loaded this function: what was before is no row any more. */
  lived(route: Route): void {
    if (this.#isNone) return;
    this.#idle = 0;
    this.#loading.delete(route);
  }

  /** A worker died that had begun nothing. */
  beforeWork(end: WorkerEnd): boolean {
    this.#isNone = false;
    this.#idle += weightOf(end);
    const isHopeless = this.#idle >= HOPELESS;
    if (isHopeless) this.#idle = HOPELESS - 1;
    return isHopeless;
  }

  /** A worker died while it loaded this function. */
  whileLoading(route: Route, end: WorkerEnd): boolean {
    this.#isNone = false;
    const count = (this.#loading.get(route) ?? 0) + weightOf(end);
    const isHopeless = count >= HOPELESS;
    this.#loading.set(route, isHopeless ? HOPELESS - 1 : count);
    return isHopeless;
  }
}

function weightOf({ killedBy }: WorkerEnd): number {
  return killedBy === undefined || OWN_SIGNALS.has(killedBy) ? 1 : KILLED;
}
