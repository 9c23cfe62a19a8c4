/**
 * The API of async-mutex 0.5, made of skein's semaphore. Locks have no priorities here.
 *
 * @module
 */
import { type MaybePromise, Semaphore as Permits, type WaitBounds } from 'skein';

/** The error of a request that was cancelled. */
export const E_CANCELED: Error = new Error('request for lock canceled');
/** The error of a request that took too long. */
export const E_TIMEOUT: Error = new Error('timeout while waiting for mutex to become available');
/** The error of a request that would have had to wait. */
export const E_ALREADY_LOCKED: Error = new Error('mutex already locked');

type Releaser = () => void;

/** `new Semaphore(2)`. */
export class Semaphore {
  readonly #permits: Permits;
  readonly #cancelError: Error;
  #controller = new AbortController();

  constructor(value: number, cancelError: Error = E_CANCELED) {
    this.#permits = new Permits(value);
    this.#cancelError = cancelError;
  }

  async acquire(weight = 1, _priority = 0, bounds?: WaitBounds): Promise<[number, Releaser]> {
    const { signal } = this.#controller;
    const value = this.#permits.available;
    try {
      const lease = await this.#permits.acquire(weight, { signal, ...bounds });
      return [Math.max(value, weight), () => lease.release()];
    } catch (error) {
      throw signal.aborted ? this.#cancelError : error;
    }
  }

  async runExclusive<R>(fn: (value: number) => MaybePromise<R>, weight = 1): Promise<R> {
    const [value, release] = await this.acquire(weight);
    try {
      return await fn(value);
    } finally {
      release();
    }
  }

  async waitForUnlock(weight = 1): Promise<void> {
    const [, release] = await this.acquire(weight);
    release();
  }

  isLocked(): boolean {
    return this.#permits.available <= 0;
  }

  getValue(): number {
    return this.#permits.available;
  }

  setValue(value: number): void {
    const { available } = this.#permits;
    if (value > available) this.#permits.release(value - available);
    else while (this.#permits.available > value && this.#permits.tryAcquire() !== undefined);
  }

  release(weight = 1): void {
    this.#permits.release(weight);
  }

  cancel(): void {
    const controller = this.#controller;
    this.#controller = new AbortController();
    controller.abort();
  }
}

/** `new Mutex()`. */
export class Mutex {
  readonly #semaphore: Semaphore;

  constructor(cancelError?: Error) {
    this.#semaphore = new Semaphore(1, cancelError);
  }

  async acquire(): Promise<Releaser> {
    return (await this.#semaphore.acquire())[1];
  }

  runExclusive<R>(fn: () => MaybePromise<R>): Promise<R> {
    return this.#semaphore.runExclusive(() => fn());
  }

  waitForUnlock(): Promise<void> {
    return this.#semaphore.waitForUnlock();
  }

  isLocked(): boolean {
    return this.#semaphore.isLocked();
  }

  release(): void {
    if (this.isLocked()) this.#semaphore.release();
  }

  cancel(): void {
    this.#semaphore.cancel();
  }
}
