/**
 * The API of p-queue 9 as far as its users call it, made of skein's limiter: no events, no queue classes, no ids.
 *
 * @module
 */
import { type CallableLimiter, limiter, RateLimiter, type Thunk } from 'skein';

interface Options {
  readonly concurrency?: number;
  readonly autoStart?: boolean;
  readonly timeout?: number;
  readonly interval?: number;
  readonly intervalCap?: number;
  readonly strict?: boolean;
}

interface AddOptions {
  readonly priority?: number;
  readonly signal?: AbortSignal;
  readonly timeout?: number;
}

/** `new PQueue({ concurrency: 2 })`. */
export default class PQueue {
  readonly #limit: CallableLimiter;

  constructor({ concurrency, timeout, interval = 0, intervalCap, autoStart }: Options = {}) {
    const limited =
      interval > 0 && intervalCap !== undefined && intervalCap < Number.POSITIVE_INFINITY;
    const rate = limited
      ? new RateLimiter({ maxCalls: intervalCap as number, period: interval })
      : undefined;
    this.#limit = limiter({ concurrency, timeout, rate });
    if (autoStart === false) this.#limit.pause();
  }

  add<R>(fn: Thunk<R>, options?: AddOptions): Promise<R> {
    return this.#limit.run(fn, options);
  }

  addAll<R>(fns: readonly Thunk<R>[], options?: AddOptions): Promise<R[]> {
    return Promise.all(fns.map((fn) => this.add(fn, options)));
  }

  start(): this {
    this.#limit.resume();
    return this;
  }

  pause(): void {
    this.#limit.pause();
  }

  clear(): void {
    this.#limit.clear();
  }

  onIdle(): Promise<void> {
    return this.#limit.idle();
  }

  get concurrency(): number {
    return this.#limit.concurrency;
  }

  set concurrency(concurrency: number) {
    this.#limit.concurrency = concurrency;
  }

  get size(): number {
    return this.#limit.waiting;
  }

  get pending(): number {
    return this.#limit.active;
  }

  get isPaused(): boolean {
    return this.#limit.stats().paused;
  }
}
