/**
 * The world in which one random program runs: its time, what it shares, and what was seen to be wrong.
 *
 * `virtual` would do, but it must reckon with things that are on their way from outside the process, and waits a millisecond before it lets
 * time pass over a plain promise. Here nothing comes from there: streams, emitters and foreign promises move within a turn of the event
 * loop, so after two turns in which nothing moved, nothing will. That is a hundred times as fast, and the same in every run.
 *
 * @module
 */
import { type CallableLimiter, limiter, RateLimiter, Semaphore } from 'skein';
import { kernel } from '../../src/core/kernel.ts';
import type { Token } from '../../src/core/token.ts';
import { HookClaim } from '../../src/testing/hooks.ts';
import type { Kinds } from './call.ts';
import { TwoSidedClock } from './clock.ts';
import type { Made } from './making.ts';
import type { Abort, Span } from './model.ts';

/** Something that should not be. The same `rule` is the same kind of fault. */
export interface Violation {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
}

/** When a token was cancelled. */
export interface Watched {
  readonly token: Token;
  cancelledAt: number | undefined;
}

/** A signal of the program and when it was aborted. */
export interface Aborting {
  readonly signal: AbortSignal;
  /** It was aborted before it was given to anybody. */
  readonly before: boolean;
  /** Others may listen to it, too. */
  readonly isShared: boolean;
  abortedAt: number | undefined;
}

/** How many places shared limiters have. */
export const SHARED = 2;

interface Shared {
  readonly semaphore: Semaphore;
  readonly limiter: CallableLimiter;
  readonly pace: RateLimiter;
}

/** So many turns of the event loop in one instant are a loop that does not end. */
const MOST_TURNS = 3000;

/** How the run of a program ends. */
export type Ending = 'ended' | 'hangs' | 'spins';

/** The world of one run. */
export class World {
  readonly violations: Violation[] = [];
  readonly kinds: Kinds;
  /** What is to be looked at when all is over. */
  readonly audits: (() => void)[] = [];
  /** Something has failed whose error nobody has asked for. */
  mayWarn = false;
  /** All sources. */
  readonly made: Made[] = [];
  /** Sources that do not close, of flows that leave them behind: what tells where such a source was read, while it is open. */
  readonly deaf: (() => Token | undefined)[] = [];
  /** Limiters that all parts of the program may share. */
  readonly shared: Shared = {
    semaphore: new Semaphore(SHARED),
    limiter: limiter(SHARED),
    pace: new RateLimiter({ maxCalls: SHARED, period: 5 }),
  };
  readonly #clock: TwoSidedClock;
  readonly #watched = new Map<Token, Watched>();
  #serial = 0;

  constructor(kinds: Kinds, outsideFirst: boolean) {
    this.kinds = kinds;
    this.#clock = new TwoSidedClock(outsideFirst);
  }

  get now(): number {
    return this.#clock.now();
  }

  /** Timers of the library that are pending. */
  get timers(): number {
    return this.#clock.timers;
  }

  /** A value or a name that occurs once. */
  fresh(what: string): string {
    return `${what}${++this.#serial}`;
  }

  blame(rule: string, where: string, what: string): void {
    this.violations.push({ rule, where, what });
  }

  /** Calls `fn` later, from outside; gives a function that takes it back. */
  after(span: Span, fn: () => void): () => void {
    const timer = this.#clock.outsideAt(this.now + span, fn);
    return () => timer.stop();
  }

  /** A promise from outside; with a signal it rejects as `fetch` does. */
  async later(span: Span, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = this.after(span, resolve);
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      await promise;
    } finally {
      stop();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Makes a signal, or takes the one that is handed on. */
  abort({ after, reason }: Abort, given: () => AbortSignal): Aborting {
    if (reason === 'handed on') return this.#handedOn(given());
    const controller = new AbortController();
    const { signal } = controller;
    const aborting: Aborting = { signal, before: after < 0, isShared: false, abortedAt: undefined };
    const why = this.fresh('abort');
    const abort = (): void => {
      aborting.abortedAt = this.now;
      if (reason === 'default') controller.abort();
      else controller.abort(reason === 'text' ? why : new Error(why));
    };
    if (after < 0) abort();
    else this.after(after, abort);
    return aborting;
  }

  #handedOn(signal: AbortSignal): Aborting {
    const before = signal.aborted;
    const abortedAt = before ? this.now : undefined;
    const aborting: Aborting = { signal, before, isShared: true, abortedAt };
    signal.addEventListener('abort', () => {
      aborting.abortedAt = this.now;
    });
    return aborting;
  }

  /** Keeps an eye on a token from now on. */
  watch(token: Token): Watched {
    let watched = this.#watched.get(token);
    if (watched === undefined) {
      watched = { token, cancelledAt: undefined };
      this.#watched.set(token, watched);
    }
    return this.look(watched);
  }

  /** Time moves only when it is told to, so what is cancelled and was not before has been cancelled in this instant. */
  look(watched: Watched): Watched {
    if (watched.cancelledAt === undefined && watched.token.effective !== undefined) {
      watched.cancelledAt = this.now;
    }
    return watched;
  }

  /**
   * Runs a program in this world until it has ended, nothing moves any more, or its time is up.
   *
   * @param rest how long time goes on after the end, for what was left behind
   */
  async run(program: () => Promise<unknown>, until: number, rest: number): Promise<Ending> {
    const hooks = new HookClaim('a random program');
    hooks.set({ clock: this.#clock });
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    try {
      program().then(end, end);
      for (;;) {
        if (!(await this.#calm(() => ended))) return 'spins';
        if (ended) break;
        for (const watched of this.#watched.values()) this.look(watched);
        if (this.#clock.next > until) return 'hangs';
        this.#move();
      }
      const last = this.now + rest;
      while ((await this.#calm(() => false)) && this.#clock.next <= last) this.#move();
      return 'ended';
    } finally {
      hooks.release();
    }
  }

  #move(): void {
    this.#clock.move();
    kernel.activity++;
  }

  /** Waits until nothing moves; false when that does not happen. */
  async #calm(ended: () => boolean): Promise<boolean> {
    let quiet = 0;
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      const { activity } = kernel;
      await new Promise<void>((resolve) => setImmediate(resolve));
      quiet = kernel.activity === activity && kernel.turns === 0 ? quiet + 1 : 0;
      if (ended() || quiet === 2) return true;
    }
    return false;
  }
}
