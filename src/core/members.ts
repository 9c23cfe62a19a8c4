/**
 * Who is alive in a scope: its tasks, for which it waits, and its lodgers (daemons, flows and blocks that were opened inside), which are
 * stopped when the tasks have ended.
 *
 * @module
 */
import { Wait } from './wait.ts';
import { WaitQueue } from './wait-queue.ts';

/** The books of one scope. */
export class Members {
  readonly #stopLodgers: () => void;
  #tasks = 0;
  #lodgers = 0;
  #isLeft = false;
  #idle: WaitQueue<void> | undefined;
  #empty: (() => void) | undefined;

  /** @param stopLodgers called when the scope is to end and only lodgers are alive */
  constructor(stopLodgers: () => void) {
    this.#stopLodgers = stopLodgers;
  }

  enter(isLodger: boolean): void {
    if (isLodger) this.#lodgers++;
    else this.#tasks++;
  }

  leave(isLodger: boolean): void {
    if (isLodger) this.#lodgers--;
    else this.#tasks--;
    this.#progress();
  }

  /** Whether a task is at work that is to be waited for. */
  get areTasksAlive(): boolean {
    return this.#tasks > 0;
  }

  /** Those who are alive are not waited for any more. */
  abandon(): void {
    this.#isLeft = true;
    this.#progress();
  }

  /** Waits until no task is at work. */
  idle(name: string): Promise<void> {
    const wait = new Wait<void>(`idle of ${name}`);
    if (wait.settled) return wait.promise;
    if (this.#tasks === 0) {
      wait.ok();
    } else {
      this.#idle ??= new WaitQueue();
      this.#idle.push(wait);
    }
    return wait.promise;
  }

  /** A promise of the moment in which nobody is alive any more; the lodgers are stopped on the way. Undefined where that is now. */
  leaving(): Promise<void> | undefined {
    if (this.#isLeft || this.#tasks + this.#lodgers === 0) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#empty = resolve;
    this.#progress();
    return promise;
  }

  #progress(): void {
    if (this.#tasks === 0) this.#idle?.giveAll();
    if (this.#empty === undefined) return;
    if (this.#isLeft || this.#tasks + this.#lodgers === 0) {
      this.#empty();
      this.#empty = undefined;
    } else if (this.#tasks === 0) {
      this.#stopLodgers();
    }
  }
}
