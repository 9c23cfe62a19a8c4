/**
 * When a pool gives calls to its workers. To pack a call runs what the user has put into its arguments, as getters, and that may come back
 * to the pool: it may submit, cancel, dispose. What it asks for waits until the calls are given that are being given now.
 *
 * @module
 */
import type { PoolCall } from './pool-call.ts';
import type { PoolWorker } from './pool-worker.ts';

/** In one turn, so many calls are submitted before the first of them leave. */
const EAGER = 256;

/** The turn of one pool. */
export class Turn {
  readonly #pump: () => void;
  #isDue = false;
  #submitted = 0;
  #isGiving = false;
  #packed: PoolCall | undefined;

  /** @param pump gives calls to workers; at the end of a turn, and in the middle of a long one */
  constructor(pump: () => void) {
    this.#pump = pump;
  }

  /** A call has been submitted that waits for the end of the turn. */
  submitted(): void {
    if (!this.#isDue) this.endSoon();
    else if ((++this.#submitted & (EAGER - 1)) === 0) this.#pump();
  }

  /** Has the pool look at its queue at the end of the turn. */
  endSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(this.#end);
  }

  readonly #end = (): void => {
    this.#isDue = false;
    this.#submitted = 0;
    this.#pump();
  };

  /** Whether calls are being given to workers, so that nobody else may. */
  get isGiving(): boolean {
    return this.#isGiving;
  }

  give(give: () => void): void {
    this.#isGiving = true;
    try {
      give();
    } finally {
      this.#isGiving = false;
    }
  }

  /** The call that is being packed: no worker has it, and it is in no queue. */
  get packed(): PoolCall | undefined {
    return this.#packed;
  }

  /** Writes a call for a worker. Gives why that cannot be. */
  pack(worker: PoolWorker, call: PoolCall): { readonly error: unknown } | undefined {
    this.#packed = call;
    try {
      worker.link.send(call);
      return undefined;
    } catch (error) {
      return { error };
    } finally {
      this.#packed = undefined;
    }
  }
}
