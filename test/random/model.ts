/**
 * What random programs are made of: a tree of plain data, so that one can be printed, shrunk and run again from its seed. Everything in
 * it is either short or without end; the root is left after a second, so every program ends.
 *
 * @module
 */

/** Milliseconds of virtual time; Infinity: never. */
export type Span = number;

/** A signal of the program's own. `after` is counted from the call that is given it; -1: it is aborted already. */
export interface Abort {
  readonly after: Span;
  /**
   * What it is aborted with: an error of the program, a text, or what the host gives where nothing is said. `handed on`: it is not one of its
   * own, but the signal that the work around the call was given.
   */
  readonly reason: 'error' | 'text' | 'default' | 'handed on';
}

/** One wait, in one of the ways in which programs wait. */
export interface Leaf {
  readonly kind: 'leaf';
  /**
   * `fetch` waits outside and rejects with the reason of its signal; `foreign` does not look at any signal; `stubborn` sleeps, and when that
   * is cancelled it goes on for 3 ms outside and ends as if nothing had been. All others are waits of the library.
   */
  readonly how: 'sleep' | 'until' | 'suspend' | 'cancellable' | 'fetch' | 'foreign' | 'stubborn';
  readonly takes: Span;
  /** Up to which attempt it fails, with an error of its own. Default 0: it gives a value. */
  readonly fails?: number;
}

/** A wait for something that others give, with bounds of its own. */
export interface Waiting {
  readonly kind: 'wait';
  readonly at:
    | 'queue'
    | 'channel'
    | 'event'
    | 'deferred'
    | 'lock'
    | 'semaphore'
    | 'select'
    | 'once';
  /** When there is something to be had. */
  readonly served: Span;
  readonly timeout?: Span;
  readonly signal?: Abort;
}

/** One after the other; gives what the last one gives. */
export interface Sequence {
  readonly kind: 'sequence';
  readonly works: readonly Work[];
  /** Goes on whatever they throw, as code does that swallows a cancellation. */
  readonly catches?: true;
}

/** What a scope has to do with. */
interface ScopeParts {
  readonly tasks: readonly TaskPart[];
  readonly cleanups: readonly CleanupPart[];
  readonly timeout?: Span;
  readonly signal?: Abort;
  readonly limit?: number;
  readonly goesOn?: true;
  readonly grace?: Span;
  readonly abandon?: true;
  /** When `cancel()` is called. */
  readonly cancelAfter?: Span;
}

/** A task of a scope. */
export interface TaskPart {
  readonly work: Work;
  readonly how: 'spawn' | 'daemon' | 'schedule';
  /** When `cancel()` of the task is called. */
  readonly cancelAfter?: Span;
}

/** A clean-up. */
export interface CleanupPart {
  readonly work: Leaf;
  readonly timeout?: Span;
}

/** `scope(options, body)`. */
export interface Block extends ScopeParts {
  readonly kind: 'scope';
  readonly body: Work;
  readonly shield?: true;
}

/** `openScope(options)`, with all that is done to end it. */
export interface Handle extends ScopeParts {
  readonly kind: 'handle';
  /** At least one; they may be at once, twice, and while the clean-ups run. */
  readonly ends: readonly { readonly how: 'join' | 'dispose'; readonly after: Span }[];
}

/** A scope that is one option. */
export interface TimeLimit {
  readonly kind: 'timeout' | 'moveOnAfter';
  readonly after: Span;
  readonly body: Work;
  readonly abandon?: true;
}

/** `retry(body)`. */
export interface Retry {
  readonly kind: 'retry';
  readonly retries: number;
  readonly pause: Span;
  readonly body: Work;
}

