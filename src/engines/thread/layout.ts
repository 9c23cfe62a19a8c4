/**
 * The memory that a pool shares with one worker thread: a ring of slots, one a call. The claim word of a slot says what became of the
 * call; whoever changes it from `QUEUED` has it, so that a call which has not started can be taken back, and after a crash it is known
 * exactly which had started. Numbers, booleans, null and undefined travel in the slot itself, everything else in messages.
 *
 * @module
 */
import { add, compareExchange, load, notify, store } from './atomics.ts';

/** Slots of a ring. A power of two. */
export const SLOTS = 2048;
const MASK: number = SLOTS - 1;

/** Words of the head of the memory, by what they tell. */
export const HEAD = {
  /** How many calls the pool has written. */
  written: 0,
  /** How many of them are over for the worker. */
  done: 1,
  /** 1 while the worker sleeps. */
  asleep: 2,
  /** 1 while the pool wants to be woken. */
  armed: 3,
  /** Counts up when the worker is woken. */
  toWorker: 4,
  /** Counts up when the pool is woken. */
  toPool: 5,
  /** 1 when the worker has loaded. */
  ready: 6,
} as const;

/** Milliseconds of work: a float at this place. */
const BUSY = 4;

/** What the claim word of a slot says. */
export const CLAIM = {
  queued: 0,
  running: 1,
  /** Its function is being loaded. */
  loading: 5,
  /** Taken back: the worker passes over it. */
  revoked: 2,
  /** Over, with a value that is in the slot. */
  valued: 3,
  /** Over, with an outcome that comes by message. */
  told: 4,
} as const;

/** How a value is in a slot. */
const FORM = {
  nothing: 0,
  number: 1,
  undefined: 2,
  null: 3,
  true: 4,
  false: 5,
  message: 6,
} as const;

// A slot is a cache line: sixteen words, or eight floats.
const WORDS = 16;
const FLOATS = 8;
const FIRST_WORD = 16;
const FIRST_FLOAT = 8;
const BYTES: number = (FIRST_WORD + SLOTS * WORDS) * 4;

const CLAIM_WORD = 0;
const ROUTE_WORD = 1;
const ATTEMPT_WORD = 2;
const ARGUMENT_FORM = 3;
const RESULT_FORM = 4;
const TIMED_WORD = 5;
const ARGUMENT_FLOAT = 3;
const RESULT_FLOAT = 4;
const STARTED_FLOAT = 5;
const INDEX_FLOAT = 6;
const TIMEOUT_FLOAT = 7;

/** What `readArgument` gives for a call that has none, or whose arguments come by message. */
export const NO_ARGUMENT: unique symbol = Symbol('no argument');
export const BY_MESSAGE: unique symbol = Symbol('by message');

/** Whether a value can be in a slot. */
export function fitsSlot(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return true;
    default:
      return value === null;
  }
}

/** Reads and writes that memory, on either side. Positions count up for ever; a slot is found by the low bits. */
export class Board {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly #floats: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.#floats = new Float64Array(memory);
  }

  get busy(): number {
    return this.#floats[BUSY] as number;
  }

  set busy(ms: number) {
    this.#floats[BUSY] = ms;
  }

  load(head: number): number {
    return load(this.words, head);
  }

  store(head: number, value: number): void {
    store(this.words, head, value);
  }

  /** Wakes whoever waits for this word to change. */
  ring(head: number): void {
    add(this.words, head, 1);
    notify(this.words, head);
  }

  claim(seq: number): number {
    return load(this.words, wordOf(seq) + CLAIM_WORD);
  }

  /** Changes a claim from `queued`, if it still is. */
  take(seq: number, claim: number): boolean {
    const word = wordOf(seq) + CLAIM_WORD;
    return compareExchange(this.words, word, CLAIM.queued, claim) === CLAIM.queued;
  }

  setClaim(seq: number, claim: number): void {
    store(this.words, wordOf(seq) + CLAIM_WORD, claim);
  }

  /**
   * Writes a call. It is seen with the next store to `written`.
   *
   * @param timeout milliseconds; undefined for a call that has none
   */
  writeCall(
    seq: number,
    route: number,
    index: number,
    attempt: number,
    timeout: number | undefined,
  ): void {
    const word = wordOf(seq);
    const { words } = this;
    words[word + ROUTE_WORD] = route;
    words[word + ATTEMPT_WORD] = attempt;
    words[word + TIMED_WORD] = timeout === undefined ? 0 : 1;
    const float = floatOf(seq);
    this.#floats[float + INDEX_FLOAT] = index;
    if (timeout !== undefined) {
      this.#floats[float + TIMEOUT_FLOAT] = timeout;
      this.#floats[float + STARTED_FLOAT] = 0;
    }
    words[word + CLAIM_WORD] = CLAIM.queued;
  }

  route(seq: number): number {
    return this.words[wordOf(seq) + ROUTE_WORD] as number;
  }

  index(seq: number): number {
    return this.#floats[floatOf(seq) + INDEX_FLOAT] as number;
  }

  attempt(seq: number): number {
    return this.words[wordOf(seq) + ATTEMPT_WORD] as number;
  }

  isTimed(seq: number): boolean {
    return this.words[wordOf(seq) + TIMED_WORD] === 1;
  }

  timeout(seq: number): number {
    return this.#floats[floatOf(seq) + TIMEOUT_FLOAT] as number;
  }

  /** 0 while the body has not started. */
  startedAt(seq: number): number {
    return this.#floats[floatOf(seq) + STARTED_FLOAT] as number;
  }

  setStarted(seq: number, at: number): void {
    this.#floats[floatOf(seq) + STARTED_FLOAT] = at;
  }

  /** @param value one that fits, `NO_ARGUMENT` or `BY_MESSAGE` */
  writeArgument(seq: number, value: unknown): void {
    this.words[wordOf(seq) + ARGUMENT_FORM] = this.#write(floatOf(seq) + ARGUMENT_FLOAT, value);
  }

  readArgument(seq: number): unknown {
    return this.#read(this.words[wordOf(seq) + ARGUMENT_FORM], floatOf(seq) + ARGUMENT_FLOAT);
  }

  writeResult(seq: number, value: unknown): void {
    this.words[wordOf(seq) + RESULT_FORM] = this.#write(floatOf(seq) + RESULT_FLOAT, value);
  }

  readResult(seq: number): unknown {
    return this.#read(this.words[wordOf(seq) + RESULT_FORM], floatOf(seq) + RESULT_FLOAT);
  }

  #write(float: number, value: unknown): number {
    switch (value) {
      case undefined:
        return FORM.undefined;
      case null:
        return FORM.null;
      case true:
        return FORM.true;
      case false:
        return FORM.false;
      case NO_ARGUMENT:
        return FORM.nothing;
      case BY_MESSAGE:
        return FORM.message;
      default:
        this.#floats[float] = value as number;
        return FORM.number;
    }
  }

  #read(form: number | undefined, float: number): unknown {
    switch (form) {
      case FORM.number:
        return this.#floats[float];
      case FORM.undefined:
        return undefined;
      case FORM.null:
        return null;
      case FORM.true:
        return true;
      case FORM.false:
        return false;
      case FORM.nothing:
        return NO_ARGUMENT;
      default:
        return BY_MESSAGE;
    }
  }
}

function wordOf(seq: number): number {
  return FIRST_WORD + (seq & MASK) * WORDS;
}

function floatOf(seq: number): number {
  return FIRST_FLOAT + (seq & MASK) * FLOATS;
}
