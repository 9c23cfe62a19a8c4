/**
 * Rate limits of ours, by hand and of other packages, each used as its own documentation says and imported only in the child that
 * runs it.
 *
 * @module
 */
import type { Throttle } from './case.ts';

/** Makes a limit of so many starts in so many milliseconds. */
export type MakeThrottle = (maxCalls: number, period: number) => Throttle;

/** Skein's exact rate limiter. */
export async function skein(): Promise<MakeThrottle> {
  const { RateLimiter } = await import('../src/index.ts');
  return (maxCalls, period) => {
    const limiter = new RateLimiter({ maxCalls, period });
    return (fn) => limiter.run(fn);
  };
}

/** Skein's exact rate limiter, one key for all. */
export async function skeinKeyed(): Promise<MakeThrottle> {
  const { RateLimiter } = await import('../src/index.ts');
  return (maxCalls, period) => {
    const limiter = new RateLimiter({ maxCalls, period });
    const bounds = { key: 'key' };
    return (fn) => limiter.run(fn, bounds);
  };
}

/** Skein's token bucket. */
export async function skeinBucket(): Promise<MakeThrottle> {
  const { TokenBucket } = await import('../src/index.ts');
  return (maxCalls, period) => {
    const bucket = new TokenBucket({ rate: (maxCalls * 1000) / period, burst: maxCalls });
    return (fn) => bucket.run(fn);
  };
}

/** A sliding log by hand: checks nothing, loses the context, and cannot be left. */
export async function byHand(): Promise<MakeThrottle> {
  return (maxCalls, period) => {
    const log = new HandLog(maxCalls, period);
    return (fn) => log.run(fn);
  };
}

interface Waiting {
  readonly fn: () => Promise<void>;
  readonly resolve: (value: Promise<void>) => void;
}

class HandLog {
  readonly #stamps: Float64Array;
  readonly #period: number;
  readonly #line: Waiting[] = [];
  #next = 0;
  #served = 0;

  constructor(maxCalls: number, period: number) {
    this.#stamps = new Float64Array(maxCalls).fill(Number.NEGATIVE_INFINITY);
    this.#period = period;
  }

  run(fn: () => Promise<void>): Promise<void> {
    if (this.#line.length === this.#served && this.#take()) return fn();
    return new Promise((resolve) => {
      if (this.#line.push({ fn, resolve }) === this.#served + 1) this.#arm();
    });
  }

  #take(): boolean {
    const now = performance.now();
    if (now - (this.#stamps[this.#next] as number) < this.#period) return false;
    this.#stamps[this.#next] = now;
    this.#next = this.#next + 1 === this.#stamps.length ? 0 : this.#next + 1;
    return true;
  }

  #arm(): void {
    const opens = (this.#stamps[this.#next] as number) + this.#period;
    const drain = (): void => {
      for (let first = this.#line[this.#served]; first !== undefined && this.#take(); ) {
        first.resolve(first.fn());
        first = this.#line[++this.#served];
      }
      if (this.#served < this.#line.length) this.#arm();
    };
    setTimeout(drain, Math.min(2 ** 31 - 1, Math.max(0, Math.ceil(opens - performance.now()))));
  }
}

/** Fixed windows. */
export async function pThrottle(): Promise<MakeThrottle> {
  const { default: throttle } = await import('p-throttle');
  return (limit, interval) => throttle({ limit, interval })((fn: () => Promise<void>) => fn());
}

/** A sliding window. */
export async function pThrottleStrict(): Promise<MakeThrottle> {
  const { default: throttle } = await import('p-throttle');
  return (limit, interval) =>
    throttle({ limit, interval, strict: true })((fn: () => Promise<void>) => fn());
}

/** Fixed windows. */
export async function pQueue(): Promise<MakeThrottle> {
  const { default: Queue } = await import('p-queue');
  return (intervalCap, interval) => {
    const queue = new Queue({ intervalCap, interval });
    return (fn) => queue.add(fn);
  };
}

/** A sliding window. */
export async function pQueueStrict(): Promise<MakeThrottle> {
  const { default: Queue } = await import('p-queue');
  return (intervalCap, interval) => {
    const queue = new Queue({ intervalCap, interval, strict: true });
    return (fn) => queue.add(fn);
  };
}

/** A reservoir that is filled once a period; it takes multiples of 250 ms. */
export async function bottleneck(): Promise<MakeThrottle> {
  const { default: Bottleneck } = await import('bottleneck');
  return (amount, period) => {
    const limiter = new Bottleneck({
      reservoir: amount,
      reservoirRefreshAmount: amount,
      reservoirRefreshInterval: Math.ceil(period / 250) * 250,
    });
    return (fn) => limiter.schedule(fn);
  };
}

/** A token bucket with fixed windows; the caller calls. */
export async function limiter(): Promise<MakeThrottle> {
  const { RateLimiter } = await import('limiter');
  return (tokensPerInterval, interval) => {
    const limit = new RateLimiter({ tokensPerInterval, interval });
    return async (fn) => {
      await limit.removeTokens(1);
      await fn();
    };
  };
}

/** Fixed windows; the caller calls. */
export async function asyncSema(): Promise<MakeThrottle> {
  const { RateLimit } = await import('async-sema');
  return (rps, timeUnit) => {
    const limit = RateLimit(rps, { timeUnit });
    return async (fn) => {
      await limit();
      await fn();
    };
  };
}
