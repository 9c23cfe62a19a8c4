/**
 * How a pool and its thread go to sleep and wake each other, over words of memory that both see. Waking costs more than a small call, so
 * neither side is woken unless it sleeps, and a wake-up could be lost between its last look and its sleep. The order of the steps below is
 * what forbids that. Each side first says that it is about to sleep and then looks once more; the other first shows what it has and then
 * looks who sleeps: whatever the order in which the steps of the two meet, one of them sees the other (Dekker's idea). And who sleeps
 * waits for a counter to change that it has read *before* that look.
 *
 * Nothing else is done here: the waits themselves, and what there is to read, are the business of `ThreadLink` and `ThreadWorker`. So the
 * explorer can run these very steps in every order, in memory of its own: `test/explore/handshake.test.ts`.
 *
 * @module
 */
import { HEAD } from './layout.ts';

/** The head of the memory. Every step is atomic, and all sides see all steps in one order. */
export interface Words {
  load(head: number): number;
  store(head: number, value: number): void;
  /** Counts up, then wakes whoever waits for this word to change. */
  ring(head: number): void;
}

/** What the pool does about news. */
export interface News {
  /** The worker has loaded. */
  ready(): void;
  /** Reads messages, and then the memory; the worker is past `done` calls. */
  read(done: number): void;
}

/** The pool's side. */
export class PoolSide {
  readonly #words: Words;
  readonly #news: News;
  /** How often the worker had rung when it was last looked for news: what it rings later must not be slept through. */
  heard = 0;
  /** The worker is to ring when there is news. */
  isArmed = false;
  isReady = false;

  constructor(words: Words, news: News) {
    this.#words = words;
    this.#news = news;
  }

  /** Shows the worker how many calls there are, and wakes it. */
  show(written: number): void {
    this.#words.store(HEAD.written, written);
    if (this.#words.load(HEAD.asleep) !== 0) this.#words.ring(HEAD.toWorker);
  }

  /**
   * Asks to be woken when something has ended. Gives whether something has already; otherwise this side can sleep while `toPool` is what it
   * has `heard`.
   *
   * @param read how many calls have been read
   */
  arm(read: number): boolean {
    const words = this.#words;
    this.isArmed = true;
    words.store(HEAD.armed, 1);
    return (
      ((words.load(HEAD.done) - read) | 0) > 0 || (!this.isReady && words.load(HEAD.ready) === 1)
    );
  }

  /** It is awake: looks for news. */
  look(): void {
    const words = this.#words;
    this.isArmed = false;
    words.store(HEAD.armed, 0);
    if (!this.isReady && words.load(HEAD.ready) === 1) {
      this.isReady = true;
      this.#news.ready();
    }
    this.heard = words.load(HEAD.toPool);
    this.#news.read(words.load(HEAD.done));
  }

  /** Ends its own sleep. */
  rouse(): void {
    this.#words.ring(HEAD.toPool);
  }
}

/** The worker's side. */
export class WorkerSide {
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  start(): void {
    this.#words.store(HEAD.ready, 1);
    this.ring();
  }

  /** Whether there are calls from this position on. */
  hasCalls(next: number): boolean {
    return this.#words.load(HEAD.written) !== next;
  }

  /** Is about to sleep. Gives what `toWorker` must be for that; undefined when there are calls after all, and it is awake. */
  fallAsleep(next: number): number | undefined {
    this.#words.store(HEAD.asleep, 1);
    const seen = this.#words.load(HEAD.toWorker);
    if (!this.hasCalls(next)) return seen;
    this.wake();
    return undefined;
  }

  wake(): void {
    this.#words.store(HEAD.asleep, 0);
  }

  /** Tells the pool how many calls are over. */
  tell(done: number): void {
    this.#words.store(HEAD.done, done);
    if (this.#words.load(HEAD.armed) === 1) this.ring();
  }

  /** Wakes the pool: it has been sent a message that must not wait for the end of a call. */
  ring(): void {
    this.#words.ring(HEAD.toPool);
  }
}
