/**
 * The shared memory of `runSync`: counters that wake the side that sleeps, and room for one small result, which saves it a message of
 * 2 µs.
 *
 * @module
 */

const CALLS = 0;
const ANSWERS = 1;
const BEGUN = 2;
const KIND = 3;
const WORDS = 4;

/** Kinds of results that are not sent as a message; 0 is none. */
const NUMBER = 1;
const CONSTANTS: readonly unknown[] = [undefined, null, true, false];
const FIRST_CONSTANT = 2;

/** Stands for no result. */
export const NOTHING: unique symbol = Symbol('nothing');

/** The view of one side. */
export class SyncWords {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #number: Float64Array<SharedArrayBuffer>;

  /** @param memory what the other side has; new when there is none yet */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * WORDS + 8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#number = new Float64Array(memory, 4 * WORDS, 1);
  }

  /** How many calls there have been. */
  get calls(): number {
    return Atomics.load(this.#words, CALLS);
  }

  /** How many answers and last words there have been. */
  get answers(): number {
    return Atomics.load(this.#words, ANSWERS);
  }

  /** Whether all calls have begun. One that had not when its worker ended has not run. */
  get allBegun(): boolean {
    return Atomics.load(this.#words, BEGUN) === this.calls;
  }

  /** Says that there is a call. */
  called(): void {
    Atomics.add(this.#words, CALLS, 1);
    Atomics.notify(this.#words, CALLS);
  }

  /** Says that a call begins. */
  begin(): void {
    Atomics.add(this.#words, BEGUN, 1);
  }

  /** Says that there is an answer. */
  answered(): void {
    Atomics.add(this.#words, ANSWERS, 1);
    Atomics.notify(this.#words, ANSWERS);
  }

  /** Sleeps until there are more calls than `seen`. False when there were none in time. */
  waitForCall(seen: number, ms: number): boolean {
    return Atomics.wait(this.#words, CALLS, seen, ms) !== 'timed-out';
  }

  /** Sleeps until there are more answers than `seen`. False when there were none in time. */
  waitForAnswer(seen: number, ms: number): boolean {
    return Atomics.wait(this.#words, ANSWERS, seen, ms) !== 'timed-out';
  }

  /** Leaves a result here, if it is small enough. */
  put(value: unknown): boolean {
    let kind = NUMBER;
    if (typeof value === 'number') this.#number[0] = value;
    else {
      const constant = CONSTANTS.indexOf(value);
      if (constant < 0) return false;
      kind = FIRST_CONSTANT + constant;
    }
    Atomics.store(this.#words, KIND, kind);
    return true;
  }

  /** Takes the result that is here, or NOTHING. */
  take(): unknown {
    const kind = Atomics.load(this.#words, KIND);
    if (kind === 0) return NOTHING;
    Atomics.store(this.#words, KIND, 0);
    return kind === NUMBER ? this.#number[0] : CONSTANTS[kind - FIRST_CONSTANT];
  }
}
