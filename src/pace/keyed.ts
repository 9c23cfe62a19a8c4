/**
 * One limiter a key: a user, a host, a tenant. Keys that are not asked for any more are forgotten.
 *
 * @module
 */

import { requireFunction } from '../core/arguments.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';
import { now } from '../core/kernel.ts';
import { type NamesOf, requireOptions } from '../core/known-options.ts';
import { show } from '../core/shown.ts';
import type { CallableLimiter } from './limiter.ts';

/** Limiters by key; made by `keyed`. */
export interface KeyedLimiters<K> {
  /** The limiter of a key, made at its first use. Ask for it at each call: an idle one may be replaced. */
  get(key: K): CallableLimiter;
  /** How many keys there are, without those that have been idle for too long. */
  readonly size: number;
}

interface Entry {
  readonly limiter: CallableLimiter;
  /** When it was last asked for, or looked at. */
  used: number;
  /** Whether it had nothing to do at the last look, and nobody has asked for it since. */
  rested: boolean;
}

/**
 * Makes a limiter for each key. One that had nothing at work and nobody waiting for `idle`, twice that at most, and that nobody asked for
 * meanwhile, is forgotten: this is seen when other keys are asked for, so there is no timer and nothing keeps the process alive. Ask for
 * it at each call; who keeps one uses it unseen.
 *
 * @param make gets the key
 * @param options.idle default one minute. With a rate give its period at least: a new limiter does not know of earlier starts.
 *
 * @example
 * ```ts
 * import { keyed, limiter } from 'skein';
 * import assert from 'node:assert/strict';
 *
 * const hosts = keyed((host: string) => limiter({ concurrency: 2, name: host }), { idle: '5m' });
 * const load = (url: URL) => hosts.get(url.host)(async () => url.pathname);
 * assert.equal(await load(new URL('https://example.org/a')), '/a');
 * assert.equal(hosts.size, 1);
 * ```
 */
export function keyed<K>(
  make: (key: K) => CallableLimiter,
  options: { readonly idle?: Duration | undefined } = {},
): KeyedLimiters<K> {
  requireFunction(make, 'make');
  requireOptions(options, KEYED_NAMES, 'keyed');
  const { idle = '1m' } = options;
  return new Keyed(make, toMilliseconds(idle, 'idle'));
}

const KEYED_NAMES: NamesOf<Parameters<typeof keyed>[1]> = { idle: true };

class Keyed<K> implements KeyedLimiters<K> {
  readonly #make: (key: K) => CallableLimiter;
  readonly #idle: number;
  /** In the order of their last use. */
  readonly #entries = new Map<K, Entry>();

  constructor(make: (key: K) => CallableLimiter, idle: number) {
    this.#make = make;
    this.#idle = idle;
  }

  get(key: K): CallableLimiter {
    const found = this.#entries.get(key);
    // Two looks for each key that may be added: the number of idle ones falls.
    if (this.#forgetOne()) this.#forgetOne();
    const kept = found ?? { limiter: this.#made(key), used: 0, rested: false };
    kept.rested = false;
    this.#touch(key, kept);
    return kept.limiter;
  }

  #made(key: K): CallableLimiter {
    const limiter = this.#make(key);
    requireFunction(limiter, 'what make gives');
    return limiter;
  }

  #touch(key: K, entry: Entry): void {
    entry.used = now();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  /** Looks at the key that was used longest ago; false when it was used lately, as all others then were. */
  #forgetOne(): boolean {
    for (const [key, entry] of this.#entries) {
      if (now() - entry.used < this.#idle) return false;
      const { active, waiting } = entry.limiter;
      // Only the second look in a row that finds it idle tells that it has been idle for so long.
      if (active + waiting === 0 && entry.rested) {
        this.#entries.delete(key);
      } else {
        entry.rested = active + waiting === 0;
        this.#touch(key, entry);
      }
      return true;
    }
    return false;
  }

  get size(): number {
    for (let left = this.#entries.size; left > 0 && this.#forgetOne(); left--);
    return this.#entries.size;
  }

  static {
    show(Keyed.prototype, (keyed) => ({ what: 'limiters by key', keys: keyed.#entries.size }));
  }
}
