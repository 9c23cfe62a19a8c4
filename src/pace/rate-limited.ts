/**
 * The rate limiter as a wrapper of functions.
 *
 * @module
 */
import type { Wrappable, Wrapped } from '../core/likeness.ts';
import { RateLimiter, type RateOptions } from './rate-limiter.ts';

/**
 * Limits how often a function is called. All functions that one `rateLimited(options)` wraps share its rate; with `key`, each key of
 * their arguments has a rate of its own. A wrapped function has the name, the length and the `this` of its original, which gets its context
 * behind the arguments. Otherwise as `RateLimiter`.
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
): <T, P extends readonly [...K, ...unknown[]], R>(fn: Wrappable<T, P, R>) => Wrapped<T, P, R> {
  const limiter = new RateLimiter(options);
  return (fn) => limiter.wrap(fn);
}
