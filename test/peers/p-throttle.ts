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

/** `pThrottle({ limit, interval })(fn)`. An abort empties the line and forgets the starts; the function can still be called. */
export default function pThrottle({
  limit,
  interval,
  signal,
  onDelay,
}: Options): <A extends unknown[], R>(fn: (...args: A) => R) => Throttled<A, R> {
  signal?.throwIfAborted();
  let controller = new AbortController();
  const make = () =>
    new RateLimiter({ maxCalls: limit, period: interval, signal: controller.signal });
  let rate = make();
  signal?.addEventListener('abort', () => {
    const ended = controller;
    controller = new AbortController();
    rate = make();
    ended.abort(signal.reason);
  });
  return <A extends unknown[], R>(fn: (...args: A) => R) => {
    const throttled = async function (this: unknown, ...args: A): Promise<Awaited<R>> {
      const call = async (): Promise<Awaited<R>> => await fn.apply(this, args);
      if (!throttled.isEnabled) return call();
      const { waiting } = rate;
      const result = rate.run(call);
      try {
        if (rate.waiting > waiting) onDelay?.(...args);
      } catch {
        // p-throttle ignores it too.
      }
      return result;
    };
    throttled.isEnabled = true;
    Object.defineProperty(throttled, 'queueSize', { get: () => rate.waiting });
    return throttled as unknown as Throttled<A, R>;
  };
}
