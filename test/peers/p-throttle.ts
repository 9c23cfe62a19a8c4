/**
 * The API of p-throttle 8, made of skein's rate limiter. There is one algorithm, which is exact; `strict` makes no difference.
 *
 * @module
 */
import { RateLimiter } from 'skein';

interface Options {
  readonly limit: number;
  readonly interval: number;
  readonly strict?: boolean;
  readonly signal?: AbortSignal;
  readonly onDelay?: (...args: unknown[]) => void;
}

/** A throttled function. */
export interface Throttled<A extends unknown[], R> {
  (...args: A): Promise<Awaited<R>>;
  isEnabled: boolean;
  readonly queueSize: number;
}

/** `pThrottle({ limit, interval })(fn)`. */
export default function pThrottle({
  limit,
  interval,
  signal,
  onDelay,
}: Options): <A extends unknown[], R>(fn: (...args: A) => R) => Throttled<A, R> {
  signal?.throwIfAborted();
  const rate = new RateLimiter({ maxCalls: limit, period: interval, signal });
  return <A extends unknown[], R>(fn: (...args: A) => R) => {
    const throttled = function (this: unknown, ...args: A): Promise<Awaited<R>> {
      const call = async (): Promise<Awaited<R>> => await fn.apply(this, args);
      if (!throttled.isEnabled) return call();
      const { waiting } = rate;
      const result = rate.run(call);
      if (rate.waiting > waiting) onDelay?.(...args);
      return result;
    };
    throttled.isEnabled = true;
    Object.defineProperty(throttled, 'queueSize', { get: () => rate.waiting });
    return throttled as unknown as Throttled<A, R>;
  };
}
