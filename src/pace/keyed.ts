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
import { KeysInUse, type Use } from './keys-in-use.ts';
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
  readonly #entries: KeysInUse<K, Entry>;

  constructor(make: (key: K) => CallableLimiter, idle: number) {
    this.#entries = new KeysInUse(
      (key): Entry => {
        const limiter = make(key);
        requireFunction(limiter, 'what make gives');
        return { limiter, used: now(), rested: false };
      },
      (entry) => useOf(entry, idle),
    );
  }

  get(key: K): CallableLimiter {
    const entry = this.#entries.get(key);
    entry.rested = false;
    entry.used = now();
    return entry.limiter;
  }

  get size(): number {
    return this.#entries.size;
  }

  static {
    show(Keyed.prototype, (keyed) => ({ what: 'limiters by key', keys: keyed.#entries.count }));
  }
}

/** Only the second look in a row that finds it with nothing to do tells that it has been so for long. */
function useOf(entry: Entry, idle: number): Use {
  if (now() - entry.used < idle) return 'lately';
  const { active, waiting } = entry.limiter;
  const rests = active + waiting === 0;
  if (rests && entry.rested) return 'idle';
  entry.rested = rests;
  entry.used = now();
  return 'busy';
}
