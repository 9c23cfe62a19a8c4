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

/** A place in the order of use, which is a ring. */
class Place {
  older: Place = this;
  newer: Place = this;

  unlink(): void {
    this.older.newer = this.newer;
    this.newer.older = this.older;
  }

  insertBefore(newer: Place): void {
    this.older = newer.older;
    this.newer = newer;
    this.older.newer = this;
    newer.older = this;
  }
}

/** A key. */
class Entry<K, V> extends Place {
  readonly key: K;
  readonly value: V;

  constructor(key: K, value: V) {
    super();
    this.key = key;
    this.value = value;
  }
}

/** What belongs to the keys in use. */
export class KeysInUse<K, V> {
  readonly #make: (key: K) => V;
  readonly #use: (value: V) => Use;
  readonly #entries = new Map<K, Entry<K, V>>();
  /** Between the newest and the oldest. */
  readonly #ends = new Place();

  /** @param use looks at one that was not asked for longer than all others */
  constructor(make: (key: K) => V, use: (value: V) => Use) {
    this.#make = make;
    this.#use = use;
  }

  /** What belongs to a key. */
  get(key: K): V {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = new Entry(key, this.#make(key));
      this.#entries.set(key, entry);
    }
    if (entry !== this.#ends.older) {
      entry.unlink();
      entry.insertBefore(this.#ends);
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

  /** A busy one goes to the end of the order: it must not keep those behind it from being dropped. */
  #drop(looks: number, spared?: Entry<K, V>): void {
    for (let look = 0; look < looks; look++) {
      const oldest = this.#ends.newer;
      if (oldest === spared || !(oldest instanceof Entry)) return;
      const use = this.#use(oldest.value);
      if (use === 'lately') return;
      oldest.unlink();
      if (use === 'busy') oldest.insertBefore(this.#ends);
      else this.#entries.delete(oldest.key);
    }
  }
}
