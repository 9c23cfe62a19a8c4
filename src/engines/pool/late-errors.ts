/**
 * Tells the process and whoever listens of what failed in the workers of a pool when no call was there to be told.
 *
 * @module
 */
import { warn } from '../../runtime/runtime.ts';
import { LateError, type Lateness } from './late-error.ts';
import type { WorkerEnd } from './link.ts';
import { Listeners } from './listeners.ts';
import type { PoolCall } from './pool-call.ts';
import type { PoolWorker } from './pool-worker.ts';

/** So often the process is warned of one function: a flood says no more than its beginning. */
const MOST_WARNINGS = 3;

/** So many functions are counted. */
const MOST_FUNCTIONS = 1000;

/** Longer stacks are cut. */
const LONGEST_DETAIL = 2000;

class LateWarning extends Error {
  override readonly name = 'SkeinWarning';
  readonly code = 'SKEIN_LATE_ERROR';
  /** Printed below the message. */
  readonly detail: string;

  constructor({ message, cause }: LateError, isLast: boolean) {
    super(isLast ? `${message} (no more warnings of this function follow)` : message, { cause });
    this.detail = cause instanceof Error ? String(cause.stack).slice(0, LONGEST_DETAIL) : '';
  }
}

/** The late errors of one engine. */
export class LateErrors {
  readonly #engine: string;
  readonly #warned = new Map<string, number>();
  readonly listeners: Listeners = new Listeners();

  /** @param engine its name */
  constructor(engine: string) {
    this.#engine = engine;
  }

  /** A worker has said so; a body of this function began it. */
  said(functionName: string, cause: unknown): void {
    this.#tell({ engine: this.#engine, functionName, isGuess: false, thrown: { cause } });
  }

  /**
   * A worker is gone. What it died of is told where no call is told that: all that it had have ended, or can go elsewhere. One whose function was being loaded
   * is told by the way its next worker fares with that.
   */
  ended(worker: PoolWorker, end: WorkerEnd, pending: readonly PoolCall[]): void {
    const { error, exitCode } = end;
    const isOwnExit = exitCode !== undefined && !worker.retiring;
    if (!worker.isReady || !(error !== undefined || isOwnExit)) return;
    if (pending.some((call) => call.wasMoved || worker.link.fate(call) !== 'unstarted')) return;
    const functionName = worker.lastName;
    const thrown = error === undefined ? undefined : { cause: error };
    this.#tell({ engine: this.#engine, functionName, isGuess: true, thrown, exitCode });
  }

  #tell(lateness: Lateness): void {
    const error = new LateError(lateness);
    const name = lateness.functionName ?? '';
    const count = (this.#warned.get(name) ?? 0) + 1;
    if (this.#warned.size >= MOST_FUNCTIONS) this.#warned.clear();
    this.#warned.set(name, count);
    if (count <= MOST_WARNINGS) warn(new LateWarning(error, count === MOST_WARNINGS));
    this.listeners.tell(error);
  }
}
