/**
 * One worker as a pool sees it, whether it is a thread or a process.
 *
 * @module
 */
import type { PoolCall } from './pool-call.ts';

/** How a worker ended. */
export interface WorkerEnd {
  readonly exitCode?: number | undefined;
  /** Name of the signal that killed it. */
  readonly killedBy?: string | undefined;
  /** What it died of, if it could say so. */
  readonly error?: unknown;
}

/**
 * What had become of a call when its worker died: `unstarted` is certain, so it may go to another worker; so may one that was `unloaded`,
 * whose function was being loaded, but not too often; `running` and `unsent` (it
 * had ended, its result was lost) must not run again, nor must one of which nobody knows.
 */
export type Fate = 'unstarted' | 'unloaded' | 'running' | 'unsent' | 'unknown';

/** How a body ended: with a value, or with what it threw, as `encodeThrown` wrote it. */
export type Outcome = 'value' | 'thrown';

/** The parent's end of the connection to one worker. */
export interface Link {
  /** How many more calls it can hold. */
  readonly room: number;
  /** Whether it moves what is to be moved: then nobody can take that call back. */
  readonly moves: boolean;
  /** Milliseconds that the worker's bodies have taken, and how many have ended: both only grow. */
  readonly busy: number;
  /**
   * Writes a call for the worker. The calls of one turn leave with `flush`.
   *
   * @throws Unclonable when its arguments cannot be sent; the worker knows nothing of it then
   */
  send(call: PoolCall): void;
  flush(): void;
  /** Takes a call back before it starts. False: it has started, or only the worker can tell, which then says so by `returned`. */
  revoke(call: PoolCall): boolean;
  /**
   * Asks for up to `count` calls that have not started, the last first. Gives those it could take itself; others come by `returned`.
   * Undefined when nothing comes of it: all that it has has started, or it has not answered the last time.
   */
  recall(count: number): PoolCall[] | undefined;
  /** Fires the signal of a body. */
  stop(call: PoolCall, reason: unknown): void;
  /** Sends messages on the line of a call. Throws what the clone throws. */
  tell(
    call: PoolCall,
    messages: readonly unknown[],
    transfer: readonly unknown[] | undefined,
  ): void;
  /** When the body of a call with a time-out started, on the clock of `monotonicNow`; undefined while it has not. */
  startedAt(call: PoolCall): number | undefined;
  /** Whether it has calls and has begun none of them. */
  readonly isStalled: boolean;
  /** Whether the body of this call is the one at work. */
  isRunning(call: PoolCall): boolean;
  /** What became of a call; asked after `exited`. */
  fate(call: PoolCall): Fate;
  /** Has the worker bring out what its bodies have written; `rested` follows. */
  rest(): void;
  /** Keeps the process alive while the worker lives, or no longer. */
  ref(): void;
  unref(): void;
  /** Ends a worker that has nothing to do; `exited` follows. */
  end(): void;
  /** Ends it whatever it does; `exited` follows. */
  kill(): void;
}

/** What the pool is told by a link. */
export interface LinkEvents {
  /** The worker can take calls. */
  ready(): void;
  /** A body has ended. */
  settled(call: PoolCall, outcome: Outcome, value: unknown): void;
  /** A call could not be sent after all: the worker knows nothing of it. */
  refused(call: PoolCall, error: unknown): void;
  /** A call has come back unstarted. */
  returned(call: PoolCall): void;
  /** Messages on the line of a call. */
  told(call: PoolCall, messages: readonly unknown[]): void;
  /** All that had arrived has been told. */
  drained(): void;
  /** The worker holds more memory than it should. */
  swollen(): void;
  /** Something failed that a body of this function had begun, which has ended. The worker lives on, but should be replaced. */
  late(error: unknown, functionName: string): void;
  /** Nothing of the worker's is on its way any more. */
  rested(): void;
  /** The worker is gone; all that it had still sent has been told. `pending` is what it had, the oldest first. Comes once. */
  exited(end: WorkerEnd, pending: readonly PoolCall[]): void;
}

/** Starts a worker. */
export type StartWorker = (events: LinkEvents, number: number) => Link;
