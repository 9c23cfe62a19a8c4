/**
 * Locks, events and the like, as small as can be, made of `Wait` and `touch` as those of `src/sync` are: what the tests of the explorer explore.
 *
 * @module
 */
import { kernel, touch } from '../../src/core/kernel.ts';
import { Wait } from '../../src/core/wait.ts';
import { WaitQueue } from '../../src/core/wait-queue.ts';

/** A fair lock: whoever releases hands it over. */
export class TestLock {
  held = false;
  readonly waiting: WaitQueue<void> = new WaitQueue();

  acquire(): Promise<void> {
    touch(this);
    const wait = new Wait<void>('lock');
    if (wait.settled) return wait.promise;
    wait.undo = () => touch(this);
    if (this.held) {
      this.waiting.push(wait);
    } else {
      this.held = true;
      wait.ok();
    }
    return wait.promise;
  }

  release(): void {
    touch(this);
    const next = this.waiting.shift();
    if (next === undefined) this.held = false;
    else next.give();
  }
}

/** A lock that loses its grant when whoever was to get it is cancelled between the hand-over and its next step. */
export class LeakyLock extends TestLock {
  override async acquire(): Promise<void> {
    await super.acquire();
    await passOn();
  }
}

/** Something shared that every use leaves a mark on; each use ends a step. */
export class Cell {
  readonly marks: string[] = [];

  use(mark: string): Promise<void> {
    touch(this);
    this.marks.push(mark);
    return passOn();
  }
}

/** A flag to wait for. */
export class TestEvent {
  isSet = false;
  readonly #waiting: WaitQueue<void> = new WaitQueue();

  set(): void {
    touch(this);
    this.isSet = true;
    this.#waiting.giveAll();
  }

  fired(): Promise<void> {
    touch(this);
    const wait = new Wait<void>('event');
    if (wait.settled) return wait.promise;
    if (this.isSet) wait.ok();
    else this.#waiting.push(wait);
    return wait.promise;
  }
}

/** Ends the step and is ready at once; touches nothing. */
export function passOn(label = 'pass on'): Promise<void> {
  const wait = new Wait<void>(label);
  if (!wait.settled) wait.ok();
  return wait.promise;
}

/** What a select does when several ways are open. */
export function chooseOne(count: number): number {
  return kernel.scheduler?.choose(count) ?? 0;
}
