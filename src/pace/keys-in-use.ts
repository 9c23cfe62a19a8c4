/**
 * Something for each key. Keys that are not in use any more are dropped as others are used, a few at each call: that takes no
 * timer, and no call has to drop all of them.
 *
 * @module
 */

/** How many keys one call looks at: it adds one at most, so idle ones do not pile up. */
const LOOKS_A_CALL = 8;

/** What a look finds: it can be dropped; it is used without being asked for; or it was used lately, as all that were used later were. */
export type Use = 'idle' | 'busy' | 'lately';

/** A key in the order of use. */
interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
  older: Entry<K, V> | undefined;
  newer: Entry<K, V> | undefined;
}

/** What belongs to the keys in use. */
export class KeysInUse<K, V> {
  readonly #make: (key: K) => V;
  readonly #use: (value: V) => Use;
  readonly #entries = new Map<K, Entry<K, V>>();
  #oldest: Entry<K, V> | undefined;
  #newest: Entry<K, V> | undefined;

  /** @param use looks at one that was not asked for longer than all others */
  constructor(make: (key: K) => V, use: (value: V) => Use) {
    this.#make = make;
    this.#use = use;
  }

  /** What belongs to a key. */
  get(key: K): V {
    const entry = this.#entries.get(key) ?? this.#add(key);
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#append(entry);
    }
    this.#drop(LOOKS_A_CALL, entry);
    return entry.value;
  }

  /** Keys that are kept. */
  get count(): number {
    return this.#entries.size;
  }

  /** Keys in use. */
  get size(): number {
    this.#drop(this.#entries.size);
    return this.#entries.size;
  }

  *[Symbol.iterator](): Generator<V, void, undefined> {
    for (const { value } of this.#entries.values()) yield value;
  }

  #add(key: K): Entry<K, V> {
    const value = this.#make(key);
    const entry: Entry<K, V> = { key, value, older: undefined, newer: undefined };
    this.#entries.set(key, entry);
    this.#append(entry);
    return entry;
  }

  /** A busy one goes to the end of the order: it must not keep those behind it from being dropped. */
  #drop(looks: number, spared?: Entry<K, V>): void {
    for (let look = 0; look < looks; look++) {
      const oldest = this.#oldest;
      if (oldest === undefined || oldest === spared) return;
      const use = this.#use(oldest.value);
      if (use === 'lately') return;
      this.#unlink(oldest);
      if (use === 'busy') this.#append(oldest);
      else this.#entries.delete(oldest.key);
    }
  }

  #append(entry: Entry<K, V>): void {
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry<K, V>): void {
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    entry.older = undefined;
    entry.newer = undefined;
  }
}
