/**
 * A line for each key. Keys that are not in use any more are dropped as others are used, a few at each call: that takes no
 * timer, and no call has to drop all of them.
 *
 * @module
 */
import type { PacedLine } from './paced-line.ts';

/** How many keys one call looks at: it adds one at most, so idle ones do not pile up. */
const LOOKS_A_CALL = 8;

/** A key in the order of use. */
interface Entry {
  readonly key: unknown;
  readonly line: PacedLine;
  older: Entry | undefined;
  newer: Entry | undefined;
}

/** The lines of all keys in use. */
export class KeyedLines {
  readonly #make: () => PacedLine;
  readonly #entries = new Map<unknown, Entry>();
  #oldest: Entry | undefined;
  #newest: Entry | undefined;

  constructor(make: () => PacedLine) {
    this.#make = make;
  }

  /** The line of a key. */
  get(key: unknown): PacedLine {
    const entry = this.#entries.get(key) ?? this.#add(key);
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#append(entry);
    }
    this.#drop(LOOKS_A_CALL, entry);
    return entry.line;
  }

  /** Keys in use: somebody waits, or a start is still remembered. */
  get size(): number {
    this.#drop(this.#entries.size);
    return this.#entries.size;
  }

  *[Symbol.iterator](): Generator<PacedLine, void, undefined> {
    for (const { line } of this.#entries.values()) yield line;
  }

  #add(key: unknown): Entry {
    const entry: Entry = { key, line: this.#make(), older: undefined, newer: undefined };
    this.#entries.set(key, entry);
    this.#append(entry);
    return entry;
  }

  /**
   * Looks at those that were not used for longest. One where somebody waits goes to the end of the order: it must not keep those behind
   * it from being dropped.
   */
  #drop(looks: number, spared?: Entry): void {
    for (let look = 0; look < looks; look++) {
      const oldest = this.#oldest;
      if (oldest === undefined || oldest === spared) return;
      const waits = oldest.line.length > 0;
      if (!waits && !oldest.line.idle) return;
      this.#unlink(oldest);
      if (waits) this.#append(oldest);
      else this.#entries.delete(oldest.key);
    }
  }

  #append(entry: Entry): void {
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry): void {
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    entry.older = undefined;
    entry.newer = undefined;
  }
}
