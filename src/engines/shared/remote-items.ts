/**
 * A copy's seat at a source that lives elsewhere.
 *
 * @module
 */
import { currentToken } from '../../core/token.ts';
import { Wait } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait-queue.ts';
import { monotonicNow } from '../../runtime/runtime.ts';
import type { Borrower } from './borrower.ts';

const END: IteratorResult<never> = { value: undefined, done: true };

/** A batch is to last so long. */
const TARGET_MS = 0.5;
/** A body may slow down: batches grow by this factor at most. */
const GROWTH = 4;
const LARGEST = 4096;

/**
 * Takes batches whose size follows how fast they are used up. What has not been begun is given back when it is called back, when the loop is left
 * and when the body ends.
 */
export class RemoteItems<T> implements AsyncIterableIterator<T> {
  readonly #borrower: Borrower;
  readonly #id: number;
  readonly #line = new WaitQueue<IteratorResult<T>>();
  #batch: T[] = [];
  #begun = 0;
  /** Batches that came. */
  #number = 0;
  #size = 1;
  #since = 0;
  #question: number | undefined;
  #ended = false;

  constructor(borrower: Borrower, id: number) {
    this.#borrower = borrower;
    this.#id = id;
    borrower.listen(id, {
      event: () => this.#giveBack('returned', Math.ceil(this.#rest / 2)),
      finish: () => this.#giveBack('finished', this.#rest),
    });
  }

  get #rest(): number {
    return this.#batch.length - this.#begun;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    const token = currentToken();
    if (
      this.#begun < this.#batch.length &&
      token.effective === undefined &&
      this.#borrower.isOpen
    ) {
      return Promise.resolve({ value: this.#batch[this.#begun++] as T, done: false });
    }
    const wait = new Wait<IteratorResult<T>>('item of a shared source', token);
    if (wait.settled) return wait.promise;
    try {
      this.#borrower.requireOpen('take an item of a shared source');
      if (this.#ended) wait.ok(END);
      else {
        wait.undo = () => this.#left();
        this.#line.push(wait);
        this.#ask();
      }
    } catch (error) {
      this.#line.remove(wait);
      wait.fail(error);
    }
    return wait.promise;
  }

  #ask(): void {
    if (this.#question !== undefined) return;
    this.#adapt();
    const size = Math.max(this.#size, this.#line.length);
    this.#question = this.#borrower.pose(this.#id, 'more', [size], {
      given: (batch) => this.#came(batch as T[]),
      failed: (error) => {
        this.#question = undefined;
        this.#line.refuseAll(error);
      },
      withdrew: () => {
        this.#question = undefined;
        if (this.#line.first !== undefined) this.#ask();
      },
    });
  }

  /** A batch has been used up: the next one is as large as lasts for the target. */
  #adapt(): void {
    if (this.#batch.length === 0) return;
    const each = (monotonicNow() - this.#since) / this.#batch.length;
    const fitting = Math.round(TARGET_MS / Math.max(each, TARGET_MS / LARGEST));
    this.#size = Math.max(1, Math.min(fitting, this.#size * GROWTH, LARGEST));
  }

  #came(batch: T[]): void {
    this.#question = undefined;
    this.#number++;
    this.#batch = batch;
    this.#begun = 0;
    this.#since = monotonicNow();
    if (batch.length === 0) {
      this.#ended = true;
      this.#line.giveAll(END);
      return;
    }
    if (this.#line.first === undefined) {
      this.#giveBack('returned', batch.length);
      return;
    }
    while (this.#rest > 0) {
      const first = this.#line.shift();
      if (first === undefined) return;
      first.give({ value: batch[this.#begun++] as T, done: false });
    }
    if (this.#line.first !== undefined) this.#ask();
  }

  /** A wait was cancelled: without another one nothing is wanted. */
  #left(): void {
    if (this.#line.first !== undefined || this.#question === undefined) return;
    this.#borrower.takeBack(this.#question, false);
  }

  #giveBack(how: 'returned' | 'finished', count: number): void {
    this.#batch.length -= count;
    this.#borrower.tell(this.#id, how, [this.#number, this.#begun, count]);
  }

  async return(): Promise<IteratorResult<T>> {
    if (this.#rest > 0) this.#giveBack('returned', this.#rest);
    this.#line.giveAll(END);
    this.#left();
    return END;
  }
}
