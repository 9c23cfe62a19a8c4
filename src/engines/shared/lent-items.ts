/**
 * A seat at a shared source that is lent.
 *
 * @module
 */
import { requireInteger } from '../../core/arguments.ts';
import { kernel } from '../../core/kernel.ts';
import { currentToken } from '../../core/token.ts';
import { Wait } from '../../core/wait.ts';
import { Entry } from '../../sync/entry.ts';
import type { Batch, Lent as LentBatch } from '../../sync/items-hub.ts';
import type { DirectSeat } from '../../sync/items-seat.ts';
import type { Lent, Operation } from './lent.ts';

/**
 * Gives batches to one copy elsewhere, and knows what of the last one may still come back. Items that have left are never given to
 * another copy unless this one says that it has not begun them: of a copy that died they are reported.
 */
export class LentItems implements Lent, LentBatch {
  readonly object: DirectSeat<unknown>;
  readonly #notify: (what: unknown) => void;
  #batch: readonly unknown[] = [];
  /** Batches that were given, the last one being this. */
  #number = 0;
  /** Of the last batch, as far as the worker has said. */
  #begun = 0;
  #taken = 0;
  #finished = false;
  since = 0;

  readonly asks: Readonly<Record<string, Operation<never>>> = {
    more: { run: (_, [size]) => this.#more(size as number) },
  };

  constructor(seat: DirectSeat<unknown>, notify: (what: unknown) => void) {
    this.object = seat;
    this.#notify = notify;
  }

  /** To ask for more says that all before are finished. */
  #more(size: number): Promise<Batch<unknown>> {
    requireInteger(size, 'size', 1);
    const { hub } = this.object;
    this.#batch = [];
    this.#begun = 0;
    hub.settle(this);
    this.#report();
    const wait = new Wait<Batch<unknown>>('items for a worker');
    if (wait.settled) return wait.promise;
    const entry = new Entry<Batch<unknown>>(
      currentToken(),
      (batch) => {
        this.#take(batch);
        wait.ok(batch);
      },
      (error) => wait.fail(error),
    );
    entry.ask = size;
    wait.undo = () => entry.queue?.remove(entry);
    hub.enter(entry);
    return wait.promise;
  }

  #take(batch: Batch<unknown>): void {
    this.#batch = batch;
    this.#taken += batch.length;
    this.#number++;
    this.since = kernel.clock.now();
    if (batch.length > 1) this.object.hub.lend(this);
    this.#report();
  }

  recall(): void {
    this.#notify('recall');
  }

  /**
   * `returned` or `finished`: of batch `number` so many were begun, and so many from its end come back. `finished` is said once, when the body has
   * ended: a batch that was given later never reached it.
   */
  tell(method: string, args: readonly unknown[]): void {
    const [number, begun, count] = args as [number, number, number];
    for (const each of [number, begun, count]) requireInteger(each, `what is ${method}`, 0);
    const { hub } = this.object;
    if (method === 'finished') this.#finished = true;
    const unseen = this.#finished && number < this.#number;
    if (unseen || number === this.#number) {
      const kept = unseen ? 0 : this.#batch.length - count;
      const back = this.#batch.slice(kept);
      this.#batch = this.#batch.slice(0, kept);
      this.#taken -= back.length;
      this.#begun = unseen ? 0 : begun;
      this.#report();
      if (this.#finished || this.#begun >= this.#batch.length) hub.giveBackLast(back, this);
      else hub.giveBack(back, this);
    } else hub.giveBack([], this);
  }

  /** What is in hand: everything that may have been begun, but not what was finished for certain. */
  #report(): void {
    this.object.report(this.#taken, this.#batch.slice(Math.max(0, this.#begun - 1)));
  }

  end(): void {
    this.object.hub.settle(this);
  }
}