/** Where items come from. */
export interface Source {
  readonly kind: 'source';
  /**
   * `sleeper`, `catcher`, `foreigner` and `deaf` are async generators: with waits of the library, with such waits whose cancellation is caught
   * and taken for the end, with foreign waits that end, and with one that does not, which nobody can end. `bare` is an iterator without
   * `return()`, `on` is `events.on`.
   */
  readonly of:
    | 'array'
    | 'generator'
    | 'sleeper'
    | 'catcher'
    | 'foreigner'
    | 'deaf'
    | 'bare'
    | 'queue'
    | 'channel'
    | 'broadcast'
    | 'every'
    | 'readable'
    | 'piped'
    | 'web'
    | 'on'
    | 'readline'
    | 'flow';
  readonly items: number;
  /** The time between two items. */
  readonly gap: Span;
  /** What comes after the items, where the kind has a choice. */
  readonly last: 'end' | 'fail' | 'silence';
  /** Of a generator: its `finally` throws if it is closed before its end. */
  readonly closes?: 'badly';
  /** Of a `flow`. */
  readonly flow?: Flow;
}

/** How results of a stream are taken. */
export interface Consumer {
  readonly how: 'loop' | 'toArray' | 'forEach' | 'settled';
  /** Of a loop: how it is left, and after how many results. Default: it is not. */
  readonly leaves?: { readonly by: 'break' | 'throw' | 'dispose'; readonly after: number };
  /** What it waits after each result. */
  readonly pause?: Span;
}

/** One of the functions of `flow`, over a source. */
export interface Flow {
  readonly kind: 'flow';
  readonly call:
    | 'map'
    | 'collect'
    | 'gather'
    | 'race'
    | 'firstSuccess'
    | 'mapStream'
    | 'resolve'
    | 'concurrent'
    | 'asCompleted';
  readonly source: Source;
  /** What is done with an item; they take turns. */
  readonly bodies: readonly Work[];
  readonly concurrency?: number;
  /** In place of a number: one of the limiters that all parts of the program share. */
  readonly shares?: 'semaphore' | 'limiter';
  /** Where the bodies run. */
  readonly engine?: 'loop' | 'fibers';
  /** It takes its turns at a rate that all parts of the program share. */
  readonly paced?: true;
  readonly buffer?: number;
  readonly order?: 'completion';
  readonly timeout?: Span;
  readonly retries?: number;
  readonly goesOn?: true;
  readonly signal?: Abort;
  readonly grace?: Span;
  readonly abandon?: true;
  readonly consumer?: Consumer;
}

/** `concurrently`: copies of a body that share a source. */
export interface Copies {
  readonly kind: 'copies';
  readonly copies: number;
  readonly source: Source;
  readonly each: Work;
  /** What the caller does: calls the waiter (with `failHard`), stops or disposes of it after a while, or forgets it. */
  readonly end: 'wait' | 'failHard' | 'stop' | 'dispose' | 'forget';
  readonly after: Span;
  readonly signal?: Abort;
  readonly grace?: Span;
  readonly engine?: 'loop' | 'fibers';
}

/** A limiter of its own, with calls that are made at once. */
export interface Limited {
  readonly kind: 'limiter';
  readonly concurrency: number;
  readonly calls: readonly {
    readonly work: Work;
    readonly by: 'call' | 'run';
    readonly signal?: Abort;
  }[];
  readonly timeout?: Span;
  readonly retries?: number;
  readonly clearAfter?: Span;
  /** When it is disposed of, twice at once. */
  readonly disposeAfter?: Span;
}

/** The loop that everybody writes: acquire a permit, start a task that gives it back. */
export interface Permits {
  readonly kind: 'permits';
  readonly permits: number;
  readonly works: readonly Work[];
  readonly cancelAfter?: Span;
}

/** Something that takes its time and gives a value, or fails. */
export type Work =
  | Leaf
  | Waiting
  | Sequence
  | Block
  | Handle
  | TimeLimit
  | Retry
  | Flow
  | Copies
  | Limited
  | Permits;

/** A whole program. */
export interface Program {
  readonly work: Work;
  /** Of what is due at one instant, the signals and streams go first, and then the timers of the library; else the other way round. */
  readonly outsideFirst: boolean;
}

/** When the root is left. */
export const LEFT_AFTER: Span = 1000;
