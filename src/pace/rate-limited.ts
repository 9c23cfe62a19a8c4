/**
 * The rate limiter as a wrapper of functions.
 *
 * @module
 */
import { RateLimiter, type RateOptions } from './rate-limiter.ts';

/**
 * Limits how often a function is called. All functions that one `rateLimited(options)` wraps share its rate; with `key`, each key of
 * their arguments has a rate of its own. Otherwise as `RateLimiter`.
 *
 * @throws RangeError when an option is out of its bounds
 *
 * @example
 * ```ts
 * import { rateLimited } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const limited = rateLimited({ maxCalls: 100, period: '1s', key: (host: string) => host });
 * const look = limited((host: string, path: string) => `${host}/${path}`);
 * assert.equal(await look('example.org', 'index.html'), 'example.org/index.html');
 * ```
 */
export function rateLimited<K extends readonly unknown[]>(
  options: RateOptions<K>,
): <A extends [...K, ...unknown[]], R>(
  fn: (...args: A) => R,
) => (...args: A) => Promise<Awaited<R>> {
  const limiter = new RateLimiter(options);
  return (fn) => limiter.wrap(fn);
}
