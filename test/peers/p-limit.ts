/**
 * The API of p-limit 7, made of skein's limiter: so that its own tests can be run against this package (see docs/peers.md), and as an
 * example of moving from it.
 *
 * @module
 */
import { type CallableLimiter, type LimiterOptions, limiter, map } from 'skein';

type AnyFunction = (...args: unknown[]) => unknown;

/** What p-limit gives. */
export interface PLimit {
  <A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  readonly activeCount: number;
  readonly pendingCount: number;
  concurrency: number;
  clearQueue(): void;
  map<T, R>(source: Iterable<T>, fn: (item: T, index: number) => R): Promise<Awaited<R>[]>;
}

/** `pLimit(5)`, `pLimit({ concurrency: 5 })`. */
export default function pLimit(
  options: number | (LimiterOptions & { rejectOnClear?: boolean }),
): PLimit {
  const limit: CallableLimiter = limiter(options);
  // Without the context, which is a further argument.
  const bare = (fn: AnyFunction, ...args: unknown[]) => limit(() => fn(...args));
  const properties = {
    activeCount: { get: () => limit.active },
    concurrency: {
      get: () => limit.concurrency,
      set: (concurrency: number) => {
        limit.concurrency = concurrency;
      },
    },
    pendingCount: { get: () => limit.waiting },
    clearQueue: { value: () => void limit.clear() },
    map: {
      value: <T>(source: Iterable<T>, fn: (item: T, index: number) => unknown) =>
        map(source, (item: T, { index }) => fn(item, index), { concurrency: limit }),
    },
  };
  return Object.defineProperties(bare, properties) as unknown as PLimit;
}

/** A function that is limited by itself. */
export function limitFunction<F extends AnyFunction>(
  fn: F,
  options: LimiterOptions,
): ((...args: Parameters<F>) => Promise<unknown>) & { clearQueue(): void } {
  const limit = pLimit(options);
  const limited = (...args: Parameters<F>) => limit(() => fn(...args));
  return Object.assign(limited, { clearQueue: limit.clearQueue });
}
