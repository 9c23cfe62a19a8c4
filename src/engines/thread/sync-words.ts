/**
 * The shared memory of `runSync`: counters that wake the side that sleeps, and room for small arguments and a small result, which saves
 * them a message of 2 µs each.
 *
 * @module
 */
import { add, load, notify, store, wait } from './atomics.ts';
import { Spin } from './spin.ts';

const CALLS = 0;
const ANSWERS = 1;
const BEGUN = 2;
const LISTENING = 3;
/** The function of a call that is no message, and how many arguments it has; -1: there is none. */
const FUNCTION = 4;
const COUNT = 5;
/** Kind of the result, then of the arguments. */
const KINDS = 6;
const MAX_ARGS = 4;
/** Whether the worker has loaded its entry. */
const STARTED = KINDS + 1 + MAX_ARGS;
/** The call that has the result. */
const ANSWERED = STARTED + 1;
/** An even number: floats follow. */
const WORDS = 14;

/** Kinds of values that are not sent as a message; 0 is none. */
const NUMBER = 1;
const CONSTANTS: readonly unknown[] = [undefined, null, true, false];
const FIRST_CONSTANT = 2;

/** Stands for no result. */
export const NOTHING: unique symbol = Symbol('nothing');

/** The view of one side. */
export class SyncWords {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #numbers: Float64Array<SharedArrayBuffer>;
  readonly #spin = new Spin();

  /** @param memory what the other side has; new when there is none yet */
  constructor(memory?: SharedArrayBuffer) {
    const size = 4 * WORDS + 8 * (1 + MAX_ARGS);
    this.memory = memory ?? new SharedArrayBuffer(size);
    this.#words = new Int32Array(this.memory, 0, WORDS);
    this.#numbers = new Float64Array(this.memory, 4 * WORDS, 1 + MAX_ARGS);
    if (memory === undefined) this.#words[COUNT] = -1;
  }

  /** Whether the worker has loaded its entry. */
  get started(): boolean {
    return load(this.#words, STARTED) === 1;
  }

  /** Says that it has. */
  start(): void {
    store(this.#words, STARTED, 1);
  }

  /** How many calls there have been. */
  get calls(): number {
    return load(this.#words, CALLS);
  }

  /** How many answers and last words there have been. */
  get answers(): number {
    return load(this.#words, ANSWERS);
  }

  /** Whether all calls have begun. One that had not when its worker ended has not run. */
  get allBegun(): boolean {
    return load(this.#words, BEGUN) === this.calls;
  }

  /** Whether the worker will look here before it sleeps in its event loop. Otherwise a message has to wake it. */
  get listening(): boolean {
    return load(this.#words, LISTENING) === 1;
  }

  set listening(listening: boolean) {
    store(this.#words, LISTENING, listening ? 1 : 0);
  }

  /** Says that there is a call. */
  called(): void {
    add(this.#words, CALLS, 1);
    notify(this.#words, CALLS);
  }

  /** Says that a call begins. Gives its number. */
  begin(): number {
    return add(this.#words, BEGUN, 1) + 1;
  }

  /** Says that there is an answer. */
  answered(): void {
    add(this.#words, ANSWERS, 1);
    notify(this.#words, ANSWERS);
  }

  /** Sleeps until there are more calls than `seen`. False when there were none in time. */
  waitForCall(seen: number, ms: number): boolean {
    return this.#wait(CALLS, seen, ms);
  }

  /** Sleeps until there are more answers than `seen`. False when there were none in time. */
  waitForAnswer(seen: number, ms: number): boolean {
    return this.#wait(ANSWERS, seen, ms);
  }

  #wait(word: number, seen: number, ms: number): boolean {
    const words = this.#words;
    return this.#spin.sees(words, word, seen) || wait(words, word, seen, ms) !== 'timed-out';
  }

  /** Leaves a call here, if its arguments are few and small enough. */
  putCall(id: number, args: readonly unknown[]): boolean {
    if (args.length > MAX_ARGS) return false;
    for (let i = 0; i < args.length; i++) if (!this.#put(1 + i, args[i])) return false;
    this.#words[FUNCTION] = id;
    store(this.#words, COUNT, args.length);
    return true;
  }

  /** Takes the call that is here, if there is one. */
  takeCall(): readonly [id: number, args: readonly unknown[]] | undefined {
    const count = load(this.#words, COUNT);
    if (count < 0) return undefined;
    const args: unknown[] = [];
    for (let i = 0; i < count; i++) args.push(this.#get(1 + i));
    const id = this.#words[FUNCTION] as number;
    store(this.#words, COUNT, -1);
    return [id, args];
  }

  /** Leaves the result of a call here, if it is small enough. */
  putResult(call: number, value: unknown): boolean {
    this.#words[ANSWERED] = call;
    return this.#put(0, value);
  }

  /** Takes the result of the last call, if it is here, or NOTHING. */
  takeResult(): unknown {
    if (load(this.#words, KINDS) === 0) return NOTHING;
    const value = this.#get(0);
    store(this.#words, KINDS, 0);
    return this.#words[ANSWERED] === this.calls ? value : NOTHING;
  }

  #put(place: number, value: unknown): boolean {
    let kind = NUMBER;
    if (typeof value === 'number') this.#numbers[place] = value;
    else {
      const constant = CONSTANTS.indexOf(value);
      if (constant < 0) return false;
      kind = FIRST_CONSTANT + constant;
    }
    store(this.#words, KINDS + place, kind);
    return true;
  }

  #get(place: number): unknown {
    const kind = this.#words[KINDS + place] as number;
    return kind === NUMBER ? this.#numbers[place] : CONSTANTS[kind - FIRST_CONSTANT];
  }
}
