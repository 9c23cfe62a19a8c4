/**
 * Which calls a child has started, as it noted before each of them: in the ledger, or where it has none by a message.
 *
 * @module
 */
import { monotonicNow } from '../../runtime/runtime.ts';
import { forged } from '../pool/forged.ts';
import type { Fate } from '../pool/link.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { LOADING } from './protocol.ts';

/** Milliseconds after which calls that started together, and should take much less, are taken to be stuck. */
const LONGEST_STRIDE = 100;

/** The starts of one child. */
export class Starts {
  readonly #ledger: Ledger | undefined;
  /** What it said, where it has no ledger; at the end, what the ledger said. */
  #said: LedgerEntry | undefined;
  /** All calls before this number have ended, or were never to start. */
  #ended = 0;

  constructor(ledger: Ledger | undefined) {
    this.#ledger = ledger;
  }

  /** Whether they are in a ledger, which says what is so now. */
  get areNoted(): boolean {
    return this.#ledger !== undefined && this.#said === undefined;
  }

  /**
   * The child can take calls.
   *
   * @param hasLedger whether it writes to the ledger
   */
  begin(hasLedger: boolean): void {
    if (!hasLedger) this.#said = { from: 0, to: 0, at: 0 };
  }

  /** Takes in what a child without a ledger says. */
  began(from: unknown, to: unknown, at: unknown): void {
    const last = this.#said;
    if (last === undefined) throw forged('in a message what it notes in its ledger');
    if (!isCount(from) || !isCount(to) || from > to || to < last.to || !isTime(at)) {
      throw forged('a start of no calls');
    }
    this.#said = { from, to, at };
  }

  /** All calls before this number have ended. */
  ended(to: number): void {
    if (to > this.#ended) this.#ended = to;
  }

  /** What may be at work, or was last; undefined where what is noted was not noted by the child: a body can write to the ledger. */
  get last(): LedgerEntry | undefined {
    const entry = this.#said ?? this.#ledger?.read();
    // An old entry may have been written again.
    return entry !== undefined && entry.to < this.#ended ? undefined : entry;
  }

  /** What became of a call of a child that is gone. Where nobody can tell, it may have started. */
  fate(seq: number): Fate {
    const { last } = this;
    if (last === undefined) return 'unknown';
    const { from, to, at } = last;
    if (seq >= to) return 'unstarted';
    if (seq < from) return 'unsent';
    if (at === LOADING) return 'unloaded';
    return to - from === 1 ? 'running' : 'unknown';
  }

  /** Nothing is noted any more. */
  close(): void {
    this.#said = this.last;
    this.#ledger?.close();
  }
}

/** When a call started; undefined while it has not. */
export function startOf(seq: number, { from, to, at }: LedgerEntry): number | undefined {
  return seq >= from && seq < to && at > 0 ? at : undefined;
}

/** Whether a call is certainly at work. */
export function isAtWork(seq: number, { from, to, at }: LedgerEntry): boolean {
  if (seq < from || seq >= to) return false;
  // Tiny calls that started together have ended at once, or one of them does not end: then it may be any.
  return to - from === 1 || monotonicNow() - at > LONGEST_STRIDE;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return value === LOADING || (Number.isFinite(value) && (value as number) >= 0);
}
